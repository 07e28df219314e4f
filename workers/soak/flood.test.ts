import { expect, test } from 'vitest'
import { judgeFlood, tellFlood, type Flood } from './flood.ts'

const flood = (of: Partial<Flood> = {}): Flood => ({ seconds: 30, pages: 120, unanswered: 0, pageP95Ms: 114, calmP95Ms: 96, mostBytes: { portal: 4e8, 'worker 1': 2e8 }, ...of })

test('a flood as it was measured has nothing wrong', () => {
  expect(judgeFlood(flood())).toEqual([])
  expect(tellFlood(1_000, flood())).toBe('1,000 uploads at once: all ended after 30 s; 120 pages meanwhile, 0 without an answer, 95 % within 114 ms (before: 96); the portal at most 400 MB, the worker 1 at most 200 MB')
})

test('on a machine that is slow anyway pages may take three times as long as before', () => {
  expect(judgeFlood(flood({ pageP95Ms: 1_400, calmP95Ms: 500 }))).toEqual([])
  expect(judgeFlood(flood({ pageP95Ms: 1_600, calmP95Ms: 500 }))).toEqual([expect.stringContaining('1600 ms')])
})

test.each<[string, Partial<Flood>]>([
  ['pages that take longer than half a second', { pageP95Ms: 501 }],
  ['no page at all', { pages: 0 }],
  ['more than a handful of pages without an answer', { unanswered: 4 }],
  ['a portal that holds too much', { mostBytes: { portal: 1.6e9 } }],
  ['a worker that holds too much', { mostBytes: { portal: 4e8, 'worker 2': 7e8 } }],
  ['a process that nobody saw', { mostBytes: { portal: 4e8, 'worker 1': 0 } }],
])('%s is a problem', (_, of) => {
  expect(judgeFlood(flood(of))).toHaveLength(1)
})
