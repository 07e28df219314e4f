import type { Connection } from 'mysql2/promise'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { chainEnd, type ChainEnd } from './append.ts'
import { hashOf, keyIdOf, NO_HASH } from './event.ts'
import { makeAuditKey } from './key.ts'
import { eventsAfter } from './walk.ts'

/**
 * Begins the audit trail of a database that has none: makes the key, and gives the events from before the chain their
 * hashes. Needs the owner's rights once; afterwards it finds nothing to do.
 */
export async function beginAuditTrail(connection: Connection): Promise<void> {
  if ((await row<ChainEnd>(connection, chainEnd))?.keyId) return
  const key = makeAuditKey()
  await connection.beginTransaction()
  try {
    const end = await row<{ keyId: string | null }>(connection, sql`select keyId from audit_chain where id = 1 for update`)
    if (!end!.keyId) {
      let [number, hash] = ['0', NO_HASH]
      for await (const event of eventsAfter(connection, '0')) {
        hash = hashOf(event, hash, key)
        number = event.number
        await run(connection, sql`update audit_event set hash = unhex(${hash}) where id = ${number}`)
      }
      await run(connection, sql`update audit_chain set number = ${number}, hash = unhex(${hash}), keyId = ${keyIdOf(key)} where id = 1`)
    }
    await connection.commit()
  } catch (error) {
    await connection.rollback()
    throw error
  }
}
