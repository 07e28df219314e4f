import Link from 'next/link'
import { RawText } from '#components/staging/raw-text.tsx'
import { cn } from '#components/ui/cn.ts'
import { Num } from '#components/ui/num.tsx'
import { Table, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { ExceptionRow } from '#lib/data/exceptions.ts'
import { entityWords } from '#lib/contract/explain.ts'
import { exceptionsHref, stagedRecordHref, type Place } from './addresses.ts'
import { RowsBelow } from './rows-below.tsx'
import { SeverityMark } from './severity.tsx'
import { capital } from './words.ts'

type Props = {
  place: Place; attempt: number; rows: readonly ExceptionRow[]
  /** Records are shown and lead to their staged row; engineers only, others go by the line. */
  toStaging: boolean
  /** All rows are of one group, whose advice stands above the table already. */
  ofOneGroup: boolean
}

const COLUMNS = 6
// A phone has room for two columns: which row, and the sentence, which names line, column and value.
const wide = 'max-sm:hidden'

/** Rows of exceptions: where, what was sent, what is wrong, what to do; below a rejected row, what was left out with it. */
export function ExceptionTable({ place, attempt, rows, toStaging, ofOneGroup }: Props) {
  return (
    <TableRegion label="Exceptions">
      <Table className="sm:min-w-3xl">
        <TableCaption>Exceptions</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead className={cn(wide, 'w-0 text-right')}>Line</TableHead>
            {toStaging ? <TableHead className={cn(wide, 'w-0 text-right')}>Record</TableHead> : null}
            <TableHead>Key</TableHead>
            <TableHead className={wide}>Column</TableHead>
            <TableHead className={wide}>Value as sent</TableHead>
            <TableHead className="w-full sm:w-1/2">What is wrong</TableHead>
          </TableRow>
        </TableHeader>
        {rows.map((row) => (
          <tbody key={row.id} className="[&:last-child>tr:last-child>*]:border-b-0">
            <TableRow className={row.below.length > 0 ? '[&>*]:border-b-0' : undefined}>
              <TableCell className={cn(wide, 'text-right align-top tabular-nums')}><Num value={row.line} /></TableCell>
              {toStaging ? <TableCell className={cn(wide, 'text-right align-top tabular-nums')}><RecordNumber row={row} place={place} /></TableCell> : null}
              <TableHead scope="row" className="align-top font-mono text-xs leading-5 whitespace-normal">{row.key === null ? <span className="font-sans font-normal text-muted-foreground">—</span> : <span className="block max-w-44 min-w-24 break-all max-sm:min-w-20">{row.key}</span>}</TableHead>
              <TableCell className={cn(wide, 'align-top')}>
                {row.column === null ? <span className="text-muted-foreground">—</span> : <span className="block max-w-44 min-w-36 font-mono text-xs leading-5 break-all">{row.column}</span>}
                {ofOneGroup || row.entity === null ? null : <span className="block text-xs text-muted-foreground">{capital(entityWords(row.entity))}</span>}
              </TableCell>
              <TableCell className={cn(wide, 'align-top')}>{row.record === null && row.value === null ? <span className="text-muted-foreground">—</span> : <RawText text={row.value} className="block max-w-48 min-w-20 wrap-anywhere" />}</TableCell>
              <TableCell className="align-top">
                <p className="flex gap-2">
                  <SeverityMark severity={row.severity} className="h-5 shrink-0" />
                  <span className="min-w-0 wrap-anywhere">{row.sentence} <Cause row={row} place={place} /></span>
                </p>
                {ofOneGroup ? null : <p className="mt-0.5 pl-5.5 text-xs text-muted-foreground">{row.advice}</p>}
              </TableCell>
            </TableRow>
            {row.below.length > 0 ? (
              <TableRow>
                <TableCell colSpan={toStaging ? COLUMNS : COLUMNS - 1} className="pt-0 align-top">
                  <RowsBelow loadId={place.loadId} attempt={attempt} cause={{ entity: row.entity!, record: row.record! }} below={row.below} />
                </TableCell>
              </TableRow>
            ) : null}
          </tbody>
        ))}
      </Table>
    </TableRegion>
  )
}

function RecordNumber({ row, place }: { row: ExceptionRow; place: Place }) {
  if (row.record === null || row.entity === null) return <Num value={row.record} />
  return (
    <Link href={stagedRecordHref(place, row.entity, row.record)} prefetch={false} className="-my-0.5 inline-flex min-h-6 min-w-6 items-center justify-end text-link hover:underline" title="Open the staged row">
      <Num value={row.record} />
    </Link>
  )
}

function Cause({ row, place }: { row: ExceptionRow; place: Place }) {
  if (row.cause === null) return null
  const { entity, record } = row.cause
  return (
    <Link href={exceptionsHref(place, { entity, record })} scroll={false} prefetch={false} className="text-link hover:underline">
      See the {entityWords(entity)} that caused it
    </Link>
  )
}
