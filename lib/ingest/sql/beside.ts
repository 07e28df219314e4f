import type { Connection } from 'mysql2/promise'
import { isLockWaitTimeout } from '../load-errors.ts'
import { row, run, sql, type Sql } from './sql.ts'

const PATIENCE_SECONDS = 2

/**
 * Makes a connection one that reads beside a transaction. While somebody waits to change a table that the transaction holds
 * (a migration), the server lets nobody else begin to read it: the transaction would wait for this connection, this one for
 * the change, and the change for the transaction. So it soon gives up.
 */
export async function readBeside(connection: Connection): Promise<void> {
  await run(connection, sql`set session lock_wait_timeout = ${PATIENCE_SECONDS}`)
}

/** Runs what only needs to see the transaction on a connection beside it, and where that gave up on the transaction itself. */
async function orOn<T>(tx: Connection, beside: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  try {
    return await work(beside)
  } catch (error) {
    if (beside === tx || !isLockWaitTimeout(error)) throw error
    return work(tx)
  }
}

/** The row that a statement gives, asked on a connection beside the transaction. */
export function rowBeside<T extends object>(tx: Connection, beside: Connection, statement: Sql): Promise<T | undefined> {
  return orOn(tx, beside, (connection) => row<T>(connection, statement))
}

/** Runs a statement that writes to tables of this attempt only, on a connection beside the transaction. */
export async function runBeside(tx: Connection, beside: Connection, statement: Sql): Promise<void> {
  await orOn(tx, beside, (connection) => run(connection, statement))
}
