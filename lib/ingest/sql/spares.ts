import { createHash } from 'node:crypto'
import type { Connection, Pool } from 'mysql2/promise'
import { entities, type Entity } from '#lib/contract/index.ts'
import { serverOf, type Server } from './server.ts'
import { ident, join, raw, row, run, sql, tablesIn, type Db, type Sql } from './sql.ts'
import { createStaging, createWork } from './staging.ts'

// A new table grows page by page at first, and the server writes each step to the disk: for a small file that takes longer than its
// rows. So a worker that has nothing to do keeps empty staging tables that have grown already, and a load takes them by
// giving them its own names.

// Of each entity, for so many loads at once.
const SPARES = 2
const WORK = '_work'
const MADE = 'spare_'
const GROWING = 'growing_'

/** Whether a table of the staging schema is a spare, or one that is to become one. */
export const isSpare = (table: string): boolean => table.startsWith(MADE) || table.startsWith(GROWING)

/**
 * The names of an entity's spare staging tables; the work table of each is called the same and `_work`. What is made otherwise is
 * called otherwise, so that no version of the program takes what another one has made.
 */
function sparesOf(e: Entity, server: Server): string[] {
  const made = [createStaging(e, raw(''), [], server), createWork(e, raw(''))].map(({ text }) => text)
  const shape = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 12)
  return Array.from({ length: SPARES }, (_, i) => `${MADE}${e.name}_${shape}_${i + 1}`)
}

const rename = (schema: string, from: string, to: string): Sql =>
  sql`rename table ${ident(schema, from)} to ${ident(schema, to)}, ${ident(schema, from + WORK)} to ${ident(schema, to + WORK)}`

const NO_SUCH_TABLE = 1146

/**
 * Gives a file of the entity a spare staging table and work table under the name. False when there is none. Throws as RENAME TABLE
 * does where tables of that name are there.
 */
export async function takeSpare(db: Db, schema: string, e: Entity, server: Server, name: string): Promise<boolean> {
  for (const spare of sparesOf(e, server)) {
    try {
      await run(db, rename(schema, spare, name))
      return true
    } catch (error) {
      if ((error as { errno?: number }).errno !== NO_SUCH_TABLE) throw error
    }
  }
  return false
}

// Not more than the 32 pages of 16 KB that a table's rows get one by one. After them it gets eight megabytes at once, which a load of
// few rows would keep for nothing.
const FILLED_ROWS = 400
const FILLED_BYTES = 1000

async function makeSpare(db: Connection, schema: string, e: Entity, name: string, server: Server): Promise<void> {
  const growing = GROWING + name
  const table = ident(schema, growing)
  await run(db, sql`drop table if exists ${join([growing, growing + WORK, name, name + WORK].map((left) => ident(schema, left)))}`)
  await run(db, createStaging(e, table, [], server))
  await run(db, createWork(e, ident(schema, growing + WORK)))
  // What is taken back at once leaves nothing but the room.
  await run(db, sql`start transaction`)
  try {
    await run(db, sql`insert into ${table} (_record, _line, _verdict, _differs, _raw)
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${FILLED_ROWS}) select n, 0, 0, 0, repeat('.', ${FILLED_BYTES}) from numbers`)
  } finally {
    await run(db, sql`rollback`)
  }
  await run(db, rename(schema, growing, name))
}

/** Does it unless another process makes or drops spares at the moment. */
async function unlessBusy(db: Connection, work: () => Promise<void>): Promise<void> {
  const lock = sql`concat('onramp ', left(database(), 32), ' spares')`
  if ((await row<{ taken: number | null }>(db, sql`select get_lock(${lock}, 0) as taken`))!.taken !== 1) return
  try {
    await work()
  } finally {
    await run(db, sql`do release_lock(${lock})`)
  }
}

/** Makes the spares that are missing, one after the other as long as `goOn` says so. */
export async function makeSpares(db: Pool, schema: string, goOn: () => boolean): Promise<void> {
  const connection = await db.getConnection()
  try {
    await unlessBusy(connection, async () => {
      const server = await serverOf(connection)
      const there = new Set(await tablesIn(connection, schema))
      const wanted = Array.from({ length: SPARES }, (_, i) => entities.map((e) => ({ e, name: sparesOf(e, server)[i]! }))).flat()
      for (const { e, name } of wanted) {
        if (!goOn()) return
        if (!there.has(name) || !there.has(name + WORK)) await makeSpare(connection, schema, e, name, server)
      }
    })
  } finally {
    connection.release()
  }
}

/** Drops the spares that this version of the program does not take, and those of which a worker died while it made them. */
export async function dropStaleSpares(db: Connection, schema: string): Promise<void> {
  await unlessBusy(db, async () => {
    const server = await serverOf(db)
    const wanted = new Set(entities.flatMap((e) => sparesOf(e, server)).flatMap((name) => [name, name + WORK]))
    const stale = (await tablesIn(db, schema)).filter((name) => isSpare(name) && !wanted.has(name))
    if (stale.length > 0) await run(db, sql`drop table if exists ${join(stale.map((name) => ident(schema, name)))}`)
  })
}
