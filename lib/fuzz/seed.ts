import { times } from './times.ts'

const USUAL = 20_251_120

/** What random tests begin with; `SEED=n` runs them again as a failed run did. */
export const SEED = given() ?? USUAL

/** What a property test gives fast-check, whose failures name the seed. */
export const runs = (count: number) => ({ numRuns: times(count), seed: SEED })

/** The seed of tests that are other ones in each run: SEED, or one from the clock. It is printed, so that a failure can be played again. */
export function seedOfRun(): number {
  const seed = given() ?? Date.now() % 1_000_000
  console.log(`SEED=${seed} plays this run again`)
  return seed
}

function given(): number | undefined {
  const text = process.env.SEED
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`SEED must be a whole number of at most nine digits, not ${JSON.stringify(text)}.`)
  return Number(text)
}
