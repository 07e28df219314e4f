import type { Connection } from 'mysql2/promise'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { row } from '#lib/ingest/sql/sql.ts'
import { anchoredNumbers, anchorFolder, readAnchor, type Anchor } from './anchors.ts'
import { chainEnd, usableKey, type ChainEnd } from './append.ts'
import { hashOf, NO_HASH } from './event.ts'
import { auditKey } from './key.ts'
import { eventsAfter } from './walk.ts'

/** What does not fit, at its first place: `number` is the event's. */
export type AuditProblem = { kind: 'missing' | 'changed' | 'anchor' | 'end'; number: string; message: string }
export type Verified = { ok: boolean; events: number; anchors: number; lastAnchor: Anchor | null; problem: AuditProblem | null }

/** Walks the whole trail of the database at `url`, as it is at this moment, while others go on writing. */
export async function verifyAudit(url: string, folder: string = anchorFolder()): Promise<Verified> {
  // Before the trail is read: an anchor of an event that is written meanwhile would seem to know of a cut.
  const anchored = anchoredNumbers(folder)
  const connection = await connect(url)
  try {
    await connection.query('set session transaction isolation level repeatable read')
    await connection.query('start transaction with consistent snapshot, read only')
    return await verifyTrail(connection, anchored, folder)
  } finally {
    await connection.end()
  }
}

/** Walks the trail that the connection sees, up to the first event that does not fit. A page of events in memory at a time. */
export async function verifyTrail(connection: Connection, anchored: readonly string[], folder: string): Promise<Verified> {
  const end = await row<ChainEnd>(connection, chainEnd)
  if (!end) throw new UserError('unavailable', 'The end of the audit trail is gone from the database: table audit_chain is empty.')
  const key = usableKey(auditKey(), end)
  const found: Verified = { ok: true, events: 0, anchors: 0, lastAnchor: null, problem: null }
  const broken = (kind: AuditProblem['kind'], number: string, message: string): Verified => ({ ...found, ok: false, problem: { kind, number, message } })
  const next = { anchor: 0 }
  let [number, hash] = [0n, NO_HASH]
  for await (const event of eventsAfter(connection, '0')) {
    number += 1n
    if (event.number !== String(number)) {
      const until = BigInt(event.number) - 1n
      return broken('missing', String(number), until === number ? `Event ${number} is missing.` : `Events ${number} to ${until} are missing.`)
    }
    const expected = hashOf(event, hash, key)
    if (event.hash !== expected) return broken('changed', event.number, `Event ${number} (${event.at}, ${event.action}) is not what was written after event ${number - 1n}: it was changed, or put in from elsewhere.`)
    hash = expected
    found.events++
    if (anchored[next.anchor] !== event.number) continue
    next.anchor++
    const anchor = anchorOf(event.number, folder)
    if (anchor === 'unreadable') return broken('anchor', event.number, `The anchor of event ${number} in ${folder} cannot be read.`)
    if (anchor && anchor.hash !== hash) return broken('anchor', event.number, `The anchor of ${anchor.at} knows another event ${number} than the trail has.`)
    if (anchor) Object.assign(found, { anchors: found.anchors + 1, lastAnchor: anchor })
  }
  const beyond = anchored.at(-1)
  if (next.anchor < anchored.length) {
    const anchor = anchorOf(beyond!, folder)
    const since = anchor && anchor !== 'unreadable' ? ` of ${anchor.at}` : ''
    return broken('missing', String(number + 1n), `The trail ends at event ${number}, but an anchor${since} knows event ${beyond}: the end was cut off.`)
  }
  if (end.number !== String(number) || end.hash !== hash) {
    return broken('end', end.number, `The last event is ${number}, but event ${end.number} is noted as the last one: the end was cut off, or the note was changed.`)
  }
  return found
}

function anchorOf(number: string, folder: string): Anchor | null | 'unreadable' {
  try {
    return readAnchor(number, folder)
  } catch {
    return 'unreadable'
  }
}
