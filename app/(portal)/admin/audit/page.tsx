import { Download, ScrollText } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { AuditFilters } from '#components/audit/audit-filters.tsx'
import { auditCsvHref, auditHref, isNarrowed } from '#components/audit/audit-search.ts'
import { AuditTable } from '#components/audit/audit-table.tsx'
import { KeysetPager } from '#components/data-table/pager.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { auditQuery } from '#lib/data/audit-query.ts'
import { auditPage, auditPeople } from '#lib/data/audit-trail.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export const metadata: Metadata = { title: 'Audit trail' }

/** Who did what, and when: every event, newest first. */
export default async function AuditTrailPage({ searchParams }: Props) {
  const user = await requireUser('audit:read')
  const query = auditQuery.safeParse(await searchParams)
  if (!query.success) notFound()
  const { filter, cursor } = query.data
  const [{ rows, next, previous }, people] = await orErrorPage(Promise.all([auditPage(user, filter, cursor), auditPeople(user)]))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PageHeader
        title="Audit trail"
        description="Who did what, and when. Events are never changed or deleted; each carries the hash of the one before, so that a change would show."
        actions={<Button asChild size="sm"><a href={auditCsvHref(filter)} download><Download aria-hidden />Download as CSV</a></Button>}
      />
      <AuditFilters people={people} only={filter.object === null || filter.id === null ? null : rows[0]?.object.label ?? `No. ${filter.id}`} />
      <div className="overflow-hidden rounded-lg border bg-card">
        {rows.length === 0 ? (
          <EmptyState icon={ScrollText} title="No such event" action={isNarrowed(filter) ? <Button asChild><Link href="/admin/audit">Show everything</Link></Button> : undefined}>
            {isNarrowed(filter) ? 'Nothing that happened is of this kind.' : 'Nothing has happened yet.'}
          </EmptyState>
        ) : <AuditTable rows={rows} />}
        <KeysetPager
          noun="events"
          summary={rows.length === 0 ? undefined : `Events ${rows[0]!.number} to ${rows.at(-1)!.number}`}
          previous={previous === null ? null : auditHref(filter, { before: previous })}
          next={next === null ? null : auditHref(filter, { after: next })}
        />
      </div>
    </div>
  )
}
