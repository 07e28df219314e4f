'use client'

import { Download, ListFilter, Upload } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { ColumnsMenu } from '#components/data-table/columns-menu.tsx'
import { DataTable, type DataColumn } from '#components/data-table/data-table.tsx'
import { keepHiddenColumns } from '#components/data-table/hidden-columns.ts'
import type { Sort } from '#components/data-table/search-params.ts'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { cn } from '#components/ui/cn.ts'
import { formatNumber, Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Ledger, LedgerChoices, LedgerRow } from '#lib/data/loads.ts'
import { LoadBadges } from './dry-run-badge.tsx'
import { LedgerFilters } from './ledger-filters.tsx'
import { isFiltered, LEDGER, ledgerParams } from './ledger-search.ts'
import { startedBy } from './started-by.ts'
import { StatusTabs } from './status-tabs.tsx'
import { useLedgerUpdates } from './use-ledger-updates.ts'
import { counted, duration } from './words.ts'

// Ten columns must fit beside the sidebar, so they stand closer than in other lists.
const columns = ([
  { id: 'status', header: 'Status', cell: ({ status, dryRun }) => <LoadBadges status={status} dryRun={dryRun} /> },
  { id: 'load', header: 'Load id', rowHeader: true, cell: ({ loadId }) => <span className="block max-w-40 truncate min-[1800px]:max-w-64" title={loadId}>{loadId}</span> },
  { id: 'shop', header: 'Shop', cell: ({ shop }) => <span className="line-clamp-2 max-w-32 break-words min-[1800px]:max-w-56" title={`${shop.name} (${shop.slug})`}>{shop.name}</span> },
  { id: 'partner', header: 'Partner', cell: ({ partner }) => <span className="block max-w-26 truncate min-[1800px]:max-w-32" title={`${partner.name} (${partner.slug})`}>{partner.name}</span> },
  { id: 'startedBy', header: 'Started by', cell: (row) => <span className="block max-w-26 truncate min-[1800px]:max-w-32">{startedBy(row)}</span> },
  { id: 'started', header: 'Started', sortable: true, cell: ({ startedAt }) => <RelativeTime iso={startedAt} className="whitespace-nowrap" /> },
  { id: 'duration', header: 'Duration', align: 'right', sortable: true, hint: 'Of the latest attempt', cell: ({ seconds }) => <span className="whitespace-nowrap">{seconds === null ? '—' : duration(seconds)}</span> },
  { id: 'rows', header: 'Rows', align: 'right', sortable: true, hint: 'Records in the seven files', cell: ({ records }) => <Num value={records} /> },
  { id: 'exceptions', header: 'Exceptions', align: 'right', sortable: true, hint: 'Errors of the latest attempt', cell: (row) => <Exceptions row={row} /> },
  { id: 'attempt', header: 'Attempt', align: 'right', cell: ({ attempt }) => <Num value={attempt === 0 ? null : attempt} /> },
] satisfies DataColumn<LedgerRow>[]).map((column): DataColumn<LedgerRow> => ({ ...column, className: 'px-1.5 first:pl-3 last:pr-3' }))

type Props = { rows: LedgerRow[]; total: number; /** Loads of each status under the other filters. */ counts: Ledger['counts']; choices: LedgerChoices; /** The person sees several. */ byPartner: boolean; sort: Sort; page: number; size: number; /** Columns that this browser does not want. */ hidden: string[]; mayLoad: boolean; /** All that match, as a file. */ csvHref: string }

/** The loads of one page, below how many there are of each status. What changes is shown at once; new loads wait until somebody asks for them. */
export function LedgerTable({ rows, total, counts: before, choices, byPartner, sort, page, size, hidden: kept, mayLoad, csvHref }: Props) {
  const router = useRouter()
  const [search, setSearch] = useQueryStates(ledgerParams, { shallow: false, history: 'push' })
  const { shown, arrived, counts } = useLedgerUpdates(rows, total, before, search.status)
  const [hidden, setHidden] = useState(kept)
  const wanted = useMemo(() => columns.filter(({ id, rowHeader }) => rowHeader || !hidden.includes(id)), [hidden])
  const filtered = isFiltered(search)
  const hide = (ids: string[]) => {
    setHidden(ids)
    keepHiddenColumns(LEDGER, ids)
  }
  const everything = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <StatusTabs counts={counts} />
      <LedgerFilters choices={choices} byPartner={byPartner} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <div role="status">
            {arrived > 0 ? <Button size="sm" onClick={() => router.refresh()}>{counted(arrived, 'new load')}. Show {arrived === 1 ? 'it' : 'them'}</Button> : null}
          </div>
          <div className="flex items-center gap-2">
            {total > 0 ? <Button asChild size="sm"><a href={csvHref} download><Download aria-hidden />Download as CSV</a></Button> : null}
            <ColumnsMenu columns={columns.filter(({ rowHeader }) => !rowHeader)} hidden={hidden} onChange={hide} />
          </div>
        </div>
        <DataTable
          caption="Loads"
          columns={wanted}
          rows={shown}
          rowId={({ id }) => id}
          rowHref={({ id }) => `/loads/${id}`}
          sort={sort}
          paging={{ kind: 'pages', total, page, size }}
          empty={filtered || everything > 0 ? (
            <EmptyState icon={ListFilter} title="No load matches" action={<Button onClick={() => void setSearch(nothing)}>Clear filters</Button>}>
              There are loads, but none fits all of these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={Upload} title="No loads yet" action={mayLoad ? <Button asChild variant="primary"><Link href="/loads/new">New load</Link></Button> : undefined}>
              A load appears here as soon as somebody sends the eight files of a shop.
            </EmptyState>
          )}
        />
      </div>
    </div>
  )
}

const nothing = { status: null, partner: null, shop: null, person: null, from: null, to: null, exceptions: null, page: null }

function Exceptions({ row: { id, errors, warnings } }: { row: LedgerRow }) {
  if (errors === null) return <Num value={null} />
  if (errors === 0 && !warnings) return <span className="text-muted-foreground">0</span>
  const says = `${counted(errors, 'error')}, ${counted(warnings ?? 0, 'warning')}`
  return (
    <Link
      href={`/loads/${id}/exceptions`} prefetch={false} title={says} aria-label={says}
      className={cn('-mx-1 inline-flex min-h-6 min-w-6 items-center justify-end rounded-sm px-1 underline decoration-current/40 underline-offset-4 hover:decoration-current', errors > 0 ? 'font-medium text-danger' : 'text-muted-foreground')}
    >
      {formatNumber(errors)}
    </Link>
  )
}
