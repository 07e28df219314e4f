import { afterEach, expect, test, vi } from 'vitest'
import { times, timesMs } from './times.ts'

afterEach(() => vi.unstubAllEnvs())

test('without a word counts and times are those of a plain run', () => {
  vi.stubEnv('ONRAMP_TEST_TIMES', undefined)
  expect([times(3), timesMs(120_000)]).toEqual([3, 120_000])
})

test('with a factor there is so much more of both, and never more time than a timer can hold', () => {
  vi.stubEnv('ONRAMP_TEST_TIMES', '40')
  expect([times(500), timesMs(120_000)]).toEqual([20_000, 4_800_000])
  vi.stubEnv('ONRAMP_TEST_TIMES', '20000')
  expect(timesMs(120_000)).toBe(2_147_483_647)
})

test('anything but a whole number from 1 on is refused', () => {
  for (const given of ['', '0', '-1', '1.5', 'many', ' 2', '1e3', '0x10', '1000000']) {
    vi.stubEnv('ONRAMP_TEST_TIMES', given)
    expect(() => times(1), given).toThrow('ONRAMP_TEST_TIMES must be a whole number')
  }
})
