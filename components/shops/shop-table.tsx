'use client'

import { Store } from 'lucide-react'
import { DataTable, type DataColumn } from '#components/data-table/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { ShopRow } from '#lib/data/shops.ts'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { NewShopButton } from './new-shop-button.tsx'

const columns: DataColumn<ShopRow>[] = [
  { id: 'shop', header: 'Shop', cell: ({ name }) => name, rowHeader: true },
  { id: 'slug', header: 'Shop id', cell: ({ slug }) => <span className="font-mono text-xs">{slug}</span> },
  { id: 'partner', header: 'Partner', cell: ({ partner }) => <span title={partner.slug}>{partner.name}</span> },
  { id: 'timeZone', header: 'Time zone', cell: ({ timeZone }) => <span className="whitespace-nowrap text-muted-foreground">{timeZone}</span> },
  { id: 'loads', header: 'Loads', align: 'right', cell: ({ loads }) => <Num value={loads} /> },
  { id: 'lastStatus', header: 'Last load', cell: ({ lastLoad }) => (lastLoad ? <LoadBadges status={lastLoad.status} dryRun={lastLoad.dryRun} /> : <span className="text-muted-foreground">None yet</span>) },
  { id: 'lastAt', header: 'Started', cell: ({ lastLoad }) => <RelativeTime iso={lastLoad?.createdAt ?? null} className="whitespace-nowrap" /> },
]

type Props = { rows: ShopRow[]; total: number; page: number; size: number; filtered: boolean; mayCreate: boolean }

/** One page of the shops. */
export function ShopTable({ rows, total, page, size, filtered, mayCreate }: Props) {
  return (
    <DataTable
      caption="Shops"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      rowHref={({ id }) => `/shops/${id}`}
      paging={{ kind: 'pages', total, page, size }}
      empty={filtered ? <EmptyState icon={Store} title="This partner has no shops">Choose another partner, or add its first shop.</EmptyState> : (
        <EmptyState icon={Store} title="No shops yet" action={mayCreate ? <NewShopButton primary /> : undefined}>
          A shop is added here, by the upload of its first load, or by the command line.
        </EmptyState>
      )}
    />
  )
}
