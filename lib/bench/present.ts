import { stepNames } from '#lib/ingest/progress.ts'
import type { CaseResult } from './cases.ts'
import type { Machine } from './machine.ts'

/** Rows of text as a table for a terminal: the first column to the left, figures to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join('').trimEnd()).join('\n')
}

const fixed = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits))
const mega = (bytes: number | null, digits = 0) => (bytes === null ? '–' : (bytes / 1e6).toFixed(digits))
const whole = (value: number) => Math.round(value).toLocaleString('en-US')

type Measurement = { machine: Machine; server: { name: string; version: string; settings: Record<string, string> } }

/** One line on the machine, one on the server. */
export function presentMachine({ machine, server }: Measurement): string {
  const { cores, cpu, memoryBytes, node, commit } = machine
  const settings = Object.entries(server.settings).map(([name, value]) => `${name}=${/^\d{7,}$/.test(value) ? `${Number(value) / 2 ** 20}M` : value}`)
  return `${cores} cores (${cpu}), ${Math.round(memoryBytes / 2 ** 30)} GiB, Node ${node}, commit ${commit ?? 'unknown'}\n${server.version}: ${settings.join(', ')}`
}

/** The cases with their medians. */
export function casesTable(cases: readonly CaseResult[]): string {
  const figures = [
    ['', 's', '× raw', 'command s', 'rows/s', 'MB/s', 'Node CPU s', 'server CPU s', 'Node peak MB', 'written MB', 'production rows'],
    ...cases.map(({ title, rows, bytes, median: m }) => [
      title, fixed(m.seconds, 2), fixed(m.timesRaw, 2), fixed(m.commandSeconds, 2), whole(rows / m.seconds!), mega(bytes / m.seconds!, 1),
      fixed(m.nodeCpuSeconds, 1), fixed(m.serverCpuSeconds, 1), mega(m.nodePeakBytes), mega(m.serverWrittenBytes), whole(m.productionRows!),
    ]),
  ]
  const steps = [['seconds by step (they overlap)', ...stepNames, 'raw'], ...cases.map(({ title, steps: of, median: m }) =>
    [title, ...stepNames.map((name) => fixed(of[name] ?? null, 2)), fixed(m.rawSeconds, 2)])]
  return `${textTable(figures)}\n\n${textTable(steps)}`
}
