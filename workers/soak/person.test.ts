import { expect, test } from 'vitest'
import { wrongAnswer } from './person.ts'

test.each([[200, null], [204, undefined], [404, null], [409, null], [423, null], [429, '3'], [503, '0']])('%d with Retry-After %j may be answered', (status, retryAfter) => {
  expect(wrongAnswer(status, retryAfter)).toBeUndefined()
})

test.each([[500, '1'], [502, '1'], [504, null], [429, null], [429, ''], [503, undefined], [503, 'soon']])('%d with Retry-After %j may not', (status, retryAfter) => {
  expect(wrongAnswer(status, retryAfter)).toContain(String(status))
})
