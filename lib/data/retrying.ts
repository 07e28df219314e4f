import { setTimeout as delay } from 'node:timers/promises'
import { UserError } from '#lib/errors.ts'
import { withoutValues } from '#lib/http/loggable.ts'
import { log } from '#lib/log.ts'

// Deadlock, lock wait timeout, and MariaDB's "record has changed since last read": the transaction was or must be rolled back whole.
const RETRYABLE = new Set([1213, 1205, 1020])
const TRIES = 5

type GivenUp = { errno?: number; code?: string; meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }

function isGivenUp(error: unknown): boolean {
  const { errno, code, meta } = (error ?? {}) as GivenUp
  // Prisma calls the first of them P2034 wherever it knows it for what it is.
  return code === 'P2034' || RETRYABLE.has(errno ?? 0) || RETRYABLE.has(Number(meta?.driverAdapterError?.cause?.originalCode))
}

/**
 * Runs a whole transaction again when the database gave it up in favour of another one. One that comes off no better for it is
 * nobody's fault and over soon, and says so.
 */
export async function retryingDeadlocks<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!isGivenUp(error)) throw error
      if (attempt === TRIES) {
        log().warn(withoutValues(error), 'a transaction was given up')
        throw new UserError('unavailable', 'Others were changing the same data all this time, so this could not be finished. Try again in a moment.', { retryAfterSeconds: 5 }, { cause: error })
      }
      await delay(Math.random() * 50 * 2 ** attempt)
    }
  }
}
