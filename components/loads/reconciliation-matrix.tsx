import { ChevronRight, CircleCheck, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { Card, CardActions, CardDescription, CardHeader, CardTitle } from '#components/ui/card.tsx'
import { cn } from '#components/ui/cn.ts'
import { formatMoney, formatNumber } from '#components/ui/num.tsx'
import { Table, TableBody, TableCaption, TableCell, TableFooter, TableHead, TableHeader, TableRegion, TableRow } from '#components/ui/table.tsx'
import type { LedgerLine, MoneyLine } from '#lib/data/loads.ts'
import { CopyMatrix, PrintButton } from './matrix-actions.tsx'
import { checks, identities, matrixColumns, matrixText, moneyDifferences, signed, totals, type MatrixColumn, type MatrixCounts, type MoneyDifference } from './reconciliation.ts'
import { counted, entityTitle } from './words.ts'

type Props = {
  /** What would have become of the records, and did not. */
  dryRun: boolean
  lines: LedgerLine[]
  money: MoneyLine[]
  /** The address of the exceptions behind a cell. */
  exceptionsHref: (severity: 'error' | 'warning', entity: string | null) => string
  /** Where the rows that stopped coming are listed; null where they are not (an attempt before the latest). */
  stoppedHref: ((entity: string) => string) | null
}
type Row = MatrixCounts & { key: string; title: string; entity: string | null }

const groups: { title: string; columns: { id: MatrixColumn; title: string; hint: string }[] }[] = [
  { title: 'Sent', columns: [
    { id: 'manifest', title: 'Manifest', hint: 'Rows that the manifest announces' },
    { id: 'records', title: 'Records', hint: 'Records counted in the file' },
    { id: 'staged', title: 'Staged', hint: 'Records in staging' },
  ] },
  { title: 'Came in', columns: [
    { id: 'accepted', title: 'Accepted', hint: 'Records that are in production' },
    { id: 'inserted', title: 'Inserted', hint: 'Accepted and new' },
    { id: 'updated', title: 'Updated', hint: 'Accepted, known, and changed by the partner' },
    { id: 'unchanged', title: 'Unchanged', hint: 'Accepted, known, and as last time: left alone' },
  ] },
  { title: 'Left out', columns: [
    { id: 'rejected', title: 'Rejected', hint: 'Records with an error' },
    { id: 'superseded', title: 'Superseded', hint: 'Earlier records of a key that comes again with other values' },
    { id: 'identical', title: 'Identical', hint: 'Records that come again with the same values' },
  ] },
  { title: 'Remarks', columns: [{ id: 'warnings', title: 'Warnings', hint: 'Remarks on records; they keep nothing out' }] },
]
// The first group stands beside the border of the entity's column, which stays in place when the table is scrolled.
const startsGroup = new Set(groups.slice(1).map(({ columns }) => columns[0]!.id))

/** Where every record went, entity by entity, with the equations that must hold and the sums of money. */
export function ReconciliationMatrix({ dryRun, lines, money, exceptionsHref, stoppedHref }: Props) {
  const all = totals(lines)
  const rows: Row[] = lines.map((line) => ({ ...line, key: line.entity, title: entityTitle(line.entity) }))
  const total: Row = { ...all, key: 'total', title: 'All', entity: null }
  const sums = moneyDifferences(money)
  return (
    <Card>
      <CardHeader>
        <div>
          <CardTitle>{dryRun ? 'Reconciliation of the dry run' : 'Reconciliation'}</CardTitle>
          <CardDescription>{dryRun ? 'Where every record of the seven files would go. Nothing of it was written.' : 'Where every record of the seven files went.'}</CardDescription>
        </div>
        <CardActions className="print-hidden">
          <CopyMatrix text={matrixText([...rows, total], sums)} />
          <PrintButton />
        </CardActions>
      </CardHeader>
      <TableRegion label="Reconciliation" className="border-t">
        <Table className="[&_td]:px-2.5 [&_th]:px-2.5 print:[&_td]:px-0.5 print:[&_td]:text-[10px] print:[&_th]:px-0.5 print:[&_th]:text-[9px] print:[&_th]:tracking-normal print:[&_svg]:size-3">
          <TableCaption>Reconciliation: records per entity and outcome</TableCaption>
          <TableHeader>
            <TableRow>
              <TableHead rowSpan={2} className="sticky left-0 z-1 border-r align-bottom pb-2">Entity</TableHead>
              {groups.map(({ title, columns }, i) => (
                <TableHead key={title} colSpan={columns.length} scope="colgroup" className={cn('h-7 bg-surface text-center text-2xs font-medium tracking-wide text-muted-foreground uppercase', i > 0 && 'border-l')}>{dryRun && title === 'Came in' ? 'Would come in' : title}</TableHead>
              ))}
              <TableHead rowSpan={2} className="border-l align-bottom pb-2">Adds up</TableHead>
            </TableRow>
            <TableRow>
              {groups.flatMap(({ columns }) => columns).map(({ id, title, hint }) => (
                <TableHead key={id} title={hint} className={cn('h-7 text-right', startsGroup.has(id) && 'border-l')}>{title}</TableHead>
              ))}
            </TableRow>
          </TableHeader>
          <TableBody>{rows.map((row) => <MatrixRow key={row.key} row={row} href={exceptionsHref} />)}</TableBody>
          <TableFooter><MatrixRow row={total} href={exceptionsHref} /></TableFooter>
        </Table>
      </TableRegion>
      <Checks rows={rows} />
      <Legend />
      {all.stopped > 0 ? <Stopped lines={lines} total={all.stopped} href={stoppedHref} /> : null}
      {sums.length > 0 ? <MoneyTable sums={sums} dryRun={dryRun} /> : null}
    </Card>
  )
}

function MatrixRow({ row, href }: { row: Row; href: Props['exceptionsHref'] }) {
  const off = identities(row).filter((identity) => identity.off !== 0)
  return (
    <TableRow>
      <TableHead scope="row" className={cn('sticky left-0 z-1 border-r bg-card', row.entity === null && 'font-semibold')}>{row.title}</TableHead>
      {matrixColumns.map((column) => (
        <TableCell key={column} className={cn('text-right tabular-nums', startsGroup.has(column) && 'border-l', row[column] === 0 ? 'text-muted-foreground' : row.entity === null && 'font-semibold')}>
          {column === 'rejected' && row.rejected > 0 ? <CellLink href={href('error', row.entity)} value={row.rejected} says={`${counted(row.rejected, 'rejected row')}, ${row.title}`} tone="text-danger" />
            : column === 'warnings' && row.warnings > 0 ? <CellLink href={href('warning', row.entity)} value={row.warnings} says={`${counted(row.warnings, 'warning')}, ${row.title}`} tone="text-warning" />
            : formatNumber(row[column])}
        </TableCell>
      ))}
      <TableCell className="border-l">
        {off.length === 0 ? (
          <span className="inline-flex items-center gap-1.5 align-middle text-success"><CircleCheck aria-hidden className="size-4" />Yes</span>
        ) : (
          <span title={off.map(({ says }) => says).join('; ')} className="inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap text-danger"><TriangleAlert aria-hidden className="size-4" />Off by {off.map((identity) => signed(identity.off)).join(', ')}</span>
        )}
      </TableCell>
    </TableRow>
  )
}

function CellLink({ href, value, says, tone }: { href: string; value: number; says: string; tone: string }) {
  return (
    <Link href={href} aria-label={says} className={cn('-mx-1 inline-flex min-h-6 min-w-6 items-center justify-end rounded-sm px-1 font-medium underline decoration-current/40 underline-offset-4 hover:decoration-current', tone)}>
      {formatNumber(value)}
    </Link>
  )
}

function Checks({ rows }: { rows: Row[] }) {
  return (
    <ul aria-label="Checks" className="flex flex-wrap gap-x-6 gap-y-1 border-t px-4 py-2.5 text-13 text-muted-foreground">
      {checks(rows).map(({ says, broken }) => (
        <li key={says} className={cn('inline-flex items-center gap-1.5', broken.length > 0 && 'font-medium text-danger')}>
          {broken.length === 0 ? <CircleCheck aria-label="Holds:" role="img" className="size-4 shrink-0 text-success" /> : <TriangleAlert aria-label="Does not hold:" role="img" className="size-4 shrink-0" />}
          {says}{broken.length > 0 ? `: ${broken.join(', ')}` : null}
        </li>
      ))}
    </ul>
  )
}

// The headings say the same to a pointer that rests on them; a finger and the keyboard cannot.
function Legend() {
  return (
    <details className="group/legend print-hidden border-t px-4 py-2 text-13">
      <summary className="inline-flex min-h-6 cursor-pointer items-center gap-1 rounded-sm text-muted-foreground hover:text-foreground">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open/legend:rotate-90" />What the columns mean
      </summary>
      <dl className="grid gap-x-6 gap-y-1 pt-1.5 pb-1 sm:grid-cols-2 xl:grid-cols-3">
        {groups.flatMap(({ columns }) => columns).map(({ id, title, hint }) => (
          <div key={id} className="flex gap-2"><dt className="w-20 shrink-0 font-medium">{title}</dt><dd className="min-w-0 text-muted-foreground">{hint}</dd></div>
        ))}
      </dl>
    </details>
  )
}

function Stopped({ lines, total, href }: { lines: LedgerLine[]; total: number; href: Props['stoppedHref'] }) {
  return (
    <p className="border-t px-4 py-2.5 text-13">
      <span className="font-medium">Stopped coming: </span>
      {lines.filter(({ stopped }) => stopped > 0).map(({ entity, stopped }, i) => {
        const words = `${formatNumber(stopped)} ${entityTitle(entity).toLowerCase()}`
        return <span key={entity}>{i > 0 ? ', ' : ''}{href ? <Link href={href(entity)} className="text-link hover:underline">{words}</Link> : words}</span>
      })}.{' '}
      <span className="text-muted-foreground">{total === 1 ? 'It was' : 'They were'} imported before and {total === 1 ? 'is' : 'are'} not in this load. {total === 1 ? 'It is' : 'They are'} kept in production.</span>
    </p>
  )
}

function MoneyTable({ sums, dryRun }: { sums: MoneyDifference[]; dryRun: boolean }) {
  return (
    <TableRegion label="Sums of money" className="border-t">
      <Table>
        <TableCaption>Sums of money in the file, accepted and in production</TableCaption>
        <TableHeader>
          <TableRow>
            <TableHead>Sum</TableHead>
            <TableHead className="text-right">In the file</TableHead>
            <TableHead className="text-right">Accepted</TableHead>
            <TableHead className="text-right">{dryRun ? 'Would be in production' : 'In production'}</TableHead>
            <TableHead>Difference</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {sums.map((sum) => (
            <TableRow key={sum.measure}>
              <TableHead scope="row">{sum.title}</TableHead>
              {[sum.file, sum.accepted, sum.production].map((value, i) => <TableCell key={i} className="text-right whitespace-nowrap tabular-nums">{formatMoney(value)}</TableCell>)}
              <TableCell className="min-w-80 print:min-w-0"><Differences sum={sum} /></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableRegion>
  )
}

function Differences({ sum }: { sum: MoneyDifference }) {
  const notes = [
    { amount: sum.leftOut, says: 'is in rows that were rejected or replaced by a later row' },
    { amount: sum.edited.replace('-', ''), says: `${sum.edited.startsWith('-') ? 'less' : 'more'} in production, because the shop edited rows since they were imported` },
  ].filter(({ amount }) => amount !== '0.00')
  if (notes.length === 0) return <span className="inline-flex items-center gap-1.5 align-middle text-success"><CircleCheck aria-hidden className="size-4" />None, to the cent</span>
  return notes.map(({ amount, says }) => (
    <span key={says} className="flex items-start gap-1.5">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
      <span><span className="font-medium tabular-nums">{formatMoney(amount)}</span> <span className="text-muted-foreground">{says}</span></span>
    </span>
  ))
}
