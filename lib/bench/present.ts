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

/** What was measured of loads, for a person. */
export function presentLoads(result: LoadsResult, form: Form): string {
  const { cases, sizes, alternatives, targets, runs } = result
  const first = cases.find((one) => one.name === 'first')
  const of = cases[0] && `${whole(result.invoices)} invoices: ${whole(cases[0].rows)} rows, ${whole(cases[0].lineItems)} of them line items, ${mega(cases[0].bytes)} MB. Medians of ${runs}.`
  const parts: (string | undefined | false)[] = [
    presentSetting(result), of,
    cases.length > 0 && presentTable(casesTable(cases), form), cases.length > 0 && presentTable(stepsTable(cases), form),
    sizes.length > 0 && presentTable(sizesTable(sizes, first), form),
    alternatives.length > 0 && presentTable(alternativesTable(alternatives, first), form),
    ...cases.map((one) => presentProfile(one.title, one.runs.at(-1)!.profile, form)),
    presentTable(targetsTable(targets), form),
  ]
  return parts.filter(Boolean).join('\n\n')
}

/** What was measured of extreme data, for a person. */
export function presentCorners(result: CornersResult, form: Form): string {
  const { corners, targets } = result
  return [
    presentSetting(result), presentTable(cornersTable(corners), form), presentTable(cornerStepsTable(corners), form),
    ...corners.map((corner) => presentProfile(corner.title, corner.profile, form)), presentTable(targetsTable(targets), form),
  ].filter(Boolean).join('\n\n')
}

/** The longest statements, and the functions that kept Node busy. Statements of two connections overlap. */
function presentProfile(title: string, profile: Profile | undefined, form: Form): string | undefined {
  if (!profile) return undefined
  const statements = [[`statements of: ${title}`, 's', 'times'], ...profile.statements.map(({ seconds, times, text }) => [text, fixed(seconds, 2), String(times)])]
  const functions = [['busy in Node', 's'], ...profile.functions.map(({ seconds, name, place }) => [`${name} ${place}`, fixed(seconds, 2)])]
  return `${presentTable(statements, form)}\n\n${presentTable(functions, form)}`
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

function cornerStepsTable(corners: readonly CornerResult[]): Table {
  return [['seconds by step (staging overlaps the others)', ...stepNames], ...corners.map(({ title, steps }) => [title, ...stepNames.map((name) => fixed(steps[name], 2))])]
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

function stepsTable(cases: readonly CaseResult[]): Table {
  return [['seconds by step (staging overlaps the others)', ...stepNames], ...cases.map(({ title, steps }) => [title, ...stepNames.map((name) => fixed(steps[name], 2))])]
}

function sizesTable(sizes: readonly SizeResult[], first: CaseResult | undefined): Table {
  const all = [...sizes, ...(first ? [{ ...first, seconds: first.median.seconds!, timesRaw: first.median.timesRaw!, nodePeakBytes: first.median.nodePeakBytes! }] : [])]
  return [
    ['first load by size', 'line items', 'rows', 's', 'µs a row', '× raw', 'Node peak MB'],
    ...all.toSorted((a, b) => a.lineItems - b.lineItems).map((size) => [
      '', whole(size.lineItems), whole(size.rows), fixed(size.seconds, 2), fixed((size.seconds * 1e6) / size.rows, 1), fixed(size.timesRaw, 2), mega(size.nodePeakBytes),
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
