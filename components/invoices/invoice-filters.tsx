'use client'

import { X } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { FilterChoice, FilterDay } from '#components/data-table/filter-fields.tsx'
import { Button } from '#components/ui/button.tsx'
import { useHydrated } from '#components/ui/use-hydrated.ts'
import type { InvoiceChoices } from '#lib/data/invoices.ts'
import { invoiceSearchParams, isFiltered, noFilters } from './invoice-search-params.ts'

const originWords = { imported: 'Imported', native: 'Made here' } as const

/** Chooses the shop and narrows its invoices; every choice is in the address at once. */
export function InvoiceFilters({ shop, choices }: { shop: string; choices: InvoiceChoices }) {
  const [search, setSearch] = useQueryStates(invoiceSearchParams, { shallow: false, history: 'push' })
  const hydrated = useHydrated()
  return (
    <div role="group" aria-label="Filters" className="print-hidden flex flex-wrap items-end gap-3">
      <FilterChoice label="Shop" wide value={shop} options={choices.shops.map(({ id, name, slug, partner }) => [id, `${name} (${partner} / ${slug})`])}
        onChange={(chosen) => void setSearch({ ...noFilters, shop: chosen })} />
      <FilterChoice label="Origin" any="Any origin" value={search.origin} options={Object.entries(originWords)}
        onChange={(origin) => void setSearch({ origin: origin as keyof typeof originWords | null, load: null, page: null })} />
      <FilterChoice label="Load" any="Any load" value={search.load} options={choices.loads.map(({ id, loadId }) => [id, loadId])}
        onChange={(load) => void setSearch({ load, origin: null, page: null })} />
      <FilterDay label="From" ready={hydrated} value={search.from ?? ''} onChange={(day) => void setSearch({ from: day || null, page: null })} />
      <FilterDay label="To" ready={hydrated} value={search.to ?? ''} onChange={(day) => void setSearch({ to: day || null, page: null })} />
      {isFiltered(search) ? <Button variant="ghost" onClick={() => void setSearch(noFilters)}><X aria-hidden />Clear filters</Button> : null}
    </div>
  )
}
