import type { Connection, Pool } from 'mysql2/promise'
import { appendAudit } from '#lib/audit/append.ts'
import { UserError } from '#lib/errors.ts'
import { failpoint } from '#lib/ingest/failpoint.ts'
import { isLockWaitTimeout } from '#lib/ingest/load-errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { dropStaleSpares } from '#lib/ingest/sql/spares.ts'
import { row, rows, run, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { dropStaging } from '#lib/ingest/steps/stage.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { removeLeftovers } from './leftovers.ts'
import { dropOrphans } from './orphans.ts'

/** Staged rows and raw files are kept for so long, to the second; counts, exceptions and the rows in production for ever. */
export const KEPT_DAYS = 90
const DAY_MS = 86_400_000
const EVERY_HOURS = 1
const PURGED_WITHIN_SECONDS = 120

export type Keeping = {
  url: string; db: Pool; stagingSchema: string; store: ObjectStore
  /** The folder of uploads that are not finished. */
  uploads: string
  /** Who does it, for the record: a worker's name. */
  worker: string
}
export type Purged = { loads: number; stagedFiles: number; rawFiles: number; bytes: number; leftovers: number }

/** Whether the last purge that ended is an hour old. */
export async function isPurgeDue(db: Db): Promise<boolean> {
  const last = await row(db, sql`select 1 from retention_run where finishedAt > now(3) - interval ${EVERY_HOURS} hour limit 1`)
  return last === undefined
}

/**
 * Takes away what is older than its time at `now` (the database's clock), and what dead processes left behind. Cut short, it
 * is taken up by the next one where it stopped. Null when another process is at it.
 */
export async function purge(keeping: Keeping, { now, dryRun = false }: { now?: Date; dryRun?: boolean } = {}): Promise<Purged | null> {
  // Its lock goes with it, however it ends; and a table in use is waited for only so long.
  const connection = await connect(keeping.url)
  try {
    await connection.query('set session lock_wait_timeout = 10')
    if (!(await takeLock(connection, keeping.url, 0))) return null
    const at = now ?? (await row<{ now: Date }>(connection, sql`select now(3) as now`))!.now
    const cutoff = new Date(at.getTime() - KEPT_DAYS * DAY_MS)
    return dryRun ? await countDue(connection, cutoff) : await purgeNow(keeping, connection, cutoff)
  } finally {
    await connection.end()
  }
}

async function takeLock(connection: Connection, url: string, seconds: number): Promise<boolean> {
  const lock = await row<{ held: number }>(connection, sql`select get_lock(${`onramp ${addressOf(url).database.slice(0, 32)} purge`}, ${seconds}) as held`)
  return lock!.held === 1
}

/** Does it while nothing is purged. */
export async function withoutPurges<T>(url: string, work: () => Promise<T>): Promise<T> {
  const connection = await connect(url)
  try {
    if (!(await takeLock(connection, url, PURGED_WITHIN_SECONDS))) throw new UserError('conflict', `A purge has been going on for ${PURGED_WITHIN_SECONDS} seconds. Try again when it has ended.`)
    return await work()
  } finally {
    await connection.end()
  }
}

const stagedDue = (cutoff: Date) => sql`purgedAt is null and stagedAt <= ${cutoff}`
const filesDue = (cutoff: Date) => sql`purgedAt is null and storeKey is not null and receivedAt <= ${cutoff}`

/** What a purge would take away of loads. */
async function countDue(db: Db, cutoff: Date): Promise<Purged> {
  const staged = (await row<{ n: number }>(db, sql`select count(*) as n from staged_file where ${stagedDue(cutoff)}`))!
  const files = (await row<{ n: number; bytes: string }>(db, sql`select count(*) as n, coalesce(sum(bytes), 0) as bytes from load_file where ${filesDue(cutoff)}`))!
  return { loads: (await dueLoads(db, cutoff)).length, stagedFiles: Number(staged.n), rawFiles: Number(files.n), bytes: Number(files.bytes), leftovers: 0 }
}

async function dueLoads(db: Db, cutoff: Date): Promise<number[]> {
  const found = await rows<{ loadId: number }>(db, sql`
    select loadId from staged_file where ${stagedDue(cutoff)} union select loadId from load_file where ${filesDue(cutoff)} order by loadId`)
  return found.map(({ loadId }) => loadId)
}

async function purgeNow(keeping: Keeping, connection: Connection, cutoff: Date): Promise<Purged> {
  const { insertId } = await run(connection, sql`insert into retention_run (worker) values (${keeping.worker})`)
  const total: Purged = { loads: 0, stagedFiles: 0, rawFiles: 0, bytes: 0, leftovers: 0 }
  for (const loadId of await dueLoads(connection, cutoff)) {
    const purged = await unlessInUse(() => purgeLoad(keeping, connection, loadId, cutoff))
    if (!purged) continue
    total.loads++
    for (const what of ['stagedFiles', 'rawFiles', 'bytes'] as const) total[what] += purged[what]
  }
  await dropStaleSpares(connection, keeping.stagingSchema)
  total.leftovers = await dropOrphans(keeping, connection) + await removeLeftovers(keeping)
  await run(connection, sql`update retention_run set finishedAt = now(3), loads = ${total.loads}, stagedFiles = ${total.stagedFiles}, rawFiles = ${total.rawFiles}, bytes = ${total.bytes}, leftovers = ${total.leftovers} where id = ${insertId}`)
  return total
}

/** Somebody works with it: the next purge will find it again. */
export async function unlessInUse<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (isLockWaitTimeout(error)) return null
    throw error
  }
}

