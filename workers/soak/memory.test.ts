import { expect, test } from 'vitest'
import { judgeMemory, type Life } from './memory.ts'

const life = (of: Partial<Life> = {}): Life => ({ process: 'portal', seconds: 600, first: 300e6, last: 310e6, most: 320e6, slope: { perHour: 20e6, certain: 0, hours: 0.1 }, ...of })
const judged = (lives: Life[], connections = { early: 20, late: 20, most: 20 }, toMs = 60_000) =>
  judgeMemory({ lives: () => lives, connections: () => connections }, { fromMs: 0, toMs }).problems

test('processes that keep their size have nothing wrong, and the database may grow into its buffers', () => {
  expect(judged([life(), life({ process: 'worker 1' }), life({ process: 'database', most: 5e9, slope: { perHour: 900e6, certain: 800e6, hours: 0.1 } })])).toEqual([])
})

test.each<[string, Partial<Life>]>([
  ['a portal that holds too much', { most: 1.6e9 }],
  ['a worker that holds too much', { process: 'worker 2', most: 0.7e9 }],
  ['a portal that grows for certain', { slope: { perHour: 200e6, certain: 110e6, hours: 0.1 } }],
  ['a slow growth that was looked at for long', { slope: { perHour: 9e6, certain: 7e6, hours: 2 } }],
])('%s is a problem', (_, of) => {
  expect(judged([life(of)])).toHaveLength(1)
})

test('what was looked at for a minute is not judged by its growth', () => {
  expect(judged([life({ slope: { perHour: 900e6, certain: 900e6, hours: 0.02 } }), life({ slope: null })])).toEqual([])
})

test('connections that grow are a problem, but not while pools fill', () => {
  expect(judged([life()], { early: 2, late: 18, most: 18 }, 3_000)).toEqual([])
  expect(judged([life()], { early: 20, late: 31, most: 31 })).toEqual([expect.stringContaining('31 at last')])
})
