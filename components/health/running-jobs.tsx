import Link from 'next/link'
import { Badge } from '#components/ui/badge.tsx'
import { Card, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Num } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { RunningJob } from '#lib/data/health.ts'

/** The loads being run, who runs them, and for how long their lease still holds. */
export function RunningJobs({ jobs }: { jobs: RunningJob[] }) {
  return (
    <Card className="overflow-hidden">
      <CardHeader className={jobs.length > 0 ? 'border-b' : undefined}>
        <div><CardTitle>Running now</CardTitle><CardDescription>A worker renews its lease while it works. A load whose lease has ended is taken up by another worker.</CardDescription></div>
      </CardHeader>
      {jobs.length === 0 ? <EmptyState as="h3" title="No load is running" className="py-9" /> : (
        <TableRegion label="Running loads">
          <Table>
            <TableCaption>Running loads</TableCaption>
            <TableHeader>
              <TableRow><TableHead>Load</TableHead><TableHead>Shop</TableHead><TableHead>Worker</TableHead><TableHead className="text-right">Running for</TableHead><TableHead className="text-right">Lease ends in</TableHead></TableRow>
            </TableHeader>
            <TableBody>
              {jobs.map(({ jobId, loadId, load, shop, worker, runningForSeconds, leaseLeftSeconds }) => (
                <TableRow key={jobId}>
                  <TableHead scope="row"><Link href={`/loads/${loadId}`} className="text-link underline-offset-4 hover:underline">{load}</Link></TableHead>
                  <TableCell>{shop}</TableCell>
                  <TableCell className="font-mono text-xs">{worker}</TableCell>
                  <TableCell className="text-right"><Num value={runningForSeconds} /> s</TableCell>
                  <TableCell className="text-right">{leaseLeftSeconds < 0 ? <Badge tone="warning">ended <Num value={-leaseLeftSeconds} /> s ago</Badge> : <><Num value={leaseLeftSeconds} /> s</>}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableRegion>
      )}
    </Card>
  )
}
