import { CircleX, Diff } from 'lucide-react'
import { SeverityMark } from '#components/exceptions/severity.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { cn } from '#components/ui/cn.ts'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { ComparedCell, StagedRecord } from '#lib/data/staging.ts'
import { RawText } from './raw-text.tsx'
import { VerdictBadge, verdictMeans } from './verdict-badge.tsx'

/** One record: why it stayed out, and cell by cell what was sent, what it loads as, and what production holds now. */
export function RecordDetail({ staged }: { staged: StagedRecord }) {
  const { verdict, raw, key, cells, production, exceptions } = staged
  const differing = cells.filter((cell) => cell.differs).length
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-13">
        <VerdictBadge verdict={verdict} />
        <span className="text-muted-foreground">This record was {verdictMeans(verdict)}.</span>
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-13">
        <dt className="text-muted-foreground">Key</dt>
        <dd><RawText text={key} /></dd>
        <dt className="text-muted-foreground">In production</dt>
        <dd>
          {production ? (
            <>row <span className="font-mono text-xs">{production.id}</span>, last written <RelativeTime iso={production.updatedAt} />{differing > 0 ? `, ${differing === 1 ? '1 value differs' : `${differing} values differ`}` : ', nothing differs'}</>
          ) : 'no row with this key was ever imported for this shop'}
        </dd>
      </dl>
      {exceptions.length > 0 ? (
        <ul aria-label="Exceptions of this record" className="grid gap-2 rounded-lg border bg-surface p-3">
          {exceptions.map((exception) => (
            <li key={exception.id} className="flex gap-2 text-13">
              <SeverityMark severity={exception.severity} className="h-5" />
              <span>{exception.sentence} <span className="text-muted-foreground">{exception.advice}</span></span>
            </li>
          ))}
        </ul>
      ) : null}
      {raw === null ? <Comparison cells={cells} /> : (
        <div className="grid gap-2">
          <p className="flex items-center gap-1.5 text-13"><CircleX aria-hidden className="size-4 text-danger" />The record could not be split into cells. As sent:</p>
          <div className="overflow-x-auto rounded-lg border bg-surface p-3"><RawText text={raw} /></div>
        </div>
      )}
    </div>
  )
}

function Comparison({ cells }: { cells: readonly ComparedCell[] }) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <TableRegion label="Cells of the record">
        <Table className="min-w-2xl">
          <TableCaption>Cells of the record</TableCaption>
          <TableHeader>
            <TableRow><TableHead>Column</TableHead><TableHead>As sent</TableHead><TableHead>Loads as</TableHead><TableHead>In production</TableHead></TableRow>
          </TableHeader>
          <TableBody>
            {cells.map((cell, at) => (
              <TableRow key={at} className={cell.differs ? '[&>*]:bg-warning-subtle' : undefined}>
                <TableHead scope="row" className="max-w-56 align-top font-mono text-xs leading-5 break-words whitespace-normal">
                  {cell.header === '' ? <span className="font-sans italic">no name</span> : (cell.header ?? cell.column)}
                  {cell.header !== null && cell.column !== null && cell.header !== cell.column ? <span className="block text-muted-foreground">{cell.column}</span> : null}
                </TableHead>
                <TableCell className="max-w-64 align-top">{cell.header === null ? <Aside>not in the file</Aside> : <RawText text={cell.sent} />}</TableCell>
                <TableCell className={cn('max-w-64 align-top', cell.typed === cell.sent && 'text-muted-foreground')}>
                  {cell.typed === undefined ? <Aside>stays in staging</Aside> : <RawText text={cell.typed} />}
                </TableCell>
                <TableCell className="max-w-64 align-top">
                  {cell.production === undefined ? <Aside>—</Aside> : (
                    <span className="flex flex-wrap items-start gap-x-2 gap-y-1">
                      <RawText text={cell.production} />
                      {cell.differs ? <Badge tone="warning"><Diff aria-hidden />differs</Badge> : null}
                    </span>
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableRegion>
    </div>
  )
}

function Aside({ children }: { children: string }) {
  return <span className="text-xs text-muted-foreground">{children}</span>
}
