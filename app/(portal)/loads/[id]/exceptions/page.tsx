import { EyeOff, Filter, Upload } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { KeysetPager } from '#components/data-table/pager.tsx'
import { exceptionsHref, groupFilter, type Place } from '#components/exceptions/addresses.ts'
import { DownloadMenu } from '#components/exceptions/download-menu.tsx'
import { ExceptionTable } from '#components/exceptions/exception-table.tsx'
import { GroupList, isSelected } from '#components/exceptions/group-list.tsx'
import { NoExceptions } from '#components/exceptions/no-exceptions.tsx'
import { foldedCount, selectionTitle, summary } from '#components/exceptions/summary.ts'
import { capital, entityPlural } from '#components/exceptions/words.ts'
import { AttemptsMenu } from '#components/loads/attempts-menu.tsx'
import { DryRunBadge } from '#components/loads/dry-run-badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { can } from '#lib/auth/permissions.ts'
import { requireUser } from '#lib/auth/session.ts'
import { rejectedEntities } from '#lib/data/exception-downloads.ts'
import { exceptionQuery } from '#lib/data/exception-query.ts'
import { exceptionGroups, exceptionPage, loadWithAttempts } from '#lib/data/exceptions.ts'
import { getLoad } from '#lib/data/loads.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export const metadata: Metadata = { title: 'Exceptions of the load' }

/** Why rows of a load stayed out or came in with a remark: in groups, and down to the single row. */
export default async function ExceptionsPage({ params, searchParams }: Props) {
  const user = await requireUser('exception:read')
  const { id } = await params
  const query = exceptionQuery.safeParse(await searchParams)
  if (!query.success) notFound()
  const { filter, cursor } = query.data
  const [load, { attempt, masked }] = await orErrorPage(Promise.all([getLoad(user, id), loadWithAttempts(user, id, query.data.attempt)]))
  if (!attempt) return <Card><NoExceptions loadId={id} attempt={null} /></Card>

  const place: Place = { loadId: id, attempt: query.data.attempt }
  const [groups, page] = await orErrorPage(Promise.all([exceptionGroups(user, attempt.id), exceptionPage(user, attempt.id, filter, cursor)]))
  const withErrors = [...new Set(groups.filter((group) => group.severity === 'error').flatMap((group) => group.entity ?? []))]
  const rejected = await rejectedEntities(user, id, attempt.number, withErrors)
  const selected = groups.find((group) => isSelected(filter, group))
  const title = selectionTitle(filter, selected)
  const listed = selected ? groupFilter(selected) : filter
  const folded = foldedCount(groups, filter)
  const newerDryRun = load.attempts.find(({ number, dryRun }) => dryRun && number > attempt.number)

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {load.attempts.length > 1 ? <AttemptsMenu id={id} attempts={load.attempts} shown={attempt.number} path="/exceptions" /> : null}
        <p className="text-13 text-muted-foreground">{summary(groups, attempt.status)}</p>
        {groups.length > 0 ? (
          <div className="print-hidden ml-auto flex flex-wrap gap-2">
            {/* After a dry run the corrected rows alone would be too few: nothing of the others came in. */}
            {rejected.length > 0 && load.maySend && !attempt.dryRun ? <Button asChild size="sm"><Link href={`/loads/new?correct=${id}`}><Upload aria-hidden />Send corrected rows</Link></Button> : null}
            <DownloadMenu place={place} shown={title === null ? null : { filter, label: `Only: ${title}` }} rejected={rejected} />
          </div>
        ) : null}
      </div>
      {attempt.dryRun ? <p className="flex flex-wrap items-center gap-2 text-13 text-muted-foreground"><DryRunBadge />What a load of these files would leave out. Nothing was written.</p> : null}
      {newerDryRun && query.data.attempt === null ? (
        <p className="text-13 text-muted-foreground">
          Attempt {newerDryRun.number} was a dry run; this is attempt {attempt.number}. <Link className="text-link hover:underline" href={exceptionsHref({ loadId: id, attempt: newerDryRun.number })}>See what the dry run found</Link>
        </p>
      ) : null}
      {masked ? <p className="flex items-center gap-1.5 text-13 text-muted-foreground"><EyeOff aria-hidden className="size-4 shrink-0" />Personal data is masked for your role, here and in downloads.</p> : null}

      {groups.length === 0 ? (
        <Card><NoExceptions loadId={id} attempt={attempt} /></Card>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[17rem_minmax(0,1fr)]">
          <div className="max-lg:max-h-72 max-lg:overflow-y-auto max-lg:rounded-lg max-lg:border max-lg:p-2 lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto">
            <GroupList place={place} groups={groups} filter={filter} />
          </div>
          <Card className="overflow-hidden">
            <CardHeader>
              <div className="min-w-0 flex-1 max-sm:basis-full">
                <CardTitle>{title ?? 'All exceptions'}</CardTitle>
                <CardDescription>{selected ? selected.advice : folded > 0 ? 'Errors first. Rows that were only left out with their parent are folded under the row that caused it.' : 'Errors first, group after group.'}</CardDescription>
              </div>
              {selected && selected.entity !== null ? <p className="text-13 text-muted-foreground">{capital(entityPlural(selected.entity))}{selected.column === null ? null : <>, <span className="font-mono text-xs">{selected.column}</span></>}</p> : null}
            </CardHeader>
            <div className="border-t">
              {page.rows.length === 0 ? (
                <EmptyState icon={Filter} title="Nothing here" action={<Button asChild><Link href={exceptionsHref(place)}>Show all exceptions</Link></Button>}>
                  This attempt has no exceptions of this kind.
                </EmptyState>
              ) : (
                <ExceptionTable place={place} attempt={attempt.number} rows={page.rows} toStaging={can(user, 'staging:read')} ofOneGroup={selected !== undefined} />
              )}
              <KeysetPager
                noun="exceptions"
                summary={page.rows.length === 0 ? undefined : `${formatNumber(page.rows.length)} of ${formatNumber(page.total)}${folded > 0 ? `, with ${formatNumber(folded)} folded below` : ''}`}
                previous={page.previous === null ? null : exceptionsHref(place, { ...listed, before: page.previous })}
                next={page.next === null ? null : exceptionsHref(place, { ...listed, after: page.next })}
              />
            </div>
          </Card>
        </div>
      )}
    </div>
  )
}
