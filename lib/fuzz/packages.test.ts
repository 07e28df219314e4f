import { expect, test } from 'vitest'
import { random } from '#lib/sample/random.ts'
import { fuzzedDelivery, readDelivery } from './packages.ts'
import { SEED } from './seed.ts'
import { times, timesMs } from './times.ts'

const DELIVERIES = times(10_000)
const prototypes = [Object.prototype, Array.prototype, String.prototype, Map.prototype]
const namesOf = () => prototypes.map((prototype) => Object.getOwnPropertyNames(prototype))

test(`${DELIVERIES} broken deliveries are refused in words or read with every record accounted for (SEED=${SEED})`, { timeout: timesMs(300_000) }, async () => {
  const before = namesOf()
  const counts = { refused: 0, records: 0, rejected: 0, exceptions: 0 }
  for (let i = 0; i < DELIVERIES; i++) {
    const dice = random(SEED, 'delivery', i)
    const { refused, files } = await readDelivery(fuzzedDelivery(dice), dice).catch((error: unknown) => {
      throw new Error(`SEED=${SEED} delivery ${i}: ${(error as Error).message}`, { cause: error })
    })
    if (refused) counts.refused++
    for (const file of files.values()) {
      counts.records += file.records
      counts.rejected += file.rejected
      counts.exceptions += file.exceptions
    }
  }
  expect(namesOf()).toEqual(before)
  // Enough must get through the door, and enough must be said about it, or nothing behind it was tried.
  expect(counts.refused).toBeGreaterThan(DELIVERIES / 10)
  expect(counts.refused).toBeLessThan(DELIVERIES / 1.5)
  expect(counts.rejected).toBeGreaterThan(DELIVERIES / 10)
  expect(counts.exceptions).toBeGreaterThan(counts.rejected)
})
