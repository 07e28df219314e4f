import { expect, test } from 'vitest'
import { dayIn, momentIn, quantity, stateWord, words } from './words.ts'

test('states and lists are told in words', () => {
  expect([stateWord('in_progress'), stateWord(null), stateWord('odd')]).toEqual(['In progress', 'No state', 'odd'])
  expect([words('credit_card'), words('ach'), words('paypal'), words(null)]).toEqual(['Credit card', 'ACH', 'PayPal', '—'])
})

test('dates are those of the shop', () => {
  expect(dayIn('America/Chicago', '2025-08-22T03:00:00.000Z')).toBe('Aug 21, 2025')
  expect(momentIn('America/Chicago', '2025-08-22T03:00:00.000Z').replaceAll('\u202f', ' ')).toBe('Aug 21, 2025, 10:00 PM CDT')
})

test('quantities have no zeros that say nothing', () => {
  expect(['1.5', '1.5000', '2', '2.0000', '10', '0.2500'].map(quantity)).toEqual(['1.5', '1.5', '2', '2', '10', '0.25'])
})
