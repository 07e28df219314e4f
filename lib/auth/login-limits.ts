import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { setTimeout as sleep } from 'node:timers/promises'

const MINUTES_15 = 15 * 60

// Counted before the password is looked at, so that a hundred guesses at once count as a hundred.
const perAccountAndAddress = new RateLimiterMemory({ keyPrefix: 'account-address', points: 5, duration: MINUTES_15 })
const perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 50, duration: MINUTES_15 })
// Guessing one account from many addresses is slowed down, never refused: nobody can lock somebody else out.
const perAccount = new RateLimiterMemory({ keyPrefix: 'account', points: 10, duration: MINUTES_15 })
const SLOWEST_MS = 5_000

/** Counts an attempt to sign in. False when it must be refused; may wait before it answers. */
export async function mayTryLogin(account: string, address: string): Promise<boolean> {
  try {
    await Promise.all([perAddress.consume(address), perAccountAndAddress.consume(`${account} ${address}`)])
  } catch (limit) {
    if (limit instanceof RateLimiterRes) return false
    throw limit
  }
  await perAccount.consume(account).catch((over: unknown) => {
    if (over instanceof RateLimiterRes) return sleep(Math.min(100 * 2 ** (over.consumedPoints - 10), SLOWEST_MS))
    throw over
  })
  return true
}

/** Forgets the failures before a right password. */
export async function forgetFailures(account: string, address: string): Promise<void> {
  await Promise.all([perAccountAndAddress.delete(`${account} ${address}`), perAddress.reward(address), perAccount.delete(account)])
}
