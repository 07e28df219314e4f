import { expect, test } from 'vitest'
import { amountOf, cents, checkLines, countsAsPaid } from './balance.ts'

test('amounts go to cents and back without losing one', () => {
  for (const amount of ['0.00', '0.05', '-0.05', '12.30', '-1234.56', '9999999999.99']) expect(amountOf(cents(amount))).toBe(amount)
  expect(cents('.5')).toBe(50n)
  expect(cents('7')).toBe(700n)
  expect(cents(null)).toBe(0n)
})

test('what is no amount of money is refused', () => {
  for (const wrong of ['1,000.00', '1.234', 'abc', '1e3']) expect(() => cents(wrong)).toThrow('Not an amount')
})

test('payments that are not there yet, or never will be, do not count as paid', () => {
  expect(['completed', 'refunded', 'partially_refunded', null].map(countsAsPaid)).toEqual([true, true, true, true])
  expect(['pending', 'processing', 'failed', 'cancelled'].map(countsAsPaid)).toEqual([false, false, false, false])
})

test('lines that add up to the subtotal are what one expects of an invoice with taxes', () => {
  expect(checkLines(['46204.94', '-7694.04'], { subTotal: '38510.90', total: '43362.42' })).toEqual({
    lines: '38510.90', againstSubtotal: '0.00', againstTotal: '-4851.52',
    sentence: 'The lines add up to the subtotal. The rest of the total is taxes and fees.',
  })
})

test('lines that add up to nothing on the invoice are said to', () => {
  expect(checkLines(['10.00', null], { subTotal: '12.00', total: '13.00' })).toMatchObject({ lines: '10.00', againstSubtotal: '-2.00', againstTotal: '-3.00' })
  expect(checkLines(['10.00'], { subTotal: '12.00', total: '13.00' }).sentence).toContain('neither')
})

test('an invoice without lines or without amounts says just that', () => {
  expect(checkLines([], { subTotal: '12.00', total: '13.00' }).sentence).toBe('The invoice has no lines.')
  expect(checkLines(['1.00'], { subTotal: null, total: null })).toMatchObject({ againstSubtotal: null, againstTotal: null })
})
