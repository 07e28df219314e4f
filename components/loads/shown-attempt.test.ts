import { expect, test } from 'vitest'
import type { AttemptSummary } from '#lib/data/loads.ts'
import { shownAttempt } from './shown-attempt.ts'

const attempt = (number: number, status: AttemptSummary['status'], dryRun = false): AttemptSummary => ({
  number, delivery: 1, status, dryRun, startedBy: null, startedVia: 'cli', startedAt: '2026-11-20T10:00:00.000Z', seconds: 1, records: 1, errors: 0, warnings: 0,
})
const twice = { status: 'completed' as const, currentAttempt: 2, completedAttempt: 2, attempts: [attempt(2, 'completed'), attempt(1, 'failed')] }

test('the last attempt is shown unless another is asked for', () => {
  expect(shownAttempt(twice, null)).toMatchObject({ number: 2, status: 'completed', live: false, usual: true })
  expect(shownAttempt(twice, 1)).toMatchObject({ number: 1, status: 'failed', live: false, usual: false, completedBefore: false })
})

test('a dry run does not hide the last real attempt, but can be asked for', () => {
  const load = { ...twice, currentAttempt: 3, attempts: [attempt(3, 'completed_with_exceptions', true), ...twice.attempts] }
  expect(shownAttempt(load, null)).toMatchObject({ number: 2, status: 'completed' })
  expect(shownAttempt(load, 3)).toMatchObject({ number: 3, status: 'completed_with_exceptions' })
})

test('a delivery that was refused after the load was completed does not hide what is in production', () => {
  const load = { ...twice, currentAttempt: 3, attempts: [attempt(3, 'failed_validation'), ...twice.attempts] }
  expect(shownAttempt(load, null)).toMatchObject({ number: 2, status: 'completed' })
  expect(shownAttempt(load, 3)).toMatchObject({ number: 3, status: 'failed_validation', completedBefore: true })
})

test('a load that only ever ran dry shows that run', () => {
  const load = { status: 'draft' as const, currentAttempt: 1, completedAttempt: null, attempts: [attempt(1, 'completed', true)] }
  expect(shownAttempt(load, null)).toMatchObject({ number: 1, status: 'completed' })
})

test('a dry run of files that came after a failure is what the load shows', () => {
  const load = { status: 'draft' as const, currentAttempt: 2, completedAttempt: null, attempts: [attempt(2, 'completed_with_exceptions', true), attempt(1, 'failed_validation')] }
  expect(shownAttempt(load, null)).toMatchObject({ number: 2, status: 'completed_with_exceptions', usual: true })
  expect(shownAttempt(load, 1)).toMatchObject({ number: 1, status: 'failed_validation', usual: false })
})

test('what waits or runs is followed, and earlier attempts can still be looked at', () => {
  const queued = { ...twice, status: 'queued' as const }
  expect(shownAttempt(queued, null)).toMatchObject({ live: true, status: 'queued' })
  expect(shownAttempt(queued, 2)).toMatchObject({ live: false, status: 'completed', number: 2 })
  const running = { ...twice, status: 'running' as const, currentAttempt: 3, attempts: [attempt(3, 'running'), ...twice.attempts] }
  expect(shownAttempt(running, null)).toMatchObject({ live: true, number: 3 })
  expect(shownAttempt(running, 3)).toMatchObject({ live: true })
  expect(shownAttempt(running, 1)).toMatchObject({ live: false, status: 'failed' })
})

test('a rerun that was cancelled says so, and that the earlier attempt is in production', () => {
  expect(shownAttempt({ ...twice, status: 'cancelled' }, null)).toMatchObject({ status: 'cancelled', completedBefore: true })
})

test('a load before its first attempt has none', () => {
  expect(shownAttempt({ status: 'uploading', currentAttempt: 0, completedAttempt: null, attempts: [] }, null))
    .toMatchObject({ number: 0, summary: null, status: 'uploading', live: false })
})
