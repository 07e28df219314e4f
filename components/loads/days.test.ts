import { expect, test } from 'vitest'
import { fromLocalDay, toLocalDay } from './days.ts'

test('a day and its moment lead back to each other, also across the change of clocks', () => {
  for (const day of ['2026-03-08', '2026-11-01', '2026-12-31', '2024-02-29']) {
    expect(toLocalDay(fromLocalDay(day, 0)!, 0)).toBe(day)
    expect(toLocalDay(fromLocalDay(day, 1)!, -1)).toBe(day)
  }
})

test('the end of a range is the midnight after its last day', () => {
  expect(toLocalDay(fromLocalDay('2026-12-31', 1)!, 0)).toBe('2027-01-01')
})

test('what is no date is none', () => {
  expect(fromLocalDay('', 0)).toBeNull()
  expect(fromLocalDay('03/04/25', 0)).toBeNull()
})
