import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UserError } from '#lib/errors.ts'
import { Turns } from './turns.ts'

test('so many run at a time, the others in the order in which they came', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  let running = 0
  let most = 0
  const given = await Promise.all(Array.from({ length: 20 }, (_, n) => turns.take(async () => {
    begun.push(n)
    most = Math.max(most, ++running)
    await sleep(n % 3)
    running--
    return n
  })))
  expect(most).toBe(2)
  expect(begun).toEqual(given)
  expect(given).toEqual(Array.from({ length: 20 }, (_, n) => n))
})

test('work that fails gives its turn on', async () => {
  const turns = new Turns(1)
  const failing = turns.take(() => Promise.reject(new Error('no')))
  const next = turns.take(async () => 'mine')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('mine')
  expect(await turns.take(async () => 'and mine')).toBe('and mine')
})

test('who has waited for too long is told when to come again, and takes nobody’s turn', async () => {
  const turns = new Turns(1, { longestWaitMs: 20 })
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = turns.take(() => promise)
  let ran = false
  const told = await turns.take(async () => { ran = true }).catch((error: unknown) => error as UserError)
  expect(told).toMatchObject({ status: 503, details: { retryAfterSeconds: 5 } })
  resolve()
  await first
  expect(await turns.take(async () => 'free')).toBe('free')
  expect(ran).toBe(false)
})

test('work that takes too long goes on, and gives its turn on once', async () => {
  const turns = new Turns(1, { longestTurnMs: 10 })
  const { promise, resolve } = Promise.withResolvers<string>()
  const long = turns.take(() => promise)
  expect(await turns.take(async () => 'not behind it')).toBe('not behind it')
  resolve('done')
  expect(await long).toBe('done')
  let running = 0
  await Promise.all([1, 2, 3].map(() => turns.take(async () => {
    expect(++running).toBe(1)
    await sleep(1)
    running--
  })))
})
