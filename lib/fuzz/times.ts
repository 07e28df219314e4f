const NAME = 'ONRAMP_TEST_TIMES'
// Timers that would ring later ring at once.
const LONGEST_MS = 2 ** 31 - 1

/** How often a disturbed or random test does what it does, where a plain run does it `n` times: so much more as ONRAMP_TEST_TIMES says. */
export function times(n: number): number {
  return n * factor()
}

/** How long such a test may take, where a plain run may take so many milliseconds. */
export function timesMs(ms: number): number {
  return Math.min(times(ms), LONGEST_MS)
}

function factor(): number {
  const given = process.env[NAME] ?? '1'
  if (!/^[1-9]\d{0,5}$/.test(given)) throw new Error(`${NAME} must be a whole number from 1 to 999999, not ${JSON.stringify(given)}.`)
  return Number(given)
}
