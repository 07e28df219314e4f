import { expect, test } from 'vitest'
import { idProblem, loadSlug, partnerSlug, proposedLoadId } from './ids.ts'

test('ids are text and stay as they were typed', () => {
  for (const id of ['0007', '7', 'Añejo Motors', 'a', 'x'.repeat(64), 'load:2025#1', '...']) expect(partnerSlug.parse(id)).toBe(id)
})

test('an id that could be a path, is empty, too long or hides a sign is refused with its reason', () => {
  const refused = ['', 'x'.repeat(65), 'a/b', 'a\\b', '..', '.', ' a', 'a ', 'a\u0000b', 'a\nb', '\u2028', '\ud800']
  for (const id of refused) expect(idProblem(id, 64), JSON.stringify(id)).toMatch(/^It /)
})

test('length counts characters, not UTF-16 units', () => {
  expect(loadSlug.safeParse('🚗'.repeat(100)).success).toBe(true)
  expect(loadSlug.safeParse('🚗'.repeat(101)).success).toBe(false)
})

test('the proposed load id is the day and the partner, counted up', () => {
  expect(proposedLoadId('acme', new Date(2025, 7, 2))).toBe('2025-08-02_acme')
  expect(proposedLoadId('acme', new Date(2025, 7, 2), 2)).toBe('2025-08-02_acme-2')
})
