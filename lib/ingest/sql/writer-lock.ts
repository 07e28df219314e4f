import type { Connection } from 'mysql2/promise'
import { row, sql, type Db, type Sql } from './sql.ts'

/** The name of the lock that the connection holds which writes for a load. For the database too, since these locks are the server's. */
const writerLock = (loadId: number): Sql => sql`concat('onramp ', left(database(), 32), ' load ', ${loadId})`

/** The connection that writes for the load, by its number; null when none does. */
export async function writerOf(db: Db, loadId: number): Promise<number | null> {
  return (await row<{ id: number | null }>(db, sql`select is_used_lock(${writerLock(loadId)}) as id`))!.id
}

/** Ends the connection that writes for the load, if any; its lock is free once the server has taken back what it wrote. */
export async function endWriter(db: Db, loadId: number): Promise<void> {
  const id = await writerOf(db, loadId)
  // Gone between the question and the kill: then there is nothing left to end.
  if (id !== null) await db.query(`kill connection ${Number(id)}`).catch(() => undefined)
}

/** Makes the connection the one that writes for the load, waiting so long at most. False when another one still does. */
export async function takeWriterLock(connection: Connection, loadId: number, seconds: number): Promise<boolean> {
  return (await row<{ taken: number | null }>(connection, sql`select get_lock(${writerLock(loadId)}, ${seconds}) as taken`))!.taken === 1
}
