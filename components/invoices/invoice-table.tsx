'use client'

import type { ReactNode } from 'react'
import { useMemo } from 'react'
import { DataTable, type DataColumn, type Paging } from '#components/data-table/data-table.tsx'
import type { Sort } from '#components/data-table/search-params.ts'
import { ImportedBadge } from '#components/imported-badge.tsx'
import { cn } from '#components/ui/cn.ts'
import { Money } from '#components/ui/num.tsx'
import type { InvoiceRow } from '#lib/data/invoices.ts'
import { StateBadge } from './state-badge.tsx'
import { dayIn } from './words.ts'

type Props = { rows: InvoiceRow[]; timeZone: string; caption: string; sort?: Sort; paging?: Paging; empty: ReactNode }

/** Imported and native invoices side by side. Dates are those of the shop. */
export function InvoiceTable({ rows, timeZone, caption, sort, paging, empty }: Props) {
  const sortable = sort !== undefined
  const columns = useMemo(() => columnsIn(timeZone, sortable), [timeZone, sortable])
  return (
    <DataTable
      caption={caption} columns={columns} rows={rows} rowId={({ id }) => id} rowHref={({ id }) => `/invoices/${id}`}
      sort={sort} paging={paging} empty={empty} className="print:[&_table_*]:text-2xs"
    />
  )
}

function columnsIn(timeZone: string, sortable: boolean): DataColumn<InvoiceRow>[] {
  const columns: DataColumn<InvoiceRow>[] = [
    { id: 'date', header: 'Date', sortable, hint: `In the shop's zone, ${timeZone}`, cell: ({ date }) => <span className="whitespace-nowrap tabular-nums">{date === null ? '—' : dayIn(timeZone, date)}</span> },
    { id: 'number', header: 'Invoice', rowHeader: true, cell: ({ number }) => <span className="whitespace-nowrap tabular-nums">{number}</span> },
    { id: 'origin', header: 'Origin', cell: ({ imported }) => <Origin imported={imported} timeZone={timeZone} /> },
    { id: 'customer', header: 'Customer', cell: ({ customer }) => <span className="block max-w-36 truncate print:max-w-20" title={customer}>{customer}</span> },
    { id: 'vehicle', header: 'Vehicle', cell: ({ vehicle }) => <span className="block max-w-40 truncate print:max-w-20" title={vehicle ?? undefined}>{vehicle ?? '—'}</span> },
    { id: 'state', header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    { id: 'total', header: 'Total', align: 'right', sortable, cell: ({ total }) => <Money value={total} /> },
    { id: 'paid', header: 'Paid', align: 'right', cell: ({ paid }) => <Money value={paid} /> },
    {
      id: 'balance', header: 'Balance', align: 'right', hint: 'Total less what was paid; refunds count as minus',
      cell: ({ balance }) => <Money value={balance} className={cn(Number(balance) === 0 ? 'text-muted-foreground' : 'font-medium')} />,
    },
  ]
  // Nine columns side by side need every pixel of a laptop's screen.
  return columns.map((column) => ({ ...column, className: 'px-2 first:pl-3 last:pr-3 print:px-1' }))
}

function Origin({ imported, timeZone }: { imported: InvoiceRow['imported']; timeZone: string }) {
  if (!imported) return <span className="text-xs text-muted-foreground">Made here</span>
  const { partner, loadId, importedAt, changedSince } = imported
  return <ImportedBadge partner={partner} loadId={loadId} importedAt={importedAt} changedSince={changedSince} timeZone={timeZone} />
}
