import { expect, test } from 'vitest'
import { judgeCorner, readCorners, type CornerResult } from './corners.ts'

const corner = (change: Partial<CornerResult>): CornerResult => ({
  name: 'rejected', title: 'bad rows', rows: 1_000_000, bytes: 150e6, exceptions: 1_000_000,
  seconds: 20, commandSeconds: 21, nodeCpuSeconds: 8, serverCpuSeconds: 15, nodePeakBytes: 200e6, times: 1.2, per: 'row', steps: {}, ...change,
})
const holds = (change: Partial<CornerResult>) => judgeCorner(corner(change)).map((verdict) => verdict.holds)

test('a corner may take half as long again as usual, and 250 MB', () => {
  expect(judgeCorner(corner({}))).toEqual([
    { target: 'bad rows', limit: '≤ 1.5 × the usual time for a row', figure: '1.20 × the usual time for a row', holds: true },
    { target: 'bad rows: most memory of Node', limit: '≤ 250 MB', figure: '200 MB', holds: true },
  ])
  expect(holds({ times: 1.51 })).toEqual([false, true])
  expect(holds({ nodePeakBytes: 251e6 })).toEqual([true, false])
})

test('two shops at the same time must both progress, and take less time than in turn', () => {
  const two = { name: 'second', per: 'row of two loads in turn', times: 0.9, bothProgress: true } as const
  expect(holds(two)).toEqual([true, true, true])
  expect(holds({ ...two, times: 1.01 })).toEqual([false, true, true])
  expect(holds({ ...two, bothProgress: false })).toEqual([true, false, true])
})

test('corners are chosen by name; without a choice it is all of them', () => {
  expect(readCorners('chain,second')).toEqual(['chain', 'second'])
  expect(readCorners(undefined).length).toBe(8)
  expect(() => readCorners('chain,knot')).toThrow('"knot"')
})
