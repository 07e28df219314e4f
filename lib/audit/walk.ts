import type { Connection } from 'mysql2/promise'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import type { StoredEvent } from './event.ts'

const AT_ONCE = 1000

/** The events that follow number `after`, in order, a page of them in memory at a time. */
export async function* eventsAfter(connection: Connection, after: string): AsyncGenerator<StoredEvent & { hash: string | null }> {
  for (;;) {
    const page = await rows<StoredEvent & { hash: string | null }>(connection, sql`
      select cast(id as char) as number, date_format(at, '%Y-%m-%d %H:%i:%s.%f') as at, cast(userId as char) as userId, actor, action, objectType, objectId,
        cast(detail as char) as detail, lower(hex(hash)) as hash
      from audit_event where id > ${after} order by id limit ${AT_ONCE}`)
    for (const event of page) yield { ...event, at: event.at.slice(0, 23) }
    if (page.length < AT_ONCE) return
    after = page.at(-1)!.number
  }
}
