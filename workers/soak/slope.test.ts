import { expect, test } from 'vitest'
import { random } from '#lib/sample/random.ts'
import { growsTooFast, mostPerHour, slopeOf } from './slope.ts'

const MB = 1e6

/** Looks once a second at a process that grows, and whose garbage comes and goes. */
function looks(seconds: number, mbPerHour: number, garbageMb: number, seed = 1) {
  const dice = random('slope', seed)
  return Array.from({ length: seconds }, (_, s) => ({ atMs: s * 1_000, bytes: 150 * MB + (mbPerHour * MB * s) / 3_600 + (s % 37) / 37 * garbageMb * MB + dice.next() * 2 * MB }))
}

test('the slope is that of what a process keeps, whatever garbage comes and goes', () => {
  const { perHour, certain } = slopeOf(looks(1_200, 60, 80))!
  expect(perHour / MB).toBeGreaterThan(50)
  expect(perHour / MB).toBeLessThan(70)
  expect(certain).toBeLessThan(perHour)
})

test.each([300, 900, 7_200])('a process that keeps its size for %d seconds does not grow, whatever the seed', (seconds) => {
  for (let seed = 1; seed <= 40; seed++) expect(growsTooFast(slopeOf(looks(seconds, 0, 60, seed))!), `seed ${seed}`).toBe(false)
})

test('one that warms up in the beginning and then stays does not grow too fast', () => {
  const warming = looks(600, 0, 40).map((look, s) => ({ ...look, bytes: look.bytes + 4 * MB * (1 - Math.exp(-s / 60)) }))
  expect(growsTooFast(slopeOf(warming)!)).toBe(false)
})

test.each([[300, 250], [900, 80], [7_200, 10]])('in %d seconds a growth of %d MB an hour is found, whatever the seed', (seconds, mbPerHour) => {
  for (let seed = 1; seed <= 40; seed++) expect(growsTooFast(slopeOf(looks(seconds, mbPerHour, 60, seed))!), `seed ${seed}`).toBe(true)
})

test('the limit nears a megabyte an hour the longer it is looked at', () => {
  expect(mostPerHour(0.1) / MB).toBeCloseTo(101)
  expect(mostPerHour(2) / MB).toBeCloseTo(6)
  expect(mostPerHour(24) / MB).toBeCloseTo(1.42)
})

test('a few looks say nothing, nor do looks at one moment', () => {
  expect(slopeOf(looks(20, 1_000, 0))).toBeNull()
  expect(slopeOf(looks(100, 0, 0).map((look) => ({ ...look, atMs: 0 })))).toBeNull()
})
