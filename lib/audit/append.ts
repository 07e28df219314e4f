import { UserError } from '#lib/errors.ts'
import { rows, run, sql, type Db, type Sql } from '#lib/ingest/sql/sql.ts'
import { hashOf, keyIdOf, type AuditEntry, type StoredEvent } from './event.ts'
import { auditKey } from './key.ts'

/** A transaction, of whichever driver. */
export type AuditTransaction = {
  select<T extends object>(statement: Sql): Promise<T[]>
  execute(statement: Sql): Promise<unknown>
}

/** The end of the trail as text: so it is the same from every driver. */
export type ChainEnd = { number: string; hash: string; keyId: string | null }

const END = sql`cast(number as char) as number, lower(hex(hash)) as hash, keyId`
export const chainEnd: Sql = sql`select ${END} from audit_chain where id = 1`

/**
 * Writes the next event of the audit trail within a transaction, which holds the trail's end from here until it is over:
 * let this be the last thing that it does. The change and its event are committed together or not at all.
 */
export async function appendAudit(tx: Db, entry: AuditEntry): Promise<void> {
  await appendWith({ select: (statement) => rows(tx, statement), execute: (statement) => run(tx, statement) }, entry)
}

/** The same for transactions of another driver. */
export async function appendWith(tx: AuditTransaction, { user, actor, action, objectType, objectId, detail }: AuditEntry): Promise<void> {
  const key = auditKey()
  // The event's foreign key would lock the account after the end of the trail, against those who change an account and then write an event.
  if (user) await tx.select(sql`select 1 from \`user\` where id = ${user.id} lock in share mode`)
  // sysdate() is read with the lock in hand, so later events do not carry earlier times.
  const [end] = await tx.select<ChainEnd & { at: string }>(sql`select ${END}, date_format(sysdate(3), '%Y-%m-%d %H:%i:%s.%f') as at from audit_chain where id = 1 for update`)
  const known = usableKey(key, end)
  const event: StoredEvent = {
    number: String(BigInt(end!.number) + 1n), at: end!.at.slice(0, 23), userId: user ? String(user.id) : null,
    actor: (user?.email ?? actor ?? 'nobody').toWellFormed(), action, objectType, objectId: objectId.toWellFormed(),
    detail: detail ? JSON.stringify(detail).toWellFormed() : null,
  }
  const hash = hashOf(event, end!.hash, known)
  await tx.execute(sql`insert into audit_event (id, at, userId, actor, action, objectType, objectId, detail, hash)
    values (${event.number}, ${event.at}, ${event.userId}, ${event.actor}, ${event.action}, ${event.objectType}, ${event.objectId}, ${event.detail}, unhex(${hash}))`)
  await tx.execute(sql`update audit_chain set number = ${event.number}, hash = unhex(${hash}) where id = 1`)
}

/** The key, if it is the one that the trail was begun with. */
export function usableKey(key: string | undefined, end: ChainEnd | undefined): string {
  if (!end?.keyId) throw new UserError('unavailable', 'The audit trail was not begun yet. Run `onramp db migrate`.')
  if (key === undefined) throw new UserError('unavailable', 'The key of the audit trail is not on this machine. Put audit-key back into the data folder, or set ONRAMP_AUDIT_KEY.')
  if (keyIdOf(key) !== end.keyId) throw new UserError('unavailable', 'The key on this machine is not the one that the audit trail was begun with. Put that key back into the data folder, or set ONRAMP_AUDIT_KEY.')
  return key
}
