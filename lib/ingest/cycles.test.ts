import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { findCycles } from './cycles.ts'

/** A row is on a circle when following its parents leads back to it. */
function byFollowing(parents: ReadonlyMap<number, number>): number[] {
  return [...parents.keys()].filter((start) => {
    let at: number | undefined = start
    for (let steps = 0; steps <= parents.size; steps++) {
      at = parents.get(at!)
      if (at === undefined) return false
      if (at === start) return true
    }
    return false
  })
}

test('the rows on circles are found, each once, and nothing that only hangs on one', { timeout: timesMs(30_000) }, () => {
  const links = fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 11 })), { maxLength: 14 })
  fc.assert(fc.property(links, (pairs) => {
    const parents = new Map(pairs)
    const found = findCycles(parents)
    expect(new Set(found).size).toBe(found.length)
    expect([...found].sort((a, b) => a - b)).toEqual(byFollowing(parents).sort((a, b) => a - b))
  }), runs(5000))
})

test('a chain of 100,000 rows is walked without recursion', () => {
  const parents = new Map(Array.from({ length: 100_000 }, (_, i) => [i, i + 1]))
  expect(findCycles(parents)).toEqual([])
  parents.set(100_000, 99_998)
  expect(findCycles(parents).sort((a, b) => b - a)).toEqual([100_000, 99_999, 99_998])
})
