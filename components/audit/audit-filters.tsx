'use client'

import { X } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { FilterChoice, FilterDay } from '#components/data-table/filter-fields.tsx'
import { fromLocalDay, toLocalDay } from '#components/loads/days.ts'
import { pageFilterMark } from '#components/shell/page-filter.ts'
import { Button } from '#components/ui/button.tsx'
import { useHydrated } from '#components/ui/use-hydrated.ts'
import { auditActions, auditObjects, type AuditAction, type AuditObject } from '#lib/audit/event.ts'
import type { AuditPerson } from '#lib/data/audit-trail.ts'
import { auditParams, isNarrowed } from './audit-search.ts'
import { objectWords } from './words.ts'

const actions = Object.entries(auditActions).toSorted(([, a], [, b]) => a.localeCompare(b))

/** Narrows the audit trail; every choice is in the address at once, and begins at the newest event. */
export function AuditFilters({ people, only }: { people: readonly AuditPerson[]; /** The one thing that the list is about, as people call it. */ only: string | null }) {
  const [search, setSearch] = useQueryStates(auditParams, { shallow: false, history: 'push' })
  const hydrated = useHydrated()
  const choose = (change: Partial<Parameters<typeof setSearch>[0] & object>) => void setSearch({ ...change, after: null, before: null })
  const day = (moment: Date | null, offset: number) => (hydrated && moment ? toLocalDay(moment, offset) : '')
  return (
    <div {...pageFilterMark} role="group" aria-label="Filters" className="flex flex-wrap items-end gap-3">
      <FilterChoice label="Who" any="Everybody" value={search.who} options={[['machine', 'No account'], ...people.map(({ id, name, email }) => [id, `${name} (${email})`] as const)]}
        onChange={(who) => choose({ who })} />
      <FilterChoice label="What" any="Everything" value={search.action} options={actions} onChange={(action) => choose({ action: action as AuditAction | null })} />
      <FilterChoice label="On" any="Anything" value={search.object} options={auditObjects.map((object) => [object, objectWords[object]] as const)}
        onChange={(object) => choose({ object: object as AuditObject | null, id: null })} />
      {/* The address holds moments, so that a shared link shows the same events in every time zone. */}
      <FilterDay label="From" ready={hydrated} value={day(search.from, 0)} onChange={(text) => choose({ from: fromLocalDay(text, 0) })} />
      <FilterDay label="To" ready={hydrated} value={day(search.to, -1)} onChange={(text) => choose({ to: fromLocalDay(text, 1) })} />
      {only === null ? null : <Button variant="outline" aria-label={`Not only ${only}`} onClick={() => choose({ id: null })}>Only {only}<X aria-hidden /></Button>}
      {isNarrowed(search) ? (
        <Button variant="ghost" onClick={() => choose({ who: null, action: null, object: null, id: null, from: null, to: null })}><X aria-hidden />Clear filters</Button>
      ) : null}
    </div>
  )
}
