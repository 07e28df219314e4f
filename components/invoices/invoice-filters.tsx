'use client'

import { X } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useId } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import type { InvoiceChoices } from '#lib/data/invoices.ts'
import { invoiceSearchParams, isFiltered, noFilters } from './invoice-search-params.ts'

const originWords = { imported: 'Imported', native: 'Made here' } as const

/** Chooses the shop and narrows its invoices; every choice is in the address at once. */
export function InvoiceFilters({ shop, choices }: { shop: string; choices: InvoiceChoices }) {
  const [search, setSearch] = useQueryStates(invoiceSearchParams, { shallow: false, history: 'push' })
  return (
    <div role="group" aria-label="Filters" className="print-hidden flex flex-wrap items-end gap-3">
      <Choice label="Shop" wide value={shop} options={choices.shops.map(({ id, name, slug, partner }) => [id, `${name} (${partner} / ${slug})`])}
        onChange={(chosen) => void setSearch({ ...noFilters, shop: chosen })} />
      <Choice label="Origin" any="Any origin" value={search.origin} options={Object.entries(originWords)}
        onChange={(origin) => void setSearch({ origin: origin as keyof typeof originWords | null, load: null, page: null })} />
      <Choice label="Load" any="Any load" value={search.load} options={choices.loads.map(({ id, loadId }) => [id, loadId])}
        onChange={(load) => void setSearch({ load, origin: null, page: null })} />
      <Day label="From" value={search.from} onChange={(from) => void setSearch({ from, page: null })} />
      <Day label="To" value={search.to} onChange={(to) => void setSearch({ to, page: null })} />
      {isFiltered(search) ? <Button variant="ghost" onClick={() => void setSearch(noFilters)}><X aria-hidden />Clear filters</Button> : null}
    </div>
  )
}

type ChoiceProps = {
  label: string; wide?: boolean; /** The words for no choice; without them there always is one. */ any?: string
  value: string | null; options: [string, string][]; onChange: (value: string | null) => void
}

// The value of "no choice"; ids are digits and words are letters, so it cannot be one of them.
const ANY = '*'

function Choice({ label, wide = false, any, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <div className={wide ? 'grid w-72 gap-1 max-sm:w-full' : 'grid w-48 gap-1 max-sm:w-[calc(50%-0.375rem)]'}>
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Select value={value ?? ANY} onValueChange={(chosen) => onChange(chosen === ANY ? null : chosen)}>
        <SelectTrigger id={id}><SelectValue /></SelectTrigger>
        <SelectContent>
          {any === undefined ? null : <SelectItem value={ANY}>{any}</SelectItem>}
          {options.map(([option, text]) => <SelectItem key={option} value={option}>{text}</SelectItem>)}
        </SelectContent>
      </Select>
    </div>
  )
}

function Day({ label, value, onChange }: { label: string; value: string | null; onChange: (day: string | null) => void }) {
  const id = useId()
  return (
    <div className="grid w-38 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Input id={id} type="date" value={value ?? ''} onChange={(event) => onChange(event.target.value || null)} />
    </div>
  )
}
