'use client'

import { Upload } from 'lucide-react'
import Link from 'next/link'
import { DataTable, type DataColumn } from '#components/data-table/data-table.tsx'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { ShopLoad } from '#lib/data/shops.ts'
import { isTriedDraft } from '#lib/load-status.ts'

const columns: DataColumn<ShopLoad>[] = [
  { id: 'load', header: 'Load id', rowHeader: true, cell: ({ loadId }) => <span className="block max-w-80 truncate" title={loadId}>{loadId}</span> },
  { id: 'status', header: 'Status', cell: ({ status, attempt }) => <LoadBadges status={status} dryRun={isTriedDraft({ status, currentAttempt: attempt })} /> },
  { id: 'attempt', header: 'Attempt', align: 'right', cell: ({ attempt }) => <Num value={attempt === 0 ? null : attempt} /> },
  { id: 'startedBy', header: 'Started by', cell: ({ startedBy }) => startedBy ?? <span className="text-muted-foreground">Command line</span> },
  { id: 'started', header: 'Started', cell: ({ createdAt }) => <RelativeTime iso={createdAt} className="whitespace-nowrap" /> },
]

/** The shop's loads, newest first. */
export function ShopLoads({ shopId, loads, mayLoad }: { shopId: string; loads: ShopLoad[]; mayLoad: boolean }) {
  return (
    <DataTable
      caption="Loads of the shop"
      columns={columns}
      rows={loads}
      rowId={({ id }) => id}
      rowHref={({ id }) => `/loads/${id}`}
      empty={
        <EmptyState icon={Upload} title="No loads yet" as="h3" action={mayLoad ? <Button asChild><Link href={`/loads/new?shop=${shopId}`}>New load</Link></Button> : undefined}>
          Nothing was ever sent for this shop.
        </EmptyState>
      }
    />
  )
}
