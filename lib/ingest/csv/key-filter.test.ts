import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { KeyFilter } from './key-filter.ts'

test('a key that came before is never missed', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 80 }), fc.constantFrom(0, 0, 1, 50), (keys, more) => {
    const filter = new KeyFilter(keys.length + more)
    const seen = new Set<string>()
    for (const key of keys) {
      const suspected = filter.seenBefore(key)
      if (seen.has(key)) expect(suspected).toBe(true)
      seen.add(key)
    }
  }), runs(2000))
})

test('of a hundred thousand different keys few are suspected', () => {
  const filter = new KeyFilter(100_000)
  let suspected = 0
  for (let i = 0; i < 100_000; i++) if (filter.seenBefore(`SO-${i}/1`)) suspected++
  expect(suspected).toBeLessThan(1000)
})

test('ten million keys take little memory, and few of them are suspected', { timeout: timesMs(30_000) }, () => {
  const KEYS = 10_000_000
  const before = process.memoryUsage().arrayBuffers
  const filter = new KeyFilter(KEYS)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.6 * KEYS)
  let suspected = 0
  for (let i = 0; i < KEYS; i++) if (filter.seenBefore(`SO-${i}/1`)) suspected++
  expect(suspected).toBeLessThan(KEYS / 500)
})
