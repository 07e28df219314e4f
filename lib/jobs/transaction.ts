import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, Pool, PoolConnection } from 'mysql2/promise'
import type { Db } from '#lib/ingest/sql/sql.ts'

// Deadlock, and MariaDB's "record has changed since last read": the database has given the whole transaction up for another.
const GIVEN_UP = new Set([1213, 1020])
const TRIES = 6

const isPool = (db: Db): db is Pool => 'getConnection' in db

async function once<T>(db: Pool, work: (tx: PoolConnection) => Promise<T>): Promise<T> {
  const tx = await db.getConnection()
  try {
    await tx.beginTransaction()
    const result = await work(tx)
    await tx.commit()
    return result
  } catch (error) {
    await tx.rollback().catch(() => undefined)
    throw error
  } finally {
    tx.release()
  }
}

/**
 * Runs `work` as a transaction of its own, and again from its beginning when the database gave it up for another one. Given
 * a connection and not a pool, it is part of the caller's.
 */
export async function inTransaction<T>(db: Db, work: (tx: Connection | PoolConnection) => Promise<T>): Promise<T> {
  if (!isPool(db)) return work(db)
  for (let tries = 1; ; tries++) {
    try {
      return await once(db, work)
    } catch (error) {
      if (tries === TRIES || !GIVEN_UP.has((error as { errno?: number }).errno ?? 0)) throw error
      await sleep(Math.random() * 10 * 2 ** tries)
    }
  }
}
