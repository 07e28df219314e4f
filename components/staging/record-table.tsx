import { TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { cn } from '#components/ui/cn.ts'
import { Num } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { Severity } from '#lib/contract/codes.ts'
import type { StagedRow, StagedSheet } from '#lib/data/staging.ts'
import { RawText } from './raw-text.tsx'
import { VerdictBadge } from './verdict-badge.tsx'

type Props = { columns: StagedSheet['columns']; rows: readonly StagedRow[]; caption: string; hrefOf: (record: number) => string; selected: number | null }

const markedAs: Record<Severity, string> = { error: 'bg-danger-subtle', warning: 'bg-warning-subtle' }

/** Records of a staged file, every cell as it was sent. Cells with exceptions are marked. */
export function RecordTable({ columns, rows, caption, hrefOf, selected }: Props) {
  return (
    <TableRegion label={caption}>
      <Table>
        <TableCaption>{caption}</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead className="sticky left-0 z-10 border-r text-right">Record</TableHead>
            <TableHead className="text-right">Line</TableHead>
            <TableHead>Verdict</TableHead>
            {columns.map(({ header, column }, at) => (
              <TableHead key={at} className="font-mono">
                {header === '' ? <span className="font-sans italic">no name</span> : header}
                {column === null ? <span className="ml-1.5 font-sans font-normal text-warning">not in the contract</span> : null}
              </TableHead>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.record} className={cn('hover:[&>*]:bg-surface', row.record === selected && '[&>*]:bg-accent')}>
              <TableHead scope="row" className="sticky left-0 z-10 border-r bg-card text-right tabular-nums">
                <Link href={hrefOf(row.record)} scroll={false} prefetch={false} className="inline-flex min-h-6 min-w-6 items-center justify-end rounded-sm text-link hover:underline"><Num value={row.record} /></Link>
              </TableHead>
              <TableCell className="text-right"><Num value={row.line} /></TableCell>
              <TableCell><VerdictBadge verdict={row.verdict} /></TableCell>
              {row.raw === null ? row.cells.map((cell, at) => <Cell key={at} text={cell} mark={row.marks[at]} />) : (
                <TableCell colSpan={columns.length} className="max-w-0">
                  <span className="mr-2 text-xs text-danger">Could not be split into cells:</span>
                  <RawText text={row.raw} className="whitespace-pre" />
                </TableCell>
              )}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

function Cell({ text, mark }: { text: string | null; mark: Severity | undefined }) {
  return (
    <TableCell className={cn('max-w-64', mark && markedAs[mark])}>
      <span className="flex min-w-0 items-center gap-1">
        {mark ? <TriangleAlert aria-label={mark === 'error' ? 'Error' : 'Warning'} role="img" className={cn('size-3.5 shrink-0', mark === 'error' ? 'text-danger' : 'text-warning')} /> : null}
        <RawText text={text} className="block truncate whitespace-pre" />
      </span>
    </TableCell>
  )
}
