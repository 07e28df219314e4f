import { stepNames } from '#lib/ingest/progress.ts'
import type { AlternativeResult } from './alternatives.ts'
import type { CaseResult } from './cases.ts'
import type { CornerResult } from './corners.ts'
import type { Profile } from './profile.ts'
import type { CornersResult, LoadsResult, Setting, Verdict } from './result.ts'
import type { SizeResult } from './sizes.ts'

/** Rows of cells; the first row names the columns. */
export type Table = readonly (readonly string[])[]
export type Form = 'text' | 'markdown'

/** A table for a terminal, or for a README: the first column to the left, figures to the right. */
export function presentTable(rows: Table, form: Form): string {
  if (form === 'markdown') {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
    const [head, ...body] = rows
    return [line(head!), `|${head!.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`, ...body.map(line)].join('\n')
  }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join('').trimEnd()).join('\n')
}

export const fixed = (value: number | null | undefined, digits: number) => (value == null ? '–' : value.toFixed(digits))
export const mega = (bytes: number | null, digits = 0) => (bytes === null ? '–' : (bytes / 1e6).toFixed(digits))
export const whole = (value: number) => Math.round(value).toLocaleString('en-US')

/** What the figures were measured on. */
export function presentSetting({ measuredAt, machine, server }: Setting): string {
  const { cores, cpu, memoryBytes, node, commit } = machine
  const settings = Object.entries(server.settings).map(([name, value]) => `${name}=${/^\d{7,}$/.test(value) ? `${Number(value) / 2 ** 20}M` : value}`)
  return [
    `${measuredAt.slice(0, 10)}, commit ${commit ?? 'unknown'}, Node ${node}, ${cores} cores (${cpu}), ${Math.round(memoryBytes / 2 ** 30)} GiB.`,
    `${server.name === 'mysql' ? 'MySQL ' : ''}${server.version}: ${settings.join(', ')}.`,
  ].join('\n')
}

/** What was measured of loads, for a person; as Markdown the short form that the README has. */
export function presentLoads(result: LoadsResult, form: Form): string {
  const { cases, sizes, alternatives, targets } = result
  const first = cases.find((one) => one.name === 'first')
  const isShort = form === 'markdown'
  const tables: (Table | false)[] = [
    cases.length > 0 && (isShort ? shortCasesTable(cases) : casesTable(cases)),
    !isShort && cases.length > 0 && stepsTable(cases),
    sizes.length > 0 && sizesTable(sizes, first),
    alternatives.length > 0 && alternativesTable(alternatives, first),
    ...(isShort ? [] : cases.flatMap((one) => profileTables(one.title, one.runs.at(-1)!.profile))),
    targetsTable(targets),
  ]
  return [presentSetting(result), presentData(result), ...tables.flatMap((table) => (table ? [presentTable(table, form)] : []))].filter(Boolean).join('\n\n')
}

function presentData({ invoices, runs, cases: [one] }: LoadsResult): string {
  if (!one) return ''
  const times = runs === 1 ? 'Measured once' : `Medians of ${runs}`
  return `${whole(invoices)} invoices: ${whole(one.rows)} rows, ${whole(one.lineItems)} of them line items, ${mega(one.bytes)} MB. ${times}.`
}

/** What was measured of extreme data, for a person. */
export function presentCorners(result: CornersResult, form: Form): string {
  const { corners, targets } = result
  const profiles = corners.flatMap((corner) => profileTables(corner.title, corner.profile))
  const tables = [cornersTable(corners), stepsTable(corners), ...profiles, targetsTable(targets)]
  return [presentSetting(result), ...tables.map((table) => presentTable(table, form))].join('\n\n')
}

/** The longest statements, and the functions that kept Node busy. Statements of two connections overlap. */
function profileTables(title: string, profile: Profile | undefined): Table[] {
  if (!profile) return []
  return [
    [[`statements of: ${title}`, 's', 'times'], ...profile.statements.map(({ seconds, times, text }) => [text, fixed(seconds, 2), String(times)])],
    [['busy in Node', 's'], ...profile.functions.map(({ seconds, name, place }) => [`${name} ${place}`, fixed(seconds, 2)])],
  ]
}

