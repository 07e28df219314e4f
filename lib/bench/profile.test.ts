import { pathToFileURL } from 'node:url'
import path from 'node:path'
import { expect, test } from 'vitest'
import { busyFunctions, summedStatements } from './profile.ts'

test('statements that differ in numbers only are one, the longest first', () => {
  expect(summedStatements([
    { seconds: 1, text: 'select 1\n  from onramp_bench_12.a where id = 5' }, { seconds: 4, text: 'insert into b' },
    { seconds: 2, text: 'select 1 from onramp_bench_13.a where id = 77' },
  ])).toEqual([{ seconds: 4, times: 1, text: 'insert into b' }, { seconds: 3, times: 2, text: 'select N from ….a where id = N' }])
})

test('a function was busy for the time of its own samples; waiting is no work', () => {
  const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber })
  expect(busyFunctions({
    nodes: [
      { id: 1, callFrame: frame('(idle)', '', -1) }, { id: 2, callFrame: frame('encode', pathToFileURL(path.resolve('lib/ingest/a.ts')).href, 9) },
      { id: 3, callFrame: frame('', 'node:fs', 4) }, { id: 4, callFrame: frame('encode', pathToFileURL(path.resolve('lib/ingest/a.ts')).href, 9) },
    ],
    samples: [1, 2, 3, 4, 2], timeDeltas: [500_000, 125_000, 250_000, 250_000, 500_000],
  })).toEqual([{ seconds: 0.875, name: 'encode', place: 'lib/ingest/a.ts:10' }, { seconds: 0.25, name: '(anonymous)', place: 'node:fs' }])
})
