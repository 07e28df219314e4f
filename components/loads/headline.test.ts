import { expect, test } from 'vitest'
import type { AttemptSummary, LedgerLine } from '#lib/data/loads.ts'
import { headline } from './headline.ts'

const attempt: AttemptSummary = {
  number: 1, delivery: 1, status: 'completed', dryRun: false, startedBy: 'Ana', startedVia: 'portal', startedAt: '2025-08-23T10:00:00.000Z',
  seconds: 72, records: 9449, errors: 37, warnings: 3,
}
const line: LedgerLine = {
  entity: 'customer', manifest: 9449, records: 9449, staged: 9449, accepted: 9412, rejected: 37, superseded: 0, identical: 0,
  inserted: 9412, updated: 0, unchanged: 0, warnings: 0, stopped: 0,
}
const facts = { attempt, lines: [line], failure: null, completedBefore: false, loadedSince: false, hasFiles: true }

test('a completed load says how many exceptions it had, how long it took and how many rows came in', () => {
  expect(headline({ ...facts, status: 'completed_with_exceptions' })).toEqual({
    says: 'Completed with 37 exceptions in 1 min 12 s: 9,412 rows accepted of 9,449.',
    effect: '9,412 new, 0 changed, 0 unchanged in production.',
    next: '37 rows were left out. The exceptions say why, line by line.',
  })
})

test('a rerun that changed nothing says so', () => {
  const again = { ...line, rejected: 0, records: 9412, inserted: 0, unchanged: 9412 }
  expect(headline({ ...facts, status: 'completed', attempt: { ...attempt, number: 2, seconds: 3 }, lines: [again] }).says)
    .toBe('Rerun finished in 3.0 s: 0 new, 0 changed, 9,412 unchanged.')
})

test('a cancelled load is run again where its files are kept, and sent again where they are not', () => {
  expect(headline({ ...facts, status: 'cancelled' }).next).toBe('Run it again when it is wanted after all.')
  expect(headline({ ...facts, status: 'cancelled', hasFiles: false }).next).toBe('Send its files again when it is wanted after all.')
})

test('a dry run never claims to have written', () => {
  const dry = { ...facts, attempt: { ...attempt, dryRun: true } }
  const { says, effect, next } = headline({ ...dry, status: 'completed' })
  expect(says).toContain('would be accepted')
  expect(effect).toBe('Nothing was written: a dry run undoes what it did.')
  expect(next).toContain('Load it for real')
  expect(headline({ ...dry, status: 'completed', completedBefore: true }).next).toBeNull()
  expect(headline({ ...dry, status: 'failed_validation', lines: [], failure: 'vehicles.csv is missing.' }).says).toBe('Dry run failed validation: vehicles.csv is missing.')
})

test('an attempt before the one in production asks for nothing', () => {
  for (const status of ['completed', 'failed_validation', 'failed'] as const) expect(headline({ ...facts, attempt: { ...attempt, dryRun: true }, status, loadedSince: true }).next).toBeNull()
})

test('a failed load says why, what happened to production, and what to do', () => {
  const refused = headline({ ...facts, status: 'failed_validation', lines: [], failure: 'vehicles.csv is missing.' })
  expect(refused.says).toBe('Failed validation: vehicles.csv is missing.')
  expect(refused.effect).toBe('Nothing was written to production.')
  expect(refused.next).toContain('send it again under the same load id')
})

test('a failed rerun says that the rows of the earlier attempt are untouched', () => {
  expect(headline({ ...facts, status: 'failed', lines: [], completedBefore: true }).effect)
    .toBe('Nothing was written; the rows of the earlier attempt are as they were.')
})

test('checksums are shortened in the sentence of a refused load', () => {
  const failure = `vehicles.csv has sha256 ${'7acd216f'.repeat(8)}, the manifest says ${'dd970d86'.repeat(8)}.`
  expect(headline({ ...facts, status: 'failed_validation', lines: [], failure }).says)
    .toBe('Failed validation: vehicles.csv has sha256 7acd216f7a…, the manifest says dd970d86dd….')
})
