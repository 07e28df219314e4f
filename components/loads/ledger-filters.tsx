'use client'

import { X } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { FilterChoice, FilterDay } from '#components/data-table/filter-fields.tsx'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Button } from '#components/ui/button.tsx'
import { useHydrated } from '#components/ui/use-hydrated.ts'
import type { LedgerChoices } from '#lib/data/loads.ts'
import { fromLocalDay, toLocalDay } from './days.ts'
import { isFiltered, ledgerParams } from './ledger-search.ts'

const exceptionWords = { rejected: 'With rejected rows', warnings: 'With warnings', none: 'Without any' } as const

/** Narrows the ledger; every choice is in the address at once. `byPartner`: the person sees several. */
export function LedgerFilters({ choices, byPartner }: { choices: LedgerChoices; byPartner: boolean }) {
  const [search, setSearch] = useQueryStates(ledgerParams, { shallow: false, history: 'push' })
  const hydrated = useHydrated()
  const shops = search.partner === null ? choices.shops : choices.shops.filter(({ partnerId }) => partnerId === search.partner)
  const day = (moment: Date | null, offset: number) => (hydrated && moment ? toLocalDay(moment, offset) : '')
  return (
    <div {...pageFilterMark} role="group" aria-label="Filters" className="flex flex-wrap items-end gap-3">
      {byPartner ? (
        <FilterChoice label="Partner" any="All partners" value={search.partner} options={choices.partners.map(({ id, name }) => [id, name])}
          onChange={(partner) => void setSearch({ partner, shop: null, page: null })} />
      ) : null}
      <FilterChoice label="Shop" any="All shops" value={search.shop} options={shops.map(({ id, name, slug }) => [id, `${name} (${slug})`])}
        onChange={(shop) => void setSearch({ shop, page: null })} />
      <FilterChoice label="Started by" any="Everybody" value={search.person} options={choices.people.map(({ id, name }) => [id, name])}
        onChange={(person) => void setSearch({ person, page: null })} />
      <FilterChoice label="Exceptions" any="With or without" value={search.exceptions} options={Object.entries(exceptionWords)}
        onChange={(exceptions) => void setSearch({ exceptions: exceptions as keyof typeof exceptionWords | null, page: null })} />
      {/* The address holds moments, so that a shared link shows the same loads in every time zone. */}
      <FilterDay label="From" ready={hydrated} value={day(search.from, 0)} onChange={(text) => void setSearch({ from: fromLocalDay(text, 0), page: null })} />
      <FilterDay label="To" ready={hydrated} value={day(search.to, -1)} onChange={(text) => void setSearch({ to: fromLocalDay(text, 1), page: null })} />
      {isFiltered(search) ? (
        <Button variant="ghost" onClick={() => void setSearch({ status: null, partner: null, shop: null, person: null, from: null, to: null, exceptions: null, page: null })}>
          <X aria-hidden />Clear filters
        </Button>
      ) : null}
    </div>
  )
}
