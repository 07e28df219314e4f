import { expect, test } from 'vitest'
import { readSizes } from './sizes.ts'

test('sizes are numbers with k or m', () => {
  expect(readSizes('10k,100K, 1.5m,7')).toEqual([10_000, 100_000, 1_500_000, 7])
})

test('what is no size is refused', () => {
  for (const text of ['', '10k,', 'ten', '1g', '-1', '0', '1e3']) expect(readSizes(text), text).toBeUndefined()
})