/** Locks the load within a transaction. False when it waits for a worker or runs: then its tables and files are in use. */
export async function isAtRest(tx: Db, loadId: number): Promise<boolean> {
  const load = await row(tx, sql`select 1 from \`load\` where id = ${loadId} for update`)
  return load !== undefined && !(await row(tx, sql`select 1 from job where loadId = ${loadId} and status in ('queued', 'running') limit 1`))
}

/**
 * Takes away the due tables and files of one load, and notes it: what is noted is gone. While it does so, the load cannot be
 * queued. `connection` is another than that of the transaction, since dropping a table would commit.
 */
async function purgeLoad(keeping: Keeping, connection: Connection, loadId: number, cutoff: Date): Promise<Omit<Purged, 'loads' | 'leftovers'> | null> {
  const { db, stagingSchema, store } = keeping
  return inTransaction(db, async (tx) => {
    if (!(await isAtRest(tx, loadId))) return null
    const staged = await rows<{ id: number; tableName: string }>(tx, sql`select id, tableName from staged_file where loadId = ${loadId} and ${stagedDue(cutoff)} order by id`)
    const files = await rows<{ id: number; storeKey: string; bytes: number | null }>(tx, sql`select id, storeKey, bytes from load_file where loadId = ${loadId} and ${filesDue(cutoff)} order by id`)
    for (const { tableName } of staged) {
      await dropStaging(connection, stagingSchema, tableName)
      failpoint('R1', 'table')
    }
    for (const { storeKey } of files) {
      await store.delete(storeKey)
      failpoint('R1', 'file')
    }
    const what = { stagedFiles: staged.length, rawFiles: files.length, bytes: files.reduce((sum, file) => sum + Number(file.bytes), 0) }
    if (staged.length > 0) await run(tx, sql`update staged_file set purgedAt = now(3) where id in (${staged.map(({ id }) => id)})`)
    if (files.length > 0) await run(tx, sql`update load_file set storeKey = null, purgedAt = now(3) where id in (${files.map(({ id }) => id)})`)
    await appendAudit(tx, {
      user: null, actor: 'retention', action: 'load_purged', objectType: 'load', objectId: String(loadId),
      detail: what,
    })
    return what
  })
}
