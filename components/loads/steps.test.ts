import { expect, test } from 'vitest'
import type { StepProgress } from '#lib/data/load-progress.ts'
import { doingNow, stepLines, type Course } from './steps.ts'

const step = (name: string, entity: StepProgress['entity'], state: StepProgress['state'], rows: number | null = null): StepProgress =>
  ({ name, entity, state, rows, seconds: 2, startedAt: '2026-11-20T10:00:00.000Z' })
const states = (steps: StepProgress[], course: Course) => Object.fromEntries(stepLines(steps, 8, course).map(({ key, state }) => [key, state]))

const halfway = [step('package', '', 'done'), step('stage', 'customer', 'done', 500), step('stage', 'vehicle', 'running', 200)]

test('steps to come wait while the attempt runs', () => {
  expect(states(halfway, 'under_way')).toEqual({
    received: 'done', package: 'done', stage: 'running', validate: 'waiting', match: 'waiting', write: 'waiting', reconcile: 'waiting', publish: 'waiting',
  })
})

test('when the attempt has ended, the step that ran has failed and later ones were not reached', () => {
  expect(states(halfway, 'failed')).toMatchObject({ package: 'done', stage: 'failed', validate: 'not_reached', publish: 'not_reached' })
})

test('a package that was inspected to its end and refused is where the load failed', () => {
  expect(states([step('package', '', 'done', 490)], 'failed')).toMatchObject({ received: 'done', package: 'failed', stage: 'not_reached' })
})

test('a step that works file by file sums its rows and opens to one line per file', () => {
  const stage = stepLines(halfway, 8, 'under_way').find(({ key }) => key === 'stage')!
  expect(stage).toMatchObject({ rows: 700, seconds: 4, rowsPerSecond: null })
  expect(stage.parts.map(({ title, rows, rowsPerSecond }) => ({ title, rows, rowsPerSecond }))).toEqual([
    { title: 'Customers', rows: 500, rowsPerSecond: 250 }, { title: 'Vehicles', rows: 200, rowsPerSecond: null },
  ])
})

test('a step that works file by file is done when all seven files are', () => {
  const three = [step('stage', 'customer', 'done', 5), step('stage', 'vehicle', 'done', 5), step('stage', 'invoice', 'done', 5), step('match', 'customer', 'failed')]
  expect(states(three, 'under_way')).toMatchObject({ stage: 'running' })
  expect(states(three, 'failed')).toMatchObject({ stage: 'stopped', match: 'failed', write: 'not_reached' })
})

test('what goes on is said with the file and its place', () => {
  expect(doingNow(halfway)).toBe('Staging vehicles, 2 of 7')
  expect(doingNow([step('package', '', 'running')])).toBe('Checking the package')
  expect(doingNow([step('package', '', 'done')])).toBe('')
})
