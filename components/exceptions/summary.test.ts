import { expect, test } from 'vitest'
import type { ExceptionGroup } from '#lib/data/exceptions.ts'
import { summary } from './summary.ts'

const group = (more: Partial<ExceptionGroup>): ExceptionGroup =>
  ({ entity: 'customer', code: 'invalid_email', column: 'contactEmail', severity: 'warning', count: 1, title: '', advice: '', samples: [], ...more })

test('errors, what they took along, warnings of rows and remarks on files are told apart, as in the reconciliation', () => {
  const groups = [
    group({ severity: 'error', code: 'invalid_decimal', count: 1017 }), group({ severity: 'error', code: 'parent_rejected', count: 42 }),
    group({ count: 24 }), group({ code: 'unknown_column', column: 'loyaltyTier' }),
  ]
  expect(summary(groups, 'completed_with_exceptions')).toBe('1,017 errors, 42 rows left out with a parent, 24 warnings and 1 remark on a file.')
  expect(summary(groups.slice(2, 3), 'running')).toBe('24 warnings so far.')
})
