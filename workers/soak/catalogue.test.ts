import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { BY_SOAK, BY_TESTS, catalogue, countsItself, suiteOf, timesOf } from './catalogue.ts'
import { problemOf } from './run-catalogue.ts'

const root = path.resolve(import.meta.dirname, '../..')
const upTo = (letter: string, most: number) => Array.from({ length: most }, (_, i) => `${letter}${i + 1}`)

test('every entry of the catalogue is in one place: with its tests, done by a soak, or done in full by every test run', () => {
  const known = [...upTo('C', 6), ...upTo('B', 7), ...upTo('D', 8), ...upTo('S', 5), ...upTo('E', 4), ...upTo('Z', 5), ...upTo('X', 16), ...upTo('J', 4)]
  expect([...catalogue.map(({ id }) => id), ...BY_SOAK, ...BY_TESTS].toSorted()).toEqual(known.toSorted())
})

test.each(catalogue.flatMap(({ id, tests }) => tests.map(({ file, only }) => [id, file, only] as const)))('%s: %s has tests of that name (%s)', (_, file, only) => {
  expect(existsSync(path.join(root, file)), file).toBe(true)
  if (only) expect(readFileSync(path.join(root, file), 'utf8')).toMatch(new RegExp(`(?:test|describe)[^\\n]*['\`][^\\n]*${only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
})

test('an entry is done as often as a soak has to, or as often as somebody says, and never less than once', () => {
  for (const entry of catalogue) {
    expect(timesOf(entry) * entry.plain, entry.id).toBeGreaterThanOrEqual(entry.soak)
    expect(timesOf(entry), entry.id).toBeGreaterThanOrEqual(1)
    expect(timesOf(entry, 2), entry.id).toBeLessThanOrEqual(2)
  }
})

test('the suite of a file is told by its name, and whether it counts by itself by what it imports', () => {
  expect(['e2e/a.spec.ts', 'lib/a.db.test.ts', 'lib/a.test.ts'].map(suiteOf)).toEqual(['e2e', 'db', 'unit'])
  expect(countsItself("import { times } from '#lib/fuzz/times.ts'")).toBe(true)
  expect(countsItself("import { times } from './times.ts'")).toBe(true)
  expect(countsItself('// times.ts')).toBe(false)
})

test('a run passes when something passed and nothing failed', () => {
  expect(problemOf({ passed: 3, failed: 0, code: 0 })).toBeUndefined()
  expect(problemOf({ passed: 0, failed: 0, code: 0 })).toBeTypeOf('string')
  expect(problemOf({ passed: 3, failed: 1, code: 1 })).toBeTypeOf('string')
  expect(problemOf({ passed: 3, failed: 0, code: null })).toBeTypeOf('string')
})
