import { randomUUID } from 'node:crypto'
import type { RowDataPacket } from 'mysql2/promise'
import { expect, test, vi } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { forgetFailures, mayConfirm, mayTryLogin, forgetUnconfirmed, type Attempt } from './login-limits.ts'

const { connection } = await testDatabase()

let made = 0
const account = () => `limit-${randomUUID()}@example.com`
const address = () => `198.51.${process.pid % 250}.${++made % 250}`
const attempt = (who: Partial<Attempt> = {}): Attempt => ({ account: account(), address: address(), device: null, ...who })

/** How many of so many attempts at once are let through. */
const tries = async (count: number, make: () => Attempt, may = mayTryLogin) =>
  (await Promise.all(Array.from({ length: count }, () => may(make())))).filter(Boolean).length

/** Lets a pause of an account pass, as time does. */
const passPause = () => connection.query("update login_limit set expire = 0 where `key` like 'pause:%'")

test('a hundred guesses at once, from one address or from a hundred, are no more than five', async () => {
  const [who, from] = [account(), address()]
  expect(await tries(100, () => attempt({ account: who, address: from }))).toBe(5)
  const other = account()
  expect(await tries(100, () => attempt({ account: other, address: `2001:db8:${(++made).toString(16)}::1` }))).toBe(5)
})

test('processes count together', async () => {
  const [who, from] = [account(), address()]
  const kept = globalThis as { onrampLoginLimits?: unknown }
  const ours = kept.onrampLoginLimits
  vi.resetModules()
  kept.onrampLoginLimits = undefined
  const another = await import('./login-limits.ts')
  // The limiters of the other process are made by its first use.
  await another.mayTryLogin(attempt())
  const theirs = kept.onrampLoginLimits
  expect(theirs).not.toBe(ours)
  let allowed = 0
  for (let i = 0; i < 10; i++) {
    kept.onrampLoginLimits = i % 2 ? ours : theirs
    if (await (i % 2 ? mayTryLogin : another.mayTryLogin)(attempt({ account: who, address: from }))) allowed++
  }
  kept.onrampLoginLimits = ours
  expect(allowed).toBe(5)
})

test('after five failures from everywhere an account can be tried once after each pause, and pauses grow', async () => {
  const who = account()
  expect(await tries(5, () => attempt({ account: who }))).toBe(5)
  const pauses: number[] = []
  for (let i = 0; i < 4; i++) {
    expect(await mayTryLogin(attempt({ account: who }))).toBe(false)
    const [rows] = await connection.query<RowDataPacket[]>("select expire from login_limit where `key` like 'pause:%' order by expire desc limit 1")
    pauses.push((Number(rows[0]!.expire) - Date.now()) / 1000)
    await passPause()
    expect(await mayTryLogin(attempt({ account: who }))).toBe(true)
  }
  for (const [i, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThan(0)
    expect(pause).toBeLessThanOrEqual(4 ** i)
    if (i > 0) expect(pause).toBeGreaterThan(pauses[i - 1]!)
  }
})

test('one address can try neither an account for ever nor many accounts, and does not keep the owner elsewhere out', async () => {
  const [who, stranger] = [account(), address()]
  expect(await tries(40, () => attempt({ account: who, address: stranger }))).toBe(5)
  expect(await tries(30, () => attempt({ address: stranger }))).toBe(10)
  await passPause()
  expect(await mayTryLogin(attempt({ account: who }))).toBe(true)
})

test('a browser that has signed in before is not held up by guesses from its own address, nor from everywhere', async () => {
  const [who, from] = [account(), address()]
  await tries(60, () => attempt({ account: who, address: from }))
  await tries(60, () => attempt({ account: who, address: address() }))
  const known = attempt({ account: who, address: from, device: randomUUID() })
  expect(await mayTryLogin({ ...known, device: null })).toBe(false)
  expect(await tries(8, () => known)).toBe(5)
  await forgetFailures(known)
  expect(await mayTryLogin(known)).toBe(true)
})

/** Lets time pass for everything that is counted. */
const passTime = (minutes: number) => connection.query('update login_limit set expire = greatest(0, cast(expire as signed) - ?)', [minutes * 60_000])

test('fifteen minutes after the first failure everything begins anew, however often somebody was refused meanwhile, and not before', async () => {
  const [who, from, crowded, device, session] = [account(), address(), address(), randomUUID(), randomUUID()]
  const one = () => attempt({ account: who, address: from })
  const limits: [number, () => Promise<boolean>][] = [
    [5, () => mayTryLogin(one())],
    [50, () => mayTryLogin(attempt({ address: crowded }))],
    [5, () => mayTryLogin({ ...one(), device })],
    [5, () => mayConfirm(session)],
  ]
  const allowed = async () => Promise.all(limits.map(async ([most, may]) => (await Promise.all(Array.from({ length: most + 3 }, may))).filter(Boolean).length))
  const refused = limits.map(() => 0)
  expect(await allowed()).toEqual(limits.map(([most]) => most))
  await passTime(7)
  expect(await allowed()).toEqual(refused)
  await passTime(7.5)
  expect(await allowed()).toEqual(refused)
  await passTime(0.5)
  expect(await allowed()).toEqual(limits.map(([most]) => most))
  await passTime(14.5)
  expect(await allowed()).toEqual(refused)
})

test('the right password forgets the failures before it', async () => {
  const mine = attempt()
  expect(await tries(4, () => mine)).toBe(4)
  expect(await mayTryLogin(mine)).toBe(true)
  await forgetFailures(mine)
  expect(await mayTryLogin({ ...mine, account: account() })).toBe(true)
  await passPause()
  expect(await mayTryLogin(mine)).toBe(true)
})

test('signing in rightly again and again is never held up', async () => {
  const mine = attempt()
  for (let i = 0; i < 60; i++) {
    expect(await mayTryLogin(mine)).toBe(true)
    await forgetFailures(mine)
  }
})

test('what was typed is not kept', async () => {
  const mine = attempt()
  await mayTryLogin(mine)
  const [keys] = await connection.query<RowDataPacket[]>('select `key` from login_limit')
  expect(keys.length).toBeGreaterThan(0)
  for (const { key } of keys) expect(key).toMatch(/^[a-z-]+:[\w-]{43}$/)
})

test('within a session the password can be given wrongly five times', async () => {
  const session = randomUUID()
  const results = await Promise.all(Array.from({ length: 20 }, () => mayConfirm(session)))
  expect(results.filter(Boolean)).toHaveLength(5)
  await forgetUnconfirmed(session)
  expect(await mayConfirm(session)).toBe(true)
})

test('without its table every process still counts for itself', async () => {
  await connection.query('rename table login_limit to login_limit_away')
  try {
    const [who, from] = [account(), address()]
    expect(await tries(20, () => attempt({ account: who, address: from }))).toBe(5)
  } finally {
    await connection.query('rename table login_limit_away to login_limit')
  }
})
