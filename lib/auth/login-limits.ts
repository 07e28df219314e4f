import { createHash } from 'node:crypto'
import type { Pool as CallbackPool } from 'mysql2'
import { RateLimiterMemory, RateLimiterMySQL, RateLimiterRes } from 'rate-limiter-flexible'
import { databaseUrl } from '#lib/config.ts'
import { networkOf } from '#lib/http/client-address.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'

/** Who tries to sign in to what. `device` names a browser that has signed in to this account before. */
export type Attempt = { account: string; address: string; device: string | null }
type Limiter = RateLimiterMySQL

const MINUTES_15 = 15 * 60
const ACCOUNT_POINTS = 5
const LONGEST_PAUSE_SECONDS = 5 * 60

// One per process; `next dev` evaluates modules again after each change.
const kept = globalThis as { onrampLoginLimits?: ReturnType<typeof limiters> }
const limits = () => (kept.onrampLoginLimits ??= limiters())

/**
 * Counts are kept in the database, so that all processes count together. While it does not answer each process counts for
 * itself; nobody can sign in then anyway.
 */
function limiters() {
  const url = databaseUrl()
  // Of their own, so that a flood of attempts does not keep pages waiting for a connection.
  const connections = pool(url, 2).pool as unknown as CallbackPool
  const limiter = (keyPrefix: string, points: number, clearExpiredByTimeout = false) => new RateLimiterMySQL({
    storeClient: connections, storeType: 'pool', dbName: addressOf(url).database, tableName: 'login_limit', tableCreated: true,
    keyPrefix, points, duration: MINUTES_15, clearExpiredByTimeout, insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: MINUTES_15 }),
  })
  return {
    address: limiter('address', 50, true),
    accountAndAddress: limiter('account-address', 5),
    account: limiter('account', ACCOUNT_POINTS),
    pause: limiter('pause', 1),
    device: limiter('device', 5),
    session: limiter('session', 5),
  }
}

/**
 * Counts an attempt to sign in, before the password is looked at: a hundred guesses at once count as a hundred. False when
 * it must be refused.
 *
 * A browser that has signed in to the account before has a count of its own, which nobody else can use up. All others
 * share: 50 in 15 minutes from one address; 5 for one account from one address; and for one account from everywhere 5, then
 * one after each pause, pauses growing from a second to five minutes. So one address alone never uses up what others have.
 */
export async function mayTryLogin({ account, address, device }: Attempt): Promise<boolean> {
  const { address: perAddress, accountAndAddress, account: perAccount, pause, device: perDevice } = limits()
  if (device !== null) return within(await count(perDevice, hashed(device)), 5)
  const network = networkOf(address)
  if (!within(await count(perAddress, hashed(network)), 50)) return false
  if (!within(await count(accountAndAddress, hashed(account, network)), 5)) return false
  const tries = (await count(perAccount, hashed(account))).consumedPoints
  if (tries < ACCOUNT_POINTS) return true
  const pauseSeconds = Math.min(2 ** (tries - ACCOUNT_POINTS), LONGEST_PAUSE_SECONDS)
  return within(await count(pause, hashed(account), pauseSeconds), 1)
}

/** Takes back what a right password has counted, and forgets the failures of this browser before it. */
export async function forgetFailures({ account, address, device }: Attempt): Promise<void> {
  const { address: perAddress, accountAndAddress, account: perAccount, device: perDevice } = limits()
  if (device !== null) {
    await perDevice.delete(hashed(device))
    return
  }
  const network = networkOf(address)
  await Promise.all([accountAndAddress.delete(hashed(account, network)), perAddress.reward(hashed(network)), perAccount.reward(hashed(account))])
}

/** Counts an attempt to give the password again within a session. False when it must be refused. */
export async function mayConfirm(sessionId: string): Promise<boolean> {
  return within(await count(limits().session, hashed(sessionId)), 5)
}

/** Forgets the failures before a right password within a session. */
export async function forgetUnconfirmed(sessionId: string): Promise<void> {
  await limits().session.delete(hashed(sessionId))
}

const within = ({ consumedPoints }: RateLimiterRes, points: number) => consumedPoints <= points

async function count(limiter: Limiter, key: string, durationSeconds?: number): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key, 1, durationSeconds === undefined ? {} : { customDuration: durationSeconds })
  } catch (over) {
    if (over instanceof RateLimiterRes) return over
    throw over
  }
}

/** What was typed as an account may be anything, a password too: only its hash is kept. */
function hashed(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
