import { Archive, Filter } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { KeysetPager } from '#components/data-table/pager.tsx'
import { entityTitle } from '#components/loads/words.ts'
import { sheetHref, type Sheet } from '#components/staging/addresses.ts'
import { JumpForm } from '#components/staging/jump-form.tsx'
import { RecordDetail } from '#components/staging/record-detail.tsx'
import { RecordSheet } from '#components/staging/record-sheet.tsx'
import { RecordTable } from '#components/staging/record-table.tsx'
import { VerdictTabs } from '#components/staging/verdict-tabs.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { LinkTabs } from '#components/ui/tabs.tsx'
import { requireUser, type CurrentUser } from '#lib/auth/session.ts'
import { recordsQuery, sheetParams, type SheetView } from '#lib/data/staging-query.ts'
import { stagedRecord, stagedRecords, stagedSheet, type StagedSheet } from '#lib/data/staging.ts'
import { orErrorPage } from '#lib/http/page.ts'
import { isUnderWay } from '#lib/load-status.ts'

type Props = { params: Promise<{ loadId: string; entity: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export const metadata: Metadata = { title: 'Staged rows' }

/** The rows of one staged file as they were sent; one of them opens beside what production holds. */
export default async function StagedRowsPage({ params, searchParams }: Props) {
  const user = await requireUser('staging:read')
  const [place, query] = [sheetParams.safeParse(await params), recordsQuery.safeParse(await searchParams)]
  if (!place.success || !query.success) notFound()
  const { loadId, entity } = place.data
  const staged = await orErrorPage(stagedSheet(user, loadId, entity, query.data.attempt))
  const sheet: Sheet = { loadId, entity, attempt: query.data.attempt }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <PageHeader
        crumbs={[{ label: 'Staging', href: '/staging' }, { label: staged.load.slug, href: `/staging/${loadId}` }, { label: entityTitle(entity) }]}
        title={`${entityTitle(entity)} as sent`}
        description={<>{staged.load.shopName} from {staged.load.partnerName}. Staged by attempt {staged.stagedByAttempt}, <RelativeTime iso={staged.stagedAt} />. {verdictsFrom(staged)}</>}
        actions={staged.purgedAt === null ? <JumpForm key={entity} sheet={sheet} records={staged.records} /> : null}
      />
      <LinkTabs
        label="Staged files of the load"
        tabs={staged.entities.map((other) => ({ href: sheetHref({ ...sheet, entity: other.entity }), label: entityTitle(other.entity), current: other.entity === entity, count: formatNumber(other.records) }))}
      />
      {staged.purgedAt === null ? <Rows user={user} staged={staged} sheet={sheet} view={query.data} /> : (
        <div className="rounded-lg border bg-card">
          <EmptyState icon={Archive} title="The rows are no longer kept" action={<Button asChild><Link href={`/loads/${loadId}/exceptions?entity=${entity}`}>Exceptions of this file</Link></Button>}>
            Staging rows of this load were purged on <RelativeTime iso={staged.purgedAt} absolute />. Counts, exceptions and the rows in production are kept.
          </EmptyState>
        </div>
      )}
    </div>
  )
}

function verdictsFrom({ counts, verdictsOf, stagedByAttempt }: StagedSheet): string {
  if (counts === null) return `Attempt ${verdictsOf.number} ${isUnderWay(verdictsOf.status) ? 'is still running' : verdictsOf.dryRun ? 'was a dry run' : 'did not get through'}, so rows show the verdict on their own values only.`
  return verdictsOf.number === stagedByAttempt ? '' : `Attempt ${verdictsOf.number} used them again; the verdicts are its own.`
}

type RowsProps = { user: CurrentUser; staged: StagedSheet; sheet: Sheet; view: SheetView }

async function Rows({ user, staged, sheet, view }: RowsProps) {
  const { loadId, entity, attempt } = sheet
  const { verdict, record, cursor } = view
  const page = await orErrorPage(stagedRecords(user, loadId, entity, attempt, { verdict, cursor }))
  const onPage = page.rows.map((row) => row.record)
  // Opening and closing a record keeps the list where it is, unless the record is not in it.
  const list = { verdict, ...('before' in cursor ? { before: cursor.before } : { after: cursor.after }) }
  const hrefOf = (number: number) => sheetHref(sheet, { ...(onPage.includes(number) ? list : { verdict }), record: number })
  const caption = `Staged ${entityTitle(entity).toLowerCase()}`
  return (
    <>
      <div className="overflow-hidden rounded-lg border bg-card">
        <div className="px-2 pt-1"><VerdictTabs sheet={sheet} counts={staged.counts} records={staged.records} verdict={verdict} /></div>
        {page.rows.length === 0 ? (
          <EmptyState icon={Filter} title="No such records" action={<Button asChild><Link href={sheetHref(sheet)}>Show all records</Link></Button>}>
            {staged.records === 0 ? 'The file has no records.' : 'No record of this file fits the filter.'}
          </EmptyState>
        ) : <RecordTable columns={staged.columns} rows={page.rows} caption={caption} hrefOf={hrefOf} selected={record} />}
        <KeysetPager
          noun={caption.toLowerCase()}
          summary={page.rows.length === 0 ? undefined : `Records ${formatNumber(page.rows[0]!.record)} to ${formatNumber(page.rows.at(-1)!.record)} of ${formatNumber(staged.records)}`}
          previous={page.previous === null ? null : sheetHref(sheet, { verdict, before: page.previous })}
          next={page.next === null ? null : sheetHref(sheet, { verdict, after: page.next })}
        />
      </div>
      {record === null ? null : <OpenRecord {...{ user, sheet, record }} closeHref={sheetHref(sheet, list)} neighbours={verdict === null ? beside(record, staged.records) : neighbours(onPage, record)} hrefOf={hrefOf} />}
    </>
  )
}

type Neighbours = { previous: number | null; next: number | null }

/** In a list of all records: they are numbered without gaps. */
function beside(record: number, records: number): Neighbours {
  return { previous: record > 1 ? record - 1 : null, next: record < records ? record + 1 : null }
}

/** In a list of some: as far as its page shows them. */
function neighbours(records: readonly number[], record: number): Neighbours {
  const at = records.indexOf(record)
  return { previous: records[at - 1] ?? null, next: at < 0 ? null : (records[at + 1] ?? null) }
}

type OpenProps = { user: CurrentUser; sheet: Sheet; record: number; closeHref: string; neighbours: Neighbours; hrefOf: (record: number) => string }

async function OpenRecord({ user, sheet, record, closeHref, neighbours: { previous, next }, hrefOf }: OpenProps) {
  const staged = await orErrorPage(stagedRecord(user, sheet.loadId, sheet.entity, sheet.attempt, record))
  return (
    <RecordSheet
      title={`Record ${formatNumber(record)}, line ${formatNumber(staged.line)}`}
      closeHref={closeHref}
      previousHref={previous === null ? null : hrefOf(previous)}
      nextHref={next === null ? null : hrefOf(next)}
    >
      <RecordDetail staged={staged} />
    </RecordSheet>
  )
}
