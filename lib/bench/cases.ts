import type { StepName } from '#lib/ingest/progress.ts'
import { stepNames } from '#lib/ingest/progress.ts'
import type { SampleOptions } from '#lib/sample/generator.ts'
import { dataset, deliveredAgain, type Dataset } from './data.ts'
import { measureLoad, type LoadRun, type Measured } from './measured-load.ts'
import type { Profile } from './profile.ts'
import { loadRaw } from './raw.ts'
import type { BenchServer } from './server.ts'
import { mean, median, medians } from './statistics.ts'

/** What is measured, in the order of the table. */
export const caseTitles = {
  first: 'first load',
  rerun: 'the same load run again',
  same: 'the same rows in a new delivery',
  changed: 'a new delivery, 1 % of the rows changed',
  dry: 'dry run of the first load',
  uuid: 'first load, UUID keys',
  dirty: 'first load, 0.2 % of the rows dirty',
} as const
export type CaseName = keyof typeof caseTitles
export const caseNames = Object.keys(caseTitles) as CaseName[]

/** Cases that follow upon each other in one database, which is new for each group. The first of a group comes first in each. */
const groups: readonly { data: SampleOptions['keys'] | 'dirty'; cases: readonly CaseName[] }[] = [
  { data: 'plain', cases: ['first', 'rerun', 'same', 'changed'] },
  { data: 'plain', cases: ['dry'] },
  { data: 'uuid', cases: ['uuid'] },
  { data: 'dirty', cases: ['dirty'] },
]
const DIRTY = 0.002
const CHANGED = 0.01

export type CaseRun = Measured & {
  rawSeconds: number; timesRaw: number; commandTimesRaw: number
  status: string; rejected: number; steps: Partial<Record<StepName, number>>; profile?: Profile
}
export type CaseResult = {
  name: CaseName; title: string; rows: number; bytes: number; lineItems: number
  runs: CaseRun[]
  /** Medians of the runs. `timesRaw`: of the ratios, each taken within its own run. */
  median: Record<keyof Measured | 'rawSeconds' | 'timesRaw' | 'commandTimesRaw', number | null>
  steps: Partial<Record<StepName, number>>
}

export type CaseOptions = {
  dataDir: string; invoices: number; runs: number; only: readonly CaseName[]; profile: boolean; signal: AbortSignal
  /** Hears what goes on, for a person who waits. */
  tell(line: string): void
}

/**
 * Measures the chosen cases `runs` times. Raw and loads take turns, and each load is compared with the raw before and the raw
 * after it, since machines are faster at one time and slower at another.
 */
export async function measureCases(server: BenchServer, options: CaseOptions): Promise<CaseResult[]> {
  const { only, runs, profile, signal, tell } = options
  const found = new Map<CaseName, { data: Dataset; runs: CaseRun[] }>()
  for (let run = 1; run <= runs; run++) {
    for (const group of groups) {
      const last = group.cases.findLastIndex((name) => only.includes(name))
      if (last < 0) continue
      const base = await dataOf(options, group.data)
      await server.reset()
      let rawBefore = await loadRaw(server, base)
      for (const name of group.cases.slice(0, last + 1)) {
        // What leads to a chosen case runs too, and is not counted.
        const isLead = !only.includes(name)
        if (isLead && name !== 'first') continue
        signal.throwIfAborted()
        const data = await dataFor(name, base, options)
        const measured = await measureLoad(server, data, { signal, profile, dryRun: name === 'dry', again: name === 'rerun' })
        if (isLead) continue
        const rawAfter = await loadRaw(server, base)
        const one = compared(measured, mean([rawBefore, rawAfter]))
        rawBefore = rawAfter
        if (!found.has(name)) found.set(name, { data, runs: [] })
        found.get(name)!.runs.push(one)
        tell(`run ${run} of ${runs}, ${caseTitles[name]}: ${one.seconds.toFixed(2)} s, raw ${one.rawSeconds.toFixed(2)} s, ${one.timesRaw.toFixed(2)} × raw`)
      }
    }
  }
  return caseNames.flatMap((name) => (found.has(name) ? [summed(name, found.get(name)!)] : []))
}

function dataOf({ dataDir, invoices }: CaseOptions, form: 'plain' | 'uuid' | 'dirty' | undefined): Promise<Dataset> {
  return dataset(dataDir, { invoices, ...(form === 'uuid' ? { keys: form } : form === 'dirty' ? { dirty: DIRTY } : {}) })
}

async function dataFor(name: CaseName, base: Dataset, { dataDir, invoices }: CaseOptions): Promise<Dataset> {
  if (name === 'same') return deliveredAgain(base, 'again')
  if (name === 'changed') return dataset(dataDir, { invoices, changed: CHANGED, loadId: 'changed' })
  return base
}

function compared({ report, whole: _whole, writing: _writing, ...measured }: LoadRun, rawSeconds: number): CaseRun {
  return {
    ...measured, rawSeconds, timesRaw: measured.seconds / rawSeconds, commandTimesRaw: measured.commandSeconds / rawSeconds,
    status: report.status, rejected: Object.values(report.entities).reduce((n, counts) => n + counts.rejected, 0), steps: report.timings,
  }
}

function summed(name: CaseName, { data, runs }: { data: Dataset; runs: CaseRun[] }): CaseResult {
  const figures = runs.map(({ steps: _steps, status: _status, rejected: _rejected, profile: _profile, ...rest }) => rest)
  const steps = Object.fromEntries(stepNames.flatMap((step) => {
    const seconds = runs.flatMap((run) => run.steps[step] ?? [])
    return seconds.length > 0 ? [[step, median(seconds)]] : []
  }))
  return { name, title: caseTitles[name], rows: data.rows, bytes: data.bytes, lineItems: data.lineItems, runs, median: medians(figures), steps }
}
