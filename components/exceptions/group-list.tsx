import Link from 'next/link'
import { cn } from '#components/ui/cn.ts'
import { formatNumber } from '#components/ui/num.tsx'
import type { Severity } from '#lib/contract/codes.ts'
import type { ExceptionFilter, ExceptionGroup } from '#lib/data/exceptions.ts'
import { exceptionsHref, groupFilter, type Place } from './addresses.ts'
import { SeverityMark } from './severity.tsx'
import { capital, entityPlural } from './words.ts'

const headings: Record<Severity, string> = { error: 'Rows left out', warning: 'Remarks and warnings' }

/** All groups of an attempt with their counts; each is a link that shows its rows. */
export function GroupList({ place, groups, filter }: { place: Place; groups: readonly ExceptionGroup[]; filter: ExceptionFilter }) {
  const anySelected = filter.entity ?? filter.code ?? filter.column ?? filter.severity ?? filter.record
  const shown = groups.filter((group) => filter.severity === null || filter.code !== null || group.severity === filter.severity)
  return (
    <nav aria-label="Groups of exceptions" className="grid gap-4">
      <Link
        href={exceptionsHref(place)}
        scroll={false}
        aria-current={anySelected === null ? 'true' : undefined}
        className="flex min-h-8 items-center justify-between gap-3 rounded-md px-2 text-13 font-medium hover:bg-accent aria-[current]:bg-accent"
      >
        <span>All exceptions</span>
        <span className="text-muted-foreground tabular-nums">{formatNumber(groups.reduce((sum, { count }) => sum + count, 0))}</span>
      </Link>
      {(['error', 'warning'] as const).map((severity) => {
        const ofSeverity = shown.filter((group) => group.severity === severity)
        return ofSeverity.length === 0 ? null : <SeveritySection key={severity} severity={severity} groups={ofSeverity} place={place} filter={filter} />
      })}
    </nav>
  )
}

function SeveritySection({ severity, groups, place, filter }: { severity: Severity; groups: ExceptionGroup[]; place: Place; filter: ExceptionFilter }) {
  return (
    <section aria-label={headings[severity]} className="grid gap-1.5">
      <h2 className="flex items-center gap-1.5 px-2 text-xs font-medium"><SeverityMark severity={severity} /> {headings[severity]}</h2>
      {[...Map.groupBy(groups, (group) => group.entity)].map(([entity, ofEntity]) => (
        <div key={entity}>
          <Link
            href={exceptionsHref(place, { entity: entity ?? 'package', severity })}
            scroll={false}
            className={cn(
              'flex min-h-6 items-center rounded-md px-2 text-xs text-muted-foreground hover:bg-accent hover:text-foreground',
              filter.code === null && filter.entity === (entity ?? 'package') && (filter.severity ?? severity) === severity && 'bg-accent text-foreground',
            )}
          >
            {capital(entityPlural(entity))}
          </Link>
          <ul className="grid gap-0.5">
            {ofEntity.map((group) => <li key={`${group.code} ${group.column}`}><GroupLink place={place} group={group} selected={isSelected(filter, group)} /></li>)}
          </ul>
        </div>
      ))}
    </section>
  )
}

function GroupLink({ place, group, selected }: { place: Place; group: ExceptionGroup; selected: boolean }) {
  return (
    <Link
      href={exceptionsHref(place, groupFilter(group))}
      scroll={false}
      aria-current={selected ? 'true' : undefined}
      className="grid min-h-8 gap-0.5 rounded-md px-2 py-1.5 text-13 hover:bg-accent aria-[current]:bg-accent"
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="font-medium">{group.title}</span>
        <span className="text-muted-foreground tabular-nums">{formatNumber(group.count)}</span>
      </span>
      {group.column === null ? null : <span className="truncate font-mono text-xs text-muted-foreground" title={group.column}>{group.column}</span>}
      {group.samples.length === 0 || group.code === 'parent_rejected' ? null : (
        <span className="truncate text-xs text-muted-foreground">{group.samples.map((value) => `“${value.replace(/\s+/g, ' ')}”`).join(', ')}</span>
      )}
    </Link>
  )
}

/** Whether the filter takes exactly this group. */
export function isSelected(filter: ExceptionFilter, group: ExceptionGroup): boolean {
  return filter.code === group.code && filter.entity === (group.entity ?? 'package') && filter.column === (group.column ?? '')
    && (filter.severity ?? group.severity) === group.severity
}
