import { expect, test } from 'vitest'
import { random } from '#lib/sample/random.ts'
import { Rotation } from './rotation.ts'

const PLACES = ['a', 'b', 'c', 'd', 'e']
const dealt = (rotation: Rotation<string>, times: number, comesAbout: (place: string) => boolean) => Array.from({ length: times }, () => {
  const place = rotation.next()
  if (comesAbout(place)) rotation.hit(place)
  return place
})

test('everything has had its turn before anything has a second one, in an order that the dice decide', () => {
  const rounds = dealt(new Rotation(PLACES, random(1)), 15, () => true)
  for (let i = 0; i < 15; i += 5) expect(rounds.slice(i, i + 5).toSorted()).toEqual(PLACES)
  expect(dealt(new Rotation(PLACES, random(1)), 15, () => true)).toEqual(rounds)
  expect(dealt(new Rotation(PLACES, random(2)), 15, () => true)).not.toEqual(rounds)
})

test('what did not come about is dealt again sooner, and keeps nothing else from its turn', () => {
  const rounds = dealt(new Rotation(PLACES, random(3)), 70, (place) => place !== 'c')
  const times = (place: string) => rounds.filter((one) => one === place).length
  expect(times('c')).toBeGreaterThan(2 * times('a'))
  for (const place of PLACES) expect(times(place)).toBeGreaterThanOrEqual(9)
})

test('what is there twice comes about twice as often', () => {
  const rounds = dealt(new Rotation(['a', 'a', 'b'], random(4)), 30, () => true)
  expect(rounds.filter((one) => one === 'a')).toHaveLength(20)
})
