import { readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { rows, run, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { appendAudit } from '#lib/audit/append.ts'
import { showNumbers } from '#lib/jobs/ledger-numbers.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { UNFINISHED_DAYS } from '#lib/upload/limits.ts'

const DAY_MS = 86_400_000
// What has not grown for a day is written by nobody any more.
const DEAD_AFTER_MS = DAY_MS
const SPOOL = /^onramp-[A-Za-z0-9]{6}$/

/** Removes what was begun and given up: uploads, half-written objects, and temporary files of processes that were killed. Gives how many. */
export async function removeLeftovers({ db, store, uploads }: { db: Db; store: ObjectStore; uploads: string }): Promise<number> {
  const dead = new Date(Date.now() - DEAD_AFTER_MS)
  return await removeUploads(uploads, givenUp())
    + await expireUploads(db, store)
    + await removeUnknown(db, store, givenUp())
    + await store.removeUnfinished(dead)
    + await removeSpools(dead)
}

/** Bytes of uploads that nobody went on with. Each has a file of its bytes and one about it. */
async function removeUploads(folder: string, before: Date): Promise<number> {
  let removed = 0
  for (const name of await namesIn(folder)) {
    if (name.endsWith('.json') || !(await isOlder(path.join(folder, name), before))) continue
    await rm(path.join(folder, name), { force: true })
    await rm(path.join(folder, `${name}.json`), { force: true })
    removed++
  }
  return removed
}

const givenUp = () => new Date(Date.now() - UNFINISHED_DAYS * DAY_MS)
const AT_ONCE = 100

/** Gives up uploads that nobody went on with since `before`: what has arrived is removed, and the load counts as cancelled. Gives how many. */
export async function expireUploads(db: Db, store: ObjectStore, before: Date = givenUp()): Promise<number> {
  const expired = await rows<{ id: number; delivery: number }>(db, sql`
    select id, delivery from \`load\` where status = 'uploading' and updatedAt <= ${before} order by id limit ${AT_ONCE}`)
  let given = 0
  for (const { id, delivery } of expired) {
    given += await inTransaction(db, async (tx) => {
      // Somebody may have come back this moment: looked at again with the lock in hand.
      const still = await rows(tx, sql`select 1 from \`load\` where id = ${id} and delivery = ${delivery} and status = 'uploading' and updatedAt <= ${before} for update`)
      if (still.length === 0) return 0
      for (const { key } of await store.list(`loads/${id}/${delivery}`)) await store.delete(key)
      await run(tx, sql`update \`load\` set status = 'cancelled', updatedAt = now(3) where id = ${id}`)
      await run(tx, showNumbers(id))
      await run(tx, sql`update load_file set storeKey = null where loadId = ${id} and delivery = ${delivery}`)
      await appendAudit(tx, { user: null, actor: 'retention', action: 'load_cancelled', objectType: 'load', objectId: String(id), detail: { delivery, reason: 'upload not finished' } })
      return 1
    })
  }
  return given
}

/** Objects that no load knows of: their writer ended between the last byte and the note that they are there. */
async function removeUnknown(db: Db, store: ObjectStore, before: Date): Promise<number> {
  let removed = 0
  const old = (await store.list('loads')).filter(({ modifiedAt }) => modifiedAt < before)
  for (const [loadId, objects] of Map.groupBy(old, ({ key }) => key.split('/')[1]!)) {
    const known = await rows<{ storeKey: string }>(db, sql`select storeKey from load_file where loadId = ${loadId} and storeKey is not null`)
    for (const { key } of objects.filter((object) => !known.some(({ storeKey }) => storeKey === object.key))) {
      await store.delete(key)
      removed++
    }
  }
  return removed
}

/** Temporary files of the pipeline (lib/ingest/csv/spool.ts) whose process was killed. */
async function removeSpools(before: Date): Promise<number> {
  let removed = 0
  for (const name of (await namesIn(tmpdir())).filter((found) => SPOOL.test(found))) {
    const folder = path.join(tmpdir(), name)
    const files = await namesIn(folder)
    if (files.join() !== 'spool' || !(await isOlder(path.join(folder, 'spool'), before))) continue
    await rm(folder, { recursive: true, force: true })
    removed++
  }
  return removed
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

async function isOlder(file: string, before: Date): Promise<boolean> {
  const found = await stat(file).catch(() => null)
  return found !== null && found.isFile() && found.mtime < before
}
