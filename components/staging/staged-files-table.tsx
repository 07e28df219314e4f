import { Archive, CircleCheck } from 'lucide-react'
import { RowLink } from '#components/data-table/row-link.tsx'
import { entityTitle } from '#components/loads/words.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { StagedLoad } from '#lib/data/staging.ts'
import { sheetHref } from './addresses.ts'

/** The staged files of a load, and which of them are gone. */
export function StagedFilesTable({ load }: { load: StagedLoad }) {
  return (
    <TableRegion label="Staged files">
      <Table>
        <TableCaption>Staged files</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead>File</TableHead><TableHead className="text-right">Records</TableHead><TableHead className="text-right">Attempt</TableHead>
            <TableHead>Staged</TableHead><TableHead>Rows</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {load.entities.map(({ entity, records, stagedAt, purgedAt, stagedByAttempt }) => (
            <TableRow key={entity}>
              <TableHead scope="row"><RowLink href={sheetHref({ loadId: load.id, entity, attempt: null })}>{entityTitle(entity)}</RowLink></TableHead>
              <TableCell className="text-right"><Num value={records} /></TableCell>
              <TableCell className="text-right"><Num value={stagedByAttempt} /></TableCell>
              <TableCell className="whitespace-nowrap"><RelativeTime iso={stagedAt} /></TableCell>
              <TableCell>{purgedAt === null ? <Badge tone="success"><CircleCheck aria-hidden />Kept</Badge> : <Badge><Archive aria-hidden />Purged <RelativeTime iso={purgedAt} /></Badge>}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableRegion>
  )
}
