import Link from 'next/link'
import { wayWord } from '#components/loads/started-by.ts'
import { Num } from '#components/ui/num.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { AuditFilter } from '#lib/data/audit-query.ts'
import type { AuditRow } from '#lib/data/audit-trail.ts'
import { auditHref } from './audit-search.ts'
import { factsOf, objectWords } from './words.ts'

const NO_FILTER: AuditFilter = { who: null, action: null, object: null, id: null, from: null, to: null }

/** Events with who, what and on what; an object leads to everything that happened to it. */
export function AuditTable({ rows }: { rows: readonly AuditRow[] }) {
  return (
    <TableRegion label="Events">
      <Table>
        <TableCaption>Events of the audit trail, newest first</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead className="text-right">No.</TableHead><TableHead>When</TableHead><TableHead>Who</TableHead><TableHead>What</TableHead><TableHead>On</TableHead><TableHead>Facts</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((event) => (
            <TableRow key={event.number}>
              <TableHead scope="row" className="text-right align-top font-normal text-muted-foreground"><Num value={Number(event.number)} /></TableHead>
              <TableCell className="align-top whitespace-nowrap"><RelativeTime iso={event.at} absolute /></TableCell>
              <TableCell className="align-top"><Who {...event.who} /></TableCell>
              <TableCell className="align-top whitespace-nowrap">{event.said}</TableCell>
              <TableCell className="align-top"><What {...event.object} /></TableCell>
              <TableCell className="min-w-56 align-top break-words text-muted-foreground">{factsOf(event.detail).join(' · ')}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

function Who({ actor, name }: AuditRow['who']) {
  if (name === null) return <span className="text-muted-foreground">{wayWord(actor)}</span>
  return <span className="whitespace-nowrap">{name}<span className="block text-xs text-muted-foreground">{actor}</span></span>
}

function What({ type, id, label }: AuditRow['object']) {
  if (type === 'installation') return <span className="text-muted-foreground">{objectWords[type]}</span>
  const href = auditHref({ ...NO_FILTER, object: type, id })
  return (
    <span className="whitespace-nowrap">
      <Link href={href} prefetch={false} className="-mt-0.5 inline-flex min-h-6 items-center text-link hover:underline" title="Everything that happened to it">{label ?? `No. ${id}`}</Link>
      <span className="block text-xs text-muted-foreground">{objectWords[type]}{type === 'load' && label ? <>, <Link href={`/loads/${id}`} prefetch={false} className="inline-flex min-h-6 items-center text-link hover:underline">open it</Link></> : null}</span>
    </span>
  )
}
