import 'server-only'
import type { Pool, PoolConnection } from 'mysql2/promise'
import { databaseUrl } from '#lib/config.ts'
import { pool } from '#lib/ingest/sql/connect.ts'

// How long a request waits for a connection before it says that the database does not answer; people are told within 3 seconds.
export const ACQUIRE_MS = 2_000
const CONNECTIONS = 4

// One per process; `next dev` evaluates modules again after each change.
const kept = globalThis as { onrampPool?: Pool }

/** Connections for what the portal shares with the pipeline (queue, reports). Everything else goes through Prisma. */
export function database(): Pool {
  return (kept.onrampPool ??= pool(databaseUrl(), CONNECTIONS, { acquireMs: ACQUIRE_MS }))
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(work: (tx: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await database().getConnection()
  try {
    await connection.beginTransaction()
    const result = await work(connection)
    await connection.commit()
    return result
  } catch (error) {
    // On a connection that is gone this fails too, and would hide why.
    await connection.rollback().catch(() => undefined)
    throw error
  } finally {
    connection.release()
  }
}
