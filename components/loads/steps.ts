import type { StepProgress } from '#lib/data/load-progress.ts'
import { entityTitle } from './words.ts'

export type LineState = 'waiting' | 'running' | 'done' | 'failed' | 'not_reached'
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

// The order of the pipeline. `noun` is what the line is called, `doing` what is said while it runs.
const pipeline = [
  { name: 'package', noun: 'Package checked', doing: 'Checking the package' },
  { name: 'stage', noun: 'Staged', doing: 'Staging' },
  { name: 'validate', noun: 'Validated', doing: 'Checking values' },
  { name: 'match', noun: 'Matched', doing: 'Matching keys and parents' },
  { name: 'write', noun: 'Written', doing: 'Writing' },
  { name: 'reconcile', noun: 'Reconciled', doing: 'Reconciling' },
  { name: 'publish', noun: 'Published', doing: 'Publishing' },
]

/** The steps of an attempt as lines of the timeline, those to come included. `over`: the attempt has ended. */
export function stepLines(steps: readonly StepProgress[], over: boolean): StepLine[] {
  const furthest = pipeline.findLastIndex(({ name }) => steps.some((step) => step.name === name))
  return pipeline.map(({ name, noun }, place) => {
    const own = steps.filter((step) => step.name === name)
    const parts = own.filter((step) => step.entity !== '').map((step) => line(`${name}.${step.entity}`, entityTitle(step.entity || 'customer'), [step], step.state))
    return { ...line(name, noun, own, stateOf(own, place, furthest, over)), parts }
  })
}

function stateOf(own: readonly StepProgress[], place: number, furthest: number, over: boolean): LineState {
  if (own.length === 0) return over ? 'not_reached' : place < furthest ? 'done' : 'waiting'
  if (own.some(({ state }) => state === 'failed')) return 'failed'
  if (own.some(({ state }) => state === 'running')) return over ? 'failed' : 'running'
  return 'done'
}

function line(key: string, title: string, own: readonly StepProgress[], state: LineState): StepLine {
  const counted = own.filter(({ rows }) => rows !== null)
  const rows = counted.length > 0 ? counted.reduce((sum, step) => sum + step.rows!, 0) : null
  const seconds = own.length > 0 ? own.reduce((sum, step) => sum + step.seconds, 0) : null
  return { key, title, state, rows, rowsPerSecond: rows && seconds && state === 'done' ? Math.round(rows / seconds) : null, seconds, parts: [] }
}

/** What goes on now, in words: `Staging line items, 4 of 7`. Empty when nothing runs. */
export function doingNow(steps: readonly StepProgress[]): string {
  const running = steps.findLast(({ state }) => state === 'running')
  const step = pipeline.find(({ name }) => name === running?.name)
  if (!running || !step) return ''
  if (running.entity === '') return step.doing
  const place = steps.filter(({ name }) => name === running.name).length
  return `${step.doing} ${entityTitle(running.entity).toLowerCase()}, ${place} of 7`
}
