import { formatNumber } from '#components/ui/num.tsx'
import type { LedgerLine, MoneyLine } from '#lib/data/loads.ts'
import { difference } from './words.ts'

export const matrixColumns = [
  'manifest', 'records', 'staged', 'accepted', 'inserted', 'updated', 'unchanged', 'rejected', 'superseded', 'identical', 'warnings',
] as const
export type MatrixColumn = (typeof matrixColumns)[number]
export type MatrixCounts = Record<MatrixColumn | 'stopped', number>

/** The sum of all entities. */
export function totals(lines: readonly LedgerLine[]): MatrixCounts {
  const sum = (column: keyof MatrixCounts) => lines.reduce((total, line) => total + line[column], 0)
  return Object.fromEntries([...matrixColumns, 'stopped' as const].map((column) => [column, sum(column)])) as MatrixCounts
}

/** An equation of the contract (rule 22) that a line must fulfil; `off` is 0 when it closes. */
export type Identity = { says: string; off: number }

/** Every record is accounted for, and every accepted one is new, changed or unchanged. */
export function identities(line: MatrixCounts): Identity[] {
  return [
    { says: 'manifest = records', off: line.manifest - line.records },
    { says: 'records = staged', off: line.records - line.staged },
    {
      says: 'accepted + rejected + superseded + identical = records',
      off: line.accepted + line.rejected + line.superseded + line.identical - line.records,
    },
    { says: 'inserted + updated + unchanged = accepted', off: line.inserted + line.updated + line.unchanged - line.accepted },
  ]
}

/** `+3` or `−3` */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${formatNumber(Math.abs(value))}`
}

/** Each equation with the entities for which it does not close, by how much; with none it holds everywhere. */
export function checks(rows: readonly (MatrixCounts & { title: string })[]): { says: string; broken: string[] }[] {
  const perRow = rows.map((row) => ({ title: row.title, identities: identities(row) }))
  return identities(rows[0]!).map(({ says }, i) => ({
    says,
    broken: perRow.flatMap(({ title, identities }) => (identities[i]!.off === 0 ? [] : [`${title} ${signed(identities[i]!.off)}`])),
  }))
}

export type MoneyDifference = MoneyLine & { title: string; leftOut: string; edited: string }

const measureTitles: Record<string, string> = {
  'invoice.total': 'Invoice totals', 'invoice.tax': 'Invoice tax', 'line_item.total': 'Line item totals', 'payment.paymentAmount': 'Payments',
}

/** The sums with what was left out on the way in, and by how much production differs from what came in. */
export function moneyDifferences(money: readonly MoneyLine[]): MoneyDifference[] {
  return money.map((line) => ({
    ...line,
    title: measureTitles[line.measure] ?? line.measure,
    leftOut: difference(line.file, line.accepted),
    edited: difference(line.production, line.accepted),
  }))
}

/** The matrix as tab-separated text with a header, for a spreadsheet. */
export function matrixText(rows: readonly (MatrixCounts & { title: string })[], money: readonly MoneyDifference[]): string {
  const counts = [['Entity', ...matrixColumns], ...rows.map((row) => [row.title, ...matrixColumns.map((column) => String(row[column]))])]
  const sums = [['Sum', 'file', 'accepted', 'production'], ...money.map((line) => [line.title, line.file, line.accepted, line.production])]
  return [...counts, ...(money.length > 0 ? [[], ...sums] : [])].map((cells) => cells.join('\t')).join('\n')
}
