import { expect, test } from 'vitest'
import { hitIn } from '#lib/ingest/failpoint.ts'
import { judgeExit, type Exit } from './exits.ts'

const exit = (of: Partial<Exit>): Exit => ({ code: null, signal: null, told: undefined, isReady: true, hit: undefined, ...of })
const problem = { problem: expect.any(String) }

test('a fail point that a process came to is found in what it wrote, and in nothing else', () => {
  expect(hitIn('worker ready\nfail point W12:line_item: kill\n')).toEqual({ place: 'W12:line_item', action: 'kill' })
  for (const other of ['Error: a fail point threw where nobody catches\n', 'armed is the fail point W3: kill\n', 'fail point W3: kill, said somebody\n']) expect(hitIn(other)).toBeUndefined()
})

test.each<[string, Partial<Exit>]>([
  ['killed at its fail point', { signal: 'SIGKILL', hit: { place: 'W3', action: 'kill' } }],
  ['broken by an error at its fail point', { code: 1, hit: { place: 'W3', action: 'uncaught' } }],
  ['broken by a rejection at its fail point', { code: 1, hit: { place: 'W3', action: 'reject' } }],
  ['out of memory at its fail point', { signal: 'SIGABRT', hit: { place: 'W3', action: 'oom' } }],
  ['killed by us while it stood still', { signal: 'SIGKILL', told: 'SIGKILL', hit: { place: 'W3', action: 'stop' } }],
  ['told to stop, and then at its fail point', { signal: 'SIGKILL', told: 'SIGTERM', hit: { place: 'W3', action: 'kill' } }],
  ['told to stop', { code: 0, told: 'SIGTERM' }],
  ['told to stop before it was ready', { signal: 'SIGTERM', told: 'SIGTERM', isReady: false }],
  ['told to stop twice', { code: 1, told: 'SIGTERM twice' }],
  ['done before it was told a second time', { code: 0, told: 'SIGTERM twice' }],
])('a process that ends %s ends as it should', (_, of) => {
  expect(judgeExit(exit(of))).toEqual({ counted: expect.any(String) })
})

test.each<[string, Partial<Exit>]>([
  ['a crash of a process that came to no fail point', { code: 1 }],
  ['a crash before it was ready', { code: 1, isReady: false }],
  ['a crash of another kind than its fail point brings about', { signal: 'SIGSEGV', hit: { place: 'W3', action: 'kill' } }],
  ['exit code 1 where it should have been killed', { code: 1, hit: { place: 'W3', action: 'kill' } }],
  ['a crash after it stood still at its fail point', { code: 1, hit: { place: 'W3', action: 'stop' } }],
  ['a kill that nobody sent', { signal: 'SIGKILL' }],
  ['a crash in the moment before it was killed', { code: 1, told: 'SIGKILL' }],
  ['an end with exit code 1 when told to stop', { code: 1, told: 'SIGTERM' }],
  ['an end by the signal itself once it was ready', { signal: 'SIGTERM', told: 'SIGTERM' }],
  ['a kill because it did not stop', { signal: 'SIGKILL', told: 'SIGTERM' }],
  ['an end in order that nobody asked for', { code: 0 }],
])('%s is a problem', (_, of) => {
  expect(judgeExit(exit(of))).toEqual(problem)
})
