import Link from 'next/link'
import { LoadBadges } from '#components/loads/dry-run-badge.tsx'
import { entityTitle } from '#components/loads/words.ts'
import { RowLink } from '#components/data-table/row-link.tsx'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { StagedEntity, StagedLoad } from '#lib/data/staging.ts'
import { sheetHref } from './addresses.ts'

/** Loads with their staged files; the entities lead straight to their rows. */
export function StagedLoadsTable({ loads }: { loads: readonly StagedLoad[] }) {
  return (
    <TableRegion label="Loads with staged rows">
      <Table>
        <TableCaption>Loads with staged rows</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead>Load</TableHead><TableHead>Status</TableHead><TableHead>Shop</TableHead><TableHead>Staged</TableHead>
            <TableHead className="text-right">Records</TableHead><TableHead>Files</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {loads.map((load) => (
            <TableRow key={load.id}>
              <TableHead scope="row" className="align-top"><RowLink href={`/staging/${load.id}`}><span className="block max-w-56 truncate" title={load.slug}>{load.slug}</span></RowLink></TableHead>
              <TableCell className="align-top"><LoadBadges status={load.status} dryRun={load.dryRun} /></TableCell>
              <TableCell className="align-top">
                <span className="block max-w-56 truncate" title={load.shopName}>{load.shopName}</span>
                <span className="block max-w-56 truncate text-xs text-muted-foreground" title={load.partnerName}>{load.partnerName}</span>
              </TableCell>
              <TableCell className="align-top whitespace-nowrap"><RelativeTime iso={newest(load.entities)} /></TableCell>
              <TableCell className="text-right align-top"><Num value={load.entities.reduce((sum, { records }) => sum + records, 0)} /></TableCell>
              <TableCell className="min-w-72 align-top"><Files load={load} /></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

function Files({ load }: { load: StagedLoad }) {
  const kept = load.entities.filter(({ purgedAt }) => purgedAt === null)
  const purged = load.entities.filter(({ purgedAt }) => purgedAt !== null)
  return (
    <div className="flex flex-wrap gap-x-3 gap-y-0.5">
      {kept.map(({ entity }) => (
        <Link key={entity} href={sheetHref({ loadId: load.id, entity, attempt: null })} prefetch={false} className="inline-flex min-h-6 items-center text-link hover:underline">{entityTitle(entity)}</Link>
      ))}
      {purged.length > 0 ? (
        <span className="inline-flex min-h-6 items-center gap-1 text-muted-foreground">
          {kept.length === 0 ? 'Purged' : `${purged.length} purged`} on <RelativeTime iso={purged[0]!.purgedAt} />
        </span>
      ) : null}
    </div>
  )
}

function newest(files: readonly StagedEntity[]): string | null {
  return files.map(({ stagedAt }) => stagedAt).sort().at(-1) ?? null
}
