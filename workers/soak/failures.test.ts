import { expect, test } from 'vitest'
import { judgeFailures, tellFailures } from './failures.ts'

test('a few loads may fail for reasons that a disturbance explains', () => {
  expect(judgeFailures({ ran: 800, failed: { database_error: 30, worker_lost: 2 } })).toBeNull()
  expect(judgeFailures({ ran: 800, failed: {} })).toBeNull()
  expect(judgeFailures({ ran: 3, failed: { database_error: 1 } })).toBeNull()
})

test('one load that fails for another reason is too much', () => {
  expect(judgeFailures({ ran: 800, failed: { database_error: 1, internal_error: 1 } })).toContain('internal_error')
  expect(judgeFailures({ ran: 800, failed: { not_reconciled: 1 } })).toContain('not_reconciled')
})

test('loads that fail as a rule are too much, whatever their reason', () => {
  expect(judgeFailures({ ran: 800, failed: { database_error: 60, worker_lost: 30 } })).toContain('90 runs of 800')
  expect(judgeFailures({ ran: 3, failed: { database_error: 3 } })).not.toBeNull()
})

test('the numbers are told with their share and their reasons', () => {
  expect(tellFailures({ ran: 1_000, failed: { database_error: 12 } })).toBe('Of 1,000 loads and reruns 12 ended failed and were run again (1.2 %): database_error 12')
  expect(tellFailures({ ran: 0, failed: {} })).toContain('(0.0 %)')
})
