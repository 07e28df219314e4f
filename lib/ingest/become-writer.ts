import type { Connection } from 'mysql2/promise'
import { Fenced, LoadFailed } from './load-errors.ts'
import type { LoadContext } from './run.ts'
import { row, sql } from './sql/sql.ts'
import { endWriter, takeWriterLock } from './sql/writer-lock.ts'

const PATIENCE_SECONDS = 2
const MOST_ASKED = 300

/**
 * Makes the connection the load's writer. Who takes the load over ends that connection, and with it all that this try would
 * still do to tables that the next attempt uses. While an earlier one of this attempt holds its place, which broke, the
 * server is taking back what that has written, or has not noticed; that can take as long as the writing did.
 * Throws Fenced when another attempt has taken over, LoadFailed when the place does not become free.
 */
export async function becomeWriter(context: LoadContext, tx: Connection): Promise<void> {
  for (let asked = 1; !(await takeWriterLock(tx, context.load.id, PATIENCE_SECONDS)); asked++) {
    if (asked === MOST_ASKED) throw new LoadFailed('database_error', 'The database is still taking back what an earlier try of this load wrote. Nothing is in production. Run the load again when the database is well.')
    const attempt = await row<{ status: string }>(context.control, sql`select status from attempt where id = ${context.attempt.id}`)
    if (attempt!.status !== 'running') throw new Fenced()
    await endWriter(context.control, context.load.id)
  }
  await context.fence(tx)
}
