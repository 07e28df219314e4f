import { expect, test } from 'vitest'
import { median, medians, spread } from './statistics.ts'

test('the median is the middle value, or the mean of the two in the middle, in whatever order they come', () => {
  expect(median([10, 2, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([7])).toBe(7)
})

test('nothing has no median', () => {
  expect(() => median([])).toThrow('median of nothing')
})

test('the spread is the highest over the lowest', () => {
  expect(spread([2, 3, 2.5])).toBe(1.5)
  expect(spread([4])).toBe(1)
})

test('each figure has a median of its own, and one that was not always measured has none', () => {
  expect(medians([{ seconds: 1, cpu: 9 }, { seconds: 3, cpu: null }, { seconds: 2, cpu: 7 }])).toEqual({ seconds: 2, cpu: null })
})
