import { PackageMinus } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { createLoader, parseAsInteger } from 'nuqs/server'
import { KeysetPager } from '#components/data-table/pager.tsx'
import { entityTitle } from '#components/loads/words.ts'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatNumber } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import { requireUser } from '#lib/auth/session.ts'
import { STOPPED_PAGE, stoppedRows } from '#lib/data/stopped.ts'
import { orErrorPage } from '#lib/http/page.ts'

type Props = { params: Promise<{ id: string; entity: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

const readSearch = createLoader({ page: parseAsInteger.withDefault(1) })

export const metadata: Metadata = { title: 'Rows that stopped coming' }

/** The rows of one entity that were imported before and are not in this load. */
export default async function StoppedPage({ params, searchParams }: Props) {
  const user = await requireUser('load:read')
  const { id, entity } = await params
  const page = Math.max(1, (await readSearch(searchParams)).page)
  const list = await orErrorPage(stoppedRows(user, id, entity, page))
  const title = entityTitle(list.entity)
  const href = (to: number) => `/loads/${id}/stopped/${entity}?page=${to}`
  return (
    <section aria-labelledby="stopped" className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div>
        <h2 id="stopped" className="text-15 font-semibold">{title} that stopped coming</h2>
        <p className="text-13 text-muted-foreground">Imported before, not in this load, kept in production as they are. <Link href={`/loads/${id}`} className="text-link hover:underline">Back to the load</Link></p>
      </div>
      <div className="overflow-hidden rounded-lg border bg-card">
        {list.purgedAt !== null ? (
          <EmptyState icon={PackageMinus} title="The list is no longer kept">It went with the staged rows of this load, <RelativeTime iso={list.purgedAt} />. The count stays in the ledger.</EmptyState>
        ) : list.rows.length === 0 ? (
          <EmptyState icon={PackageMinus} title="None stopped coming">Every row that was imported before is in this load again.</EmptyState>
        ) : (
          <TableRegion label={`${title} that stopped coming`}>
            <Table>
              <TableCaption>{title} that stopped coming</TableCaption>
              <TableHeader><TableRow><TableHead>Key at the partner</TableHead><TableHead className="text-right">Our id</TableHead></TableRow></TableHeader>
              <TableBody>
                {list.rows.map((row) => (
                  <TableRow key={row.key}>
                    <TableHead scope="row" className="font-mono whitespace-pre">{row.key}</TableHead>
                    <TableCell className="text-right tabular-nums">
                      {list.entity === 'invoice' ? <Link href={`/invoices/${row.id}`} prefetch={false} className="text-link hover:underline">{row.id}</Link> : row.id}
                    </TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableRegion>
        )}
        <KeysetPager
          noun="rows"
          summary={list.rows.length > 0 ? `${formatNumber((page - 1) * STOPPED_PAGE + 1)}–${formatNumber((page - 1) * STOPPED_PAGE + list.rows.length)} of ${formatNumber(list.total)}` : undefined}
          previous={page > 1 ? href(page - 1) : null}
          next={page * STOPPED_PAGE < list.total ? href(page + 1) : null}
        />
      </div>
    </section>
  )
}
