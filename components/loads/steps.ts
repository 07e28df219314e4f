import { entityNames } from '#lib/contract/index.ts'
import type { StepProgress } from '#lib/data/load-progress.ts'
import { counted, entityTitle } from './words.ts'

export type LineState = 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'not_reached'
export type StepLine = {
  key: string
  title: string
  state: LineState
  rows: number | null
  rowsPerSecond: number | null
  seconds: number | null
  /** One line per entity, for steps that work through the files one by one. */
  parts: StepLine[]
}

// The order of the pipeline. `noun` is what the line is called, `doing` and what it is done to are said while it runs; `each`
// is done file by file, and a file may be written while the next is still being staged.
const pipeline: { name: string; noun: string; doing: string; object: string; each?: true }[] = [
  { name: 'package', noun: 'Package checked', doing: 'Checking', object: 'the package' },
  { name: 'stage', noun: 'Staged', doing: 'Staging', object: 'the files', each: true },
  { name: 'validate', noun: 'Validated', doing: 'Checking', object: 'values', each: true },
  { name: 'match', noun: 'Matched', doing: 'Matching', object: 'keys and parents', each: true },
  { name: 'write', noun: 'Written', doing: 'Writing', object: 'rows', each: true },
  { name: 'reconcile', noun: 'Reconciled', doing: 'Reconciling', object: 'counts and sums' },
  { name: 'publish', noun: 'Published', doing: 'Publishing', object: 'the result' },
]

export type Course = 'under_way' | 'completed' | 'failed'

/** The steps of an attempt as lines of the timeline, those to come included. */
export function stepLines(steps: readonly StepProgress[], files: number, course: Course): StepLine[] {
  const furthest = pipeline.findLastIndex(({ name }) => steps.some((step) => step.name === name))
  const lines = pipeline.map(({ name, noun, each = false }, place) => {
    const own = steps.filter((step) => step.name === name)
    const parts = own.filter((step) => step.entity !== '').map((step) => line(`${name}.${step.entity}`, entityTitle(step.entity || 'customer'), [step], step.state))
    return { ...line(name, noun, own, stateOf(own, each ? entityNames.length : 1, place < furthest, course !== 'under_way')), parts }
  })
  // A package that is refused was inspected to its end: that step is done, and yet it is where the load failed.
  const last = lines[furthest]
  if (course === 'failed' && last && !lines.some(({ state }) => state === 'failed')) last.state = 'failed'
  return [line('received', `Received ${counted(files, 'file')}`, [], 'done'), ...lines]
}

function stateOf(own: readonly StepProgress[], parts: number, passed: boolean, over: boolean): LineState {
  if (own.length === 0) return over ? 'not_reached' : passed ? 'done' : 'waiting'
  if (own.some(({ state }) => state === 'failed')) return 'failed'
  if (own.some(({ state }) => state === 'running')) return over ? 'failed' : 'running'
  if (own.length < parts) return over ? 'stopped' : 'running'
  return 'done'
}

function line(key: string, title: string, own: readonly StepProgress[], state: LineState): StepLine {
  const withRows = own.filter(({ rows }) => rows !== null)
  const rows = withRows.length > 0 ? withRows.reduce((sum, step) => sum + step.rows!, 0) : null
  const seconds = own.length > 0 ? own.reduce((sum, step) => sum + step.seconds, 0) : null
  return { key, title, state, rows, rowsPerSecond: rows && seconds && seconds >= SHORTEST_RATED_SECONDS && state === 'done' ? Math.round(rows / seconds) : null, seconds, parts: [] }
}

// The speed of anything shorter is noise.
const SHORTEST_RATED_SECONDS = 0.05

/** What goes on now, in words: `Staging line items, 4 of 7`. Empty when nothing runs. */
export function doingNow(steps: readonly StepProgress[]): string {
  const running = steps.findLast(({ state }) => state === 'running')
  const step = pipeline.find(({ name }) => name === running?.name)
  if (!running || !step) return ''
  if (running.entity === '') return `${step.doing} ${step.object}`
  const place = steps.filter(({ name }) => name === running.name).length
  return `${step.doing} ${entityTitle(running.entity).toLowerCase()}, ${place} of ${entityNames.length}`
}
