import type { AlternativeResult } from './alternatives.ts'
import type { CaseName, CaseResult } from './cases.ts'
import type { LoadsResult, Verdict } from './result.ts'
import type { SizeResult } from './sizes.ts'
import { median, spread } from './statistics.ts'

export const MOST_NODE_BYTES = 250e6
const MOST_SPREAD = 1.15
const LEAST_TIMES_ROW_BY_ROW = 50

type Measurements = Pick<LoadsResult, 'cases' | 'sizes' | 'alternatives'>

/** Every target of a load's speed and size, with its figure. What was not measured has none, and neither holds nor fails. */
export function judge({ cases, sizes, alternatives }: Measurements): Verdict[] {
  const of = (name: CaseName) => cases.find((one) => one.name === name)
  const timesRaw = (name: CaseName, what: string, most: number) => atMost(what, of(name)?.median.timesRaw ?? null, most, ' × raw')
  const timesFirst = (name: CaseName, what: string, most: number) => atMost(what, over(of(name), of('first')), most, ' × first load')
  const first = of('first')
  return [
    timesRaw('first', 'first load', 4.2),
    timesRaw('uuid', 'first load, UUID keys', 5),
    timesRaw('rerun', 'identical rerun: the same load again', 1.7),
    timesRaw('same', 'identical rerun: the same rows in a new delivery', 1.7),
    atMost('production rows that identical reruns wrote', productionRows([of('rerun'), of('same')]), 0, '', 0),
    timesRaw('changed', '1 % of the rows changed', 1.9),
    timesFirst('dry', 'dry run', 1),
    timesFirst('dirty', '0.2 % of the rows dirty', 1.1),
    nodeMemory(cases, sizes),
    evenness(sizes, first),
    againstRowByRow(alternatives, first),
  ]
}

/** A figure that may be `most` at most. It is judged as it is shown, so that 1.70 never fails a limit of 1.7. */
export function atMost(target: string, figure: number | null, most: number, unit: string, digits = 2): Verdict {
  const shown = figure === null ? null : figure.toFixed(digits)
  return { target, limit: `≤ ${most}${unit}`, figure: shown && `${shown}${unit}`, holds: shown === null ? null : Number(shown) <= most }
}

/** How long a case takes against another one: the median of the rounds, each of which measured both. */
function over(one: CaseResult | undefined, other: CaseResult | undefined): number | null {
  return one && other ? median(one.runs.map(({ seconds }, round) => seconds / other.runs[round]!.seconds)) : null
}

function productionRows(reruns: readonly (CaseResult | undefined)[]): number | null {
  const counts = reruns.flatMap((one) => one?.runs.map((run) => run.productionRows) ?? [])
  return counts.length === 0 ? null : Math.max(...counts)
}

function nodeMemory(cases: readonly CaseResult[], sizes: readonly SizeResult[]): Verdict {
  const peaks = [...cases.flatMap((one) => one.runs.map((run) => run.nodePeakBytes)), ...sizes.map((size) => size.nodePeakBytes)]
  return atMost('most memory of Node, all cases and sizes', peaks.length === 0 ? null : Math.max(...peaks) / 1e6, MOST_NODE_BYTES / 1e6, ' MB', 0)
}

/** The time for a row at the largest distance, over all sizes and the first load of the cases. */
function evenness(sizes: readonly SizeResult[], first: CaseResult | undefined): Verdict {
  const perRow = [...sizes.map((size) => ({ lineItems: size.lineItems, each: size.seconds / size.rows })),
    ...(first ? [{ lineItems: first.lineItems, each: first.median.seconds! / first.rows }] : [])]
  const counts = perRow.map((one) => one.lineItems)
  const range = perRow.length < 2 ? '' : `, ${Math.min(...counts).toLocaleString('en-US')} to ${Math.max(...counts).toLocaleString('en-US')} line items`
  return atMost(`time for a row, slowest size over fastest${range}`, perRow.length < 2 ? null : spread(perRow.map((one) => one.each)), MOST_SPREAD, '')
}

function againstRowByRow(alternatives: readonly AlternativeResult[], first: CaseResult | undefined): Verdict {
  const slow = alternatives.find((one) => one.name === 'rowByRow')
  const times = slow && first ? (first.rows / first.median.seconds!) / slow.rowsPerSecond : null
  return {
    target: 'first load against row by row, equally durable', limit: `≥ ${LEAST_TIMES_ROW_BY_ROW} × faster`,
    figure: times === null ? null : `${times.toFixed(0)} × faster`, holds: times === null ? null : times >= LEAST_TIMES_ROW_BY_ROW,
  }
}
