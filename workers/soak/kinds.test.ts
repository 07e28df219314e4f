import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kindOf, kinds, missingKinds } from './kinds.ts'
import { Tally } from './tally.ts'

const sources = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !/^kinds|\.test\.ts$/.test(file)).map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8')).join('\n')

test('a soak that did nothing misses every kind; one that did everything once misses none', () => {
  const tally = new Tally(() => undefined)
  expect(missingKinds(tally)).toEqual(kinds)
  for (const kind of kinds) tally.count(kind)
  expect(missingKinds(tally)).toEqual([])
})

test('one kind that never came about is named', () => {
  const tally = new Tally(() => undefined)
  for (const kind of kinds) if (kind !== 'restores') tally.count(kind)
  expect(missingKinds(tally)).toEqual(['restores'])
})

test('every place and every way to end there is a kind of its own', () => {
  expect(kinds).toEqual(expect.arrayContaining(['fail point W22', 'fail point U6', 'fail points of workers: oom', 'workers: SIGTERM twice', 'commits of workers: silent']))
  expect(kindOf.place({ place: 'W12:line_item', action: 'kill' })).toBe('fail point W12')
})

test('every kind that is called by its own words is counted somewhere', () => {
  const composed = /^(?:fail point|workers: |packets of|commits of|all connections)|answered \dxx$/
  expect(kinds.filter((kind) => !composed.test(kind) && !sources.includes(`'${kind}'`))).toEqual([])
})
