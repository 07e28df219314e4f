'use client'

import { X } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useId, useSyncExternalStore } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx'
import type { LedgerChoices } from '#lib/data/loads.ts'
import { fromLocalDay, toLocalDay } from './days.ts'
import { isFiltered, ledgerParams } from './ledger-search.ts'

const exceptionWords = { rejected: 'With rejected rows', warnings: 'With warnings', none: 'Without any' } as const

/** Narrows the ledger; every choice is in the address at once. */
export function LedgerFilters({ choices }: { choices: LedgerChoices }) {
  const [search, setSearch] = useQueryStates(ledgerParams, { shallow: false, history: 'push' })
  const hydrated = useHydrated()
  const shops = search.partner === null ? choices.shops : choices.shops.filter(({ partnerId }) => partnerId === search.partner)
  const day = (moment: Date | null, offset: number) => (hydrated && moment ? toLocalDay(moment, offset) : '')
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-end gap-3">
      <Choice label="Partner" any="All partners" value={search.partner} options={choices.partners.map(({ id, name }) => [id, name])}
        onChange={(partner) => void setSearch({ partner, shop: null, page: null })} />
      <Choice label="Shop" any="All shops" value={search.shop} options={shops.map(({ id, name, slug }) => [id, `${name} (${slug})`])}
        onChange={(shop) => void setSearch({ shop, page: null })} />
      <Choice label="Started by" any="Everybody" value={search.person} options={choices.people.map(({ id, name }) => [id, name])}
        onChange={(person) => void setSearch({ person, page: null })} />
      <Choice label="Exceptions" any="With or without" value={search.exceptions} options={Object.entries(exceptionWords)}
        onChange={(exceptions) => void setSearch({ exceptions: exceptions as keyof typeof exceptionWords | null, page: null })} />
      {/* The address holds moments, so that a shared link shows the same loads in every time zone. */}
      <Day label="From" ready={hydrated} value={day(search.from, 0)} onChange={(text) => void setSearch({ from: fromLocalDay(text, 0), page: null })} />
      <Day label="To" ready={hydrated} value={day(search.to, -1)} onChange={(text) => void setSearch({ to: fromLocalDay(text, 1), page: null })} />
      {isFiltered(search) ? (
        <Button variant="ghost" onClick={() => void setSearch({ status: null, partner: null, shop: null, person: null, from: null, to: null, exceptions: null, page: null })}>
          <X aria-hidden />Clear filters
        </Button>
      ) : null}
    </div>
  )
}

type ChoiceProps = { label: string; any: string; value: string | null; options: [string, string][]; onChange: (value: string | null) => void }

// The value of "no choice"; ids are digits and words are letters, so it cannot be one of them.
const ANY = '*'

function Choice({ label, any, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <div className="grid w-44 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Select value={value ?? ANY} onValueChange={(chosen) => onChange(chosen === ANY ? null : chosen)}>
        <SelectTrigger id={id}><SelectValue /></SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>{any}</SelectItem>
          {options.map(([option, text]) => <SelectItem key={option} value={option}>{text}</SelectItem>)}
        </SelectContent>
      </Select>
    </div>
  )
}

function Day({ label, ready, value, onChange }: { label: string; /** Before that, what somebody types would be lost. */ ready: boolean; value: string; onChange: (day: string) => void }) {
  const id = useId()
  return (
    <div className="grid w-38 gap-1 max-sm:w-[calc(50%-0.375rem)]">
      <Label htmlFor={id} className="text-xs text-muted-foreground">{label}</Label>
      <Input id={id} type="date" disabled={!ready} value={value} onChange={(event) => onChange(event.target.value)} />
    </div>
  )
}

const never = () => () => {}

/** False on the server and in the first render, which must agree with it; the server does not know the reader's time zone. */
function useHydrated(): boolean {
  return useSyncExternalStore(never, () => true, () => false)
}
