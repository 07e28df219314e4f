import { expect, test } from 'vitest'
import type { AlternativeResult } from './alternatives.ts'
import { caseTitles, type CaseName, type CaseResult, type CaseRun } from './cases.ts'
import type { SizeResult } from './sizes.ts'
import { atMost, judge } from './targets.ts'

const usual: Record<CaseName, number> = { first: 4, rerun: 0.5, same: 1.5, changed: 1.8, dry: 3.9, uuid: 4.8, dirty: 4.2 }

function measuredCase(name: CaseName, { timesRaw = usual[name], productionRows = 0, nodePeakBytes = 180e6 } = {}): CaseResult {
  const figures = {
    seconds: timesRaw * 8, commandSeconds: timesRaw * 8 + 2, nodeCpuSeconds: 8, serverCpuSeconds: 30, nodePeakBytes, nodeWrittenBytes: 0, serverWrittenBytes: 1e9,
    productionRows, rawSeconds: 8, timesRaw, commandTimesRaw: timesRaw + 0.25,
  }
  const run: CaseRun = { ...figures, status: 'completed', rejected: 0, steps: {} }
  return { name, title: caseTitles[name], rows: 1_860_000, bytes: 280e6, lineItems: 1_050_000, runs: [run], median: figures, steps: {} }
}

type Change = Partial<Record<CaseName, Parameters<typeof measuredCase>[1]>>
const allCases = (change: Change = {}) => (Object.keys(usual) as CaseName[]).map((name) => measuredCase(name, change[name]))
const size = (lineItems: number, microsecondsPerRow: number, nodePeakBytes = 190e6): SizeResult =>
  ({
    lineItems, rows: lineItems * 2, bytes: lineItems * 300, runs: 3,
    seconds: (microsecondsPerRow * lineItems * 2) / 1e6, microsecondsPerRow, timesRaw: 4, nodePeakBytes,
  })
const slow = (rowsPerSecond: number): AlternativeResult =>
  ({ name: 'rowByRow', title: 'row by row', rows: 3_000, lineItems: 2_000, seconds: 3_000 / rowsPerSecond, rowsPerSecond })

// The first load of the cases above takes 17.2 µs a row.
const allSizes = [size(10_000, 18), size(100_000, 17)]

function verdicts(measured: Partial<Parameters<typeof judge>[0]> = {}) {
  const found = judge({ cases: allCases(), sizes: allSizes, alternatives: [slow(600)], ...measured })
  // What follows a comma are sizes, but for the keys.
  return Object.fromEntries(found.map(({ target, figure, holds }) => [target.replace(/, (?!UUID).*/, ''), { figure, holds }]))
}

test('targets that were reached hold, each with its figure', () => {
  expect(verdicts()).toEqual({
    'first load': { figure: '4.00 × raw', holds: true },
    'first load, UUID keys': { figure: '4.80 × raw', holds: true },
    'identical rerun: the same load again': { figure: '0.50 × raw', holds: true },
    'identical rerun: the same rows in a new delivery': { figure: '1.50 × raw', holds: true },
    'production rows that identical reruns wrote': { figure: '0', holds: true },
    '1 % of the rows changed': { figure: '1.80 × raw', holds: true },
    'dry run': { figure: '0.97 × first load', holds: true },
    '0.2 % of the rows dirty': { figure: '1.05 × first load', holds: true },
    'most memory of Node': { figure: '190 MB', holds: true },
    'time for a row': { figure: '1.06', holds: true },
    'first load against row by row': { figure: '97 × faster', holds: true },
  })
})

test('a case is compared with the first load of its own round', () => {
  const rounds = (name: CaseName, seconds: readonly number[]): CaseResult => {
    const one = measuredCase(name)
    return { ...one, runs: seconds.map((each) => ({ ...one.runs[0]!, seconds: each })) }
  }
  // The machine was twice as slow in the second round, and slower again in the middle of the third.
  const cases = [rounds('first', [30, 60, 30]), rounds('dirty', [32.1, 64.8, 45])]
  expect(verdicts({ cases, sizes: [] })['0.2 % of the rows dirty']).toEqual({ figure: '1.08 × first load', holds: true })
})

test('every target that is missed does not hold', () => {
  const missed = verdicts({
    cases: allCases({
      first: { timesRaw: 4.21 }, uuid: { timesRaw: 5.01 }, rerun: { timesRaw: 1.71, productionRows: 1 }, same: { timesRaw: 1.71 }, changed: { timesRaw: 1.91 },
      dry: { timesRaw: 4.3 }, dirty: { timesRaw: 4.7, nodePeakBytes: 251e6 },
    }),
    sizes: [size(10_000, 21)], alternatives: [slow(1_500)],
  })
  for (const [target, { holds }] of Object.entries(missed)) expect(holds, target).toBe(false)
})

test('the least memory that is too much at any size does not hold', () => {
  expect(verdicts({ sizes: [...allSizes, size(10_000_000, 17, 300e6)] })['most memory of Node']).toEqual({ figure: '300 MB', holds: false })
})

test('a single production row that any run of a rerun wrote does not hold', () => {
  const twice = allCases()
  const same = twice.find((one) => one.name === 'same')!
  same.runs.push({ ...same.runs[0]!, productionRows: 1 })
  expect(verdicts({ cases: twice })['production rows that identical reruns wrote']).toEqual({ figure: '1', holds: false })
})

test('what was not measured neither holds nor fails', () => {
  const none = verdicts({ cases: [], sizes: [], alternatives: [] })
  for (const [target, verdict] of Object.entries(none)) expect(verdict, target).toEqual({ figure: null, holds: null })
})

test('a figure is judged as it is shown', () => {
  expect(atMost('x', 1.704, 1.7, '')).toMatchObject({ figure: '1.70', holds: true })
  expect(atMost('x', 1.706, 1.7, '')).toMatchObject({ figure: '1.71', holds: false })
})
