import { expect, test } from 'vitest'
import { forgetFailures, mayTryLogin } from './login-limits.ts'

let made = 0
const account = () => `limit-${++made}@example.com`
const address = () => `198.51.100.${++made}`

const tries = async (count: number, who: string, from: string) =>
  (await Promise.all(Array.from({ length: count }, () => mayTryLogin(who, from)))).filter(Boolean).length

test('after five failures an account cannot be tried again from the same address', async () => {
  const [who, from] = [account(), address()]
  expect(await tries(5, who, from)).toBe(5)
  expect(await mayTryLogin(who, from)).toBe(false)
})

test('a hundred guesses at once get no further than one after the other', async () => {
  expect(await tries(100, account(), address())).toBe(5)
})

test('an account that somebody else tries in vain stays open to its owner', async () => {
  const [who, stranger] = [account(), address()]
  await tries(20, who, stranger)
  expect(await mayTryLogin(who, address())).toBe(true)
})

test('one address cannot try many accounts', async () => {
  const from = address()
  let allowed = 0
  for (let i = 0; i < 60; i++) allowed += (await mayTryLogin(account(), from)) ? 1 : 0
  expect(allowed).toBe(50)
})

test('guesses at one account from many addresses are slowed down', async () => {
  const who = account()
  for (let i = 0; i < 12; i++) await mayTryLogin(who, address())
  const started = performance.now()
  expect(await mayTryLogin(who, address())).toBe(true)
  expect(performance.now() - started).toBeGreaterThan(500)
})

test('the right password forgets the failures before it', async () => {
  const [who, from] = [account(), address()]
  await tries(4, who, from)
  expect(await mayTryLogin(who, from)).toBe(true)
  await forgetFailures(who, from)
  expect(await tries(5, who, from)).toBe(5)
})