function cornersTable(corners: readonly CornerResult[]): Table {
  return [
    ['', '× usual', 'rows', 'MB', 'exceptions', 's', 'µs a row', 'MB/s', 'command s', 'Node CPU s', 'server CPU s', 'Node peak MB'],
    ...corners.map((c) => [
      c.title, fixed(c.times, 2), whole(c.rows), mega(c.bytes), whole(c.exceptions), fixed(c.seconds, 2), fixed((c.seconds * 1e6) / c.rows, 1),
      mega(c.bytes / c.seconds, 1), fixed(c.commandSeconds, 2), fixed(c.nodeCpuSeconds, 1), fixed(c.serverCpuSeconds, 1), mega(c.nodePeakBytes),
    ]),
  ]
}

function casesTable(cases: readonly CaseResult[]): Table {
  return [
    ['', '× raw', 's', 'raw s', 'command s', 'rows/s', 'MB/s', 'Node CPU s', 'server CPU s', 'Node peak MB', 'server wrote MB', 'production rows'],
    ...cases.map(({ title, rows, bytes, median: m }) => [
      title, fixed(m.timesRaw, 2), fixed(m.seconds, 2), fixed(m.rawSeconds, 2), fixed(m.commandSeconds, 2), whole(rows / m.seconds!), mega(bytes / m.seconds!, 1),
      fixed(m.nodeCpuSeconds, 1), fixed(m.serverCpuSeconds, 1), mega(m.nodePeakBytes), mega(m.serverWrittenBytes), whole(m.productionRows!),
    ]),
  ]
}

function shortCasesTable(cases: readonly CaseResult[]): Table {
  return [
    ['', '× raw', 's', 'rows/s', 'Node CPU s', 'server CPU s', 'Node peak MB'],
    ...cases.map(({ title, rows, median: m }) => [
      title, fixed(m.timesRaw, 2), fixed(m.seconds, 1), whole(rows / m.seconds!), fixed(m.nodeCpuSeconds, 1), fixed(m.serverCpuSeconds, 1), mega(m.nodePeakBytes),
    ]),
  ]
}

function stepsTable(measured: readonly Pick<CaseResult, 'title' | 'steps'>[]): Table {
  return [
    ['seconds by step (staging overlaps the others)', ...stepNames],
    ...measured.map(({ title, steps }) => [title, ...stepNames.map((name) => fixed(steps[name], 2))]),
  ]
}

function sizesTable(sizes: readonly SizeResult[], first: CaseResult | undefined): Table {
  const usual = first && { ...first, seconds: first.median.seconds!, timesRaw: first.median.timesRaw!, nodePeakBytes: first.median.nodePeakBytes! }
  const all = [...sizes, ...(usual ? [usual] : [])]
  return [
    ['first load by size, by a worker that has loaded before', 'line items', 'rows', 's', 'µs a row', '× raw', 'Node peak MB'],
    ...all.toSorted((a, b) => a.lineItems - b.lineItems).map((size) => [
      '', whole(size.lineItems), whole(size.rows), fixed(size.seconds, 2), fixed((size.seconds * 1e6) / size.rows, 1), fixed(size.timesRaw, 2),
      mega(size.nodePeakBytes),
    ]),
  ]
}

function alternativesTable(alternatives: readonly AlternativeResult[], first: CaseResult | undefined): Table {
  const ours = first && first.rows / first.median.seconds!
  return [
    ['other ways, on a small shop', 'rows', 's', 'rows/s', 'first load is faster by'],
    ...alternatives.map(({ title, rows, seconds, rowsPerSecond }) =>
      [title, whole(rows), fixed(seconds, 2), whole(rowsPerSecond), ours === undefined ? '–' : `${(ours / rowsPerSecond).toFixed(1)} ×`]),
  ]
}

export function targetsTable(targets: readonly Verdict[]): Table {
  const words = { true: 'holds', false: 'does not hold', null: 'not measured' }
  return [['target', 'limit', 'measured', ''], ...targets.map(({ target, limit, figure, holds }) => [target, limit, figure ?? '–', words[`${holds}`]])]
}
