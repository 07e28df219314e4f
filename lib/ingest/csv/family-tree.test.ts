import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { findCycles } from '../cycles.ts'
import { FamilyTree } from './family-tree.ts'

type Row = { group: string; key: string; parent: string | null }

/** What the tree says of the rows of a file: the parents of those that go first, and of the late ones in their order. */
function sorted(rows: readonly Row[]) {
  const tree = new FamilyTree()
  const above = rows.map(({ group, key, parent }, i) => tree.add(group, key, parent, i + 1))
  tree.end()
  const late = tree.take().toString().split('\n').slice(0, -1).map((line) => line.split('\t').map(Number) as [number, number, number, number])
  return { above, late }
}

const row = fc.record({ group: fc.constantFrom('A', 'A', 'A', 'B'), parent: fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k9')) })

test('every row comes after its parent, and only rows of a circle and those whose parent is not in the group stay without', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(fc.array(row, { maxLength: 8 }), fc.shuffledSubarray(['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'], { minLength: 8 }), (some, keys) => {
    const rows = some.map((r, i) => ({ ...r, key: keys[i]! }))
    const { above, late } = sorted(rows)
    expect(late.map(([, , place]) => place)).toEqual(late.map((_, i) => i + 1))
    const behind = new Set(late.map(([record]) => record))
    expect(behind.size).toBe(late.length)
    const there = new Set<number>()
    const links = new Map<number, number>()
    const put = (record: number, parent: number) => {
      if (parent !== 0) {
        expect(there).toContain(parent)
        links.set(record, parent)
      }
      there.add(record)
    }
    for (const [i, parent] of above.entries()) if (!behind.has(i + 1)) put(i + 1, parent)
    for (const [record, parent, , ready] of late) {
      put(record, parent)
      expect(Math.max(record, parent)).toBeLessThanOrEqual(ready)
    }
    expect(there.size).toBe(rows.length)
    expect(late.map(([, , , ready]) => ready)).toEqual(late.map(([, , , ready]) => ready).sort((a, b) => a - b))

    // The same found by looking at all rows: those of a run of rows of one group are a family.
    const runOf: number[] = []
    for (const [i, { group }] of rows.entries()) runOf.push(i > 0 && rows[i - 1]!.group === group ? runOf[i - 1]! : i)
    const wanted = new Map<number, number>()
    for (const [i, { parent }] of rows.entries()) {
      const found = rows.findIndex((other, j) => other.key === parent && runOf[j] === runOf[i])
      if (found !== -1) wanted.set(i + 1, found + 1)
    }
    for (const record of findCycles(wanted)) wanted.delete(record)
    expect([...links].sort(([a], [b]) => a - b)).toEqual([...wanted].sort(([a], [b]) => a - b))
  }), runs(5000))
})

test('a chain of 100,000 rows, each hanging on the next, comes in from its end', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => ({ group: 'A', key: `k${i}`, parent: i === 99_999 ? null : `k${i + 1}` }))
  const { above, late } = sorted(rows)
  expect(above.every((parent) => parent === 0)).toBe(true)
  expect(late.slice(0, 2)).toEqual([[99_999, 100_000, 1, 100_000], [99_998, 99_999, 2, 100_000]])
  expect(late).toHaveLength(99_999)
})

test('of a group that outgrows what is remembered no row is in two places', () => {
  const rows = Array.from({ length: 450_000 }, (_, i) => ({ group: 'A', key: 'same', parent: i % 3 === 0 ? 'same' : `k${i}` }))
  const { above, late } = sorted(rows)
  for (const [record] of late) expect(above[record - 1]).toBe(0)
  expect(new Set(late.map(([record]) => record)).size).toBe(late.length)
})
