import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { KeyFilter } from './key-filter.ts'

const half = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1))

test('a hash that was added is never missed', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(fc.array(fc.tuple(half, half), { maxLength: 80 }), fc.constantFrom(0, 0, 1, 50), (hashes, more) => {
    const filter = new KeyFilter(hashes.length + more)
    const added = new Set<string>()
    for (const [a, b] of hashes) {
      const suspected = filter.add(a, b)
      if (added.has(`${a} ${b}`)) expect(suspected).toBe(true)
      added.add(`${a} ${b}`)
    }
    for (const [a, b] of hashes) expect(filter.mayHave(a, b)).toBe(true)
  }), runs(2000))
})

test('of hashes that were not added few are suspected', () => {
  const filter = new KeyFilter(100_000)
  for (let i = 0; i < 100_000; i++) filter.add(Math.imul(i, 0x9e3779b9), Math.imul(i, 0x85ebca6b))
  let suspected = 0
  for (let i = 100_000; i < 200_000; i++) if (filter.mayHave(Math.imul(i, 0x9e3779b9), Math.imul(i, 0x85ebca6b))) suspected++
  expect(suspected).toBeLessThan(1000)
})
