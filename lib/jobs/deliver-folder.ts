import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Pool } from 'mysql2/promise'
import type { Failure, Problem } from '#lib/contract/codes.ts'
import { MANIFEST_NAME, entityOfFile } from '#lib/contract/index.ts'
import { MANIFEST_MAX_BYTES, readManifest } from '#lib/contract/manifest.ts'
import { UserError, invalidInput } from '#lib/errors.ts'
import { folderSource, readSmall, type FileSource } from '#lib/ingest/source.ts'
import { row, rows, run, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { rawFileKey, type ObjectStore } from '#lib/store/index.ts'
import { deliveryNames } from '#lib/upload/delivery-names.ts'
import { idProblem } from '#lib/upload/ids.ts'
import { inTransaction } from './transaction.ts'

/** Which load a folder is: ids are text, byte for byte (contract rule 1). */
export type LoadName = { partner: string; shop: string; loadId: string }

/** What became of a folder: a load that can run, with its new delivery if there is one, or the attempt in whose place it was refused. */
export type Delivered = { kind: 'ready'; loadId: number; delivery?: number } | { kind: 'refused'; attemptId: number }

/** The ids in a folder's path, `…/imports/{partner}/{shop}/{load_id}`, as far as `given` does not name them. */
export function nameOfFolder(folder: string, given: { partner?: string; shop?: string }): LoadName {
  const parts = path.resolve(folder).split(path.sep)
  const [imports, partner, shop, loadId] = [-4, -3, -2, -1].map((at) => parts.at(at))
  const isImports = imports === 'imports'
  const name = { partner: given.partner ?? (isImports ? partner : undefined), shop: given.shop ?? (isImports ? shop : undefined), loadId }
  if (!name.partner || !name.shop || !name.loadId) {
    throw invalidInput('The folder’s path does not end in imports/<partner>/<shop>/<load_id>. Name them with --partner and --shop.')
  }
  for (const [what, id, most] of [['partner', name.partner, 64], ['shop', name.shop, 64], ['load id', name.loadId, 100]] as const) {
    const problem = idProblem(id, most)
    if (problem) throw invalidInput(`The ${what} ${JSON.stringify(id)} cannot be used. ${problem}`)
  }
  return name as LoadName
}

/** The load's row, with its partner and shop made where they are new. */
async function findOrMakeLoad(db: Db, { partner, shop, loadId }: LoadName, timeZone: string): Promise<number> {
  await run(db, sql`insert into partner (slug, name) values (${partner}, ${partner}) on duplicate key update slug = slug`)
  const p = (await row<{ id: number }>(db, sql`select id from partner where slug = ${partner}`))!
  await run(db, sql`insert into shop (partnerId, slug, name, timeZone) values (${p.id}, ${shop}, ${shop}, ${timeZone}) on duplicate key update slug = slug`)
  const s = (await row<{ id: number }>(db, sql`select id from shop where partnerId = ${p.id} and slug = ${shop}`))!
  await run(db, sql`insert into \`load\` (shopId, slug, status) values (${s.id}, ${loadId}, 'draft') on duplicate key update slug = slug`)
  return (await row<{ id: number }>(db, sql`select id from \`load\` where shopId = ${s.id} and slug = ${loadId}`))!.id
}

/**
 * Takes a folder in as a delivery of its load: copies the contract's files into the store and notes the others by name.
 * The bytes of a completed load are taken as they are (that is a rerun); other bytes under its load id are refused with the
 * differences (contract rule 5). Throws a UserError when the folder is not there or the load is running.
 */
export async function deliverFolder(db: Pool, store: ObjectStore, folder: string, name: LoadName, timeZone: string, { dryRun = false } = {}): Promise<Delivered> {
  try {
    return await deliver(db, store, folder, name, timeZone, dryRun)
  } catch (error) {
    throw cannotRead(error, folder) ?? error
  }
}

/** What to tell of a file or folder that is there and cannot be read; undefined for any other error. */
export function cannotRead(error: unknown, folder: string): UserError | undefined {
  const { code, path: place, syscall } = error as NodeJS.ErrnoException
  if (typeof place !== 'string' || !syscall) return undefined
  const within = path.relative(path.resolve(folder), path.resolve(place))
  if (within.startsWith('..') || path.isAbsolute(within)) return undefined
  const reason = code === 'EACCES' || code === 'EPERM' ? 'this user may not read it' : code
  return new UserError('invalid_input', `${within === '' ? `The folder ${JSON.stringify(folder)}` : within} cannot be read: ${reason}. Nothing was loaded.`, undefined, { cause: error })
}

async function deliver(db: Pool, store: ObjectStore, folder: string, name: LoadName, timeZone: string, dryRun: boolean): Promise<Delivered> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) throw new UserError('not_found', `There is no folder ${JSON.stringify(folder)}.`)
  const source = folderSource(folder)
  const loadId = await inTransaction(db, (tx) => findOrMakeLoad(tx, name, timeZone))
  const load = (await row<{ status: string; completedAttempt: number | null }>(db, sql`select status, completedAttempt from \`load\` where id = ${loadId}`))!
  if (load.status === 'queued' || load.status === 'running') {
    const left = await row(db, sql`select 1 from job where loadId = ${loadId} and status = 'running' and leasedUntil < now(3)`)
    throw new UserError('load_running', left
      ? `Load ${name.loadId} is running, but its worker is silent. \`onramp rerun\` with its name takes it up.`
      : `Load ${name.loadId} is ${load.status}. Wait for its end.`)
  }
  if (load.completedAttempt !== null) return redeliver(db, store, source, loadId, load.completedAttempt, name, dryRun)
  const delivery = await nextDelivery(db, loadId)
  for (const fileName of new Set((await source.names()).map(listedName))) await takeIn(db, store, source, loadId, delivery, fileName)
  return { kind: 'ready', loadId, delivery }
}

async function nextDelivery(db: Pool, loadId: number): Promise<number> {
  const { insertId } = await run(db, sql`update \`load\` set delivery = last_insert_id(delivery + 1), updatedAt = now(3) where id = ${loadId}`)
  return insertId
}

// The database takes names that differ only in blanks at their end for the same, and so would a reader.
const listedName = (fileName: string) => fileName.replace(/ +$/, (blanks) => '␣'.repeat(blanks.length))

async function takeIn(db: Pool, store: ObjectStore, source: FileSource, loadId: number, delivery: number, fileName: string): Promise<void> {
  const belongs = deliveryNames.has(fileName)
  const storeKey = belongs ? rawFileKey(loadId, delivery, fileName) : null
  const written = storeKey ? await store.put(storeKey, source.open(fileName)) : null
  await run(db, sql`insert into load_file (loadId, delivery, name, entity, bytes, sha256, storeKey, receivedAt)
    values (${loadId}, ${delivery}, ${fileName.slice(0, 255)}, ${entityOfFile(fileName)?.name ?? null}, ${written?.bytes ?? null}, ${written?.sha256 ?? null}, ${storeKey}, now(3))`)
}

type KnownFile = { id: number; delivery: number; storeKey: string | null; name: string; bytes: number; sha256: string; manifestRows: number | null }

async function redeliver(db: Pool, store: ObjectStore, source: FileSource, loadId: number, attempt: number, name: LoadName, dryRun: boolean): Promise<Delivered> {
  const known = await rows<KnownFile>(db, sql`
    select id, delivery, name, bytes, sha256, manifestRows, storeKey from load_file
    where loadId = ${loadId} and (storeKey is not null or purgedAt is not null) and (manifestSha256 is not null or name = ${MANIFEST_NAME}) and delivery = (select delivery from attempt where loadId = ${loadId} and number = ${attempt})`)
  const problems = await differences(source, known, name.loadId)
  if (problems.length === 0) {
    for (const file of known.filter(({ storeKey }) => storeKey === null)) await takeInAgain(db, store, source, loadId, file)
    return { kind: 'ready', loadId }
  }
  return { kind: 'refused', attemptId: await refuse(db, loadId, dryRun, {
    code: 'load_id_reused', problems,
    message: `Load ${name.loadId} was completed with other files, and they stay as they are. A new delivery needs a new load_id.`,
  }) }
}

/** A raw file that was purged, and is here once more. A manifest written again says the same in other bytes. */
async function takeInAgain(db: Pool, store: ObjectStore, source: FileSource, loadId: number, { id, delivery, name }: KnownFile): Promise<void> {
  const storeKey = rawFileKey(loadId, delivery, name)
  const { bytes, sha256 } = await store.put(storeKey, source.open(name))
  await run(db, sql`update load_file set storeKey = ${storeKey}, bytes = ${bytes}, sha256 = ${sha256}, receivedAt = now(3), purgedAt = null where id = ${id}`)
}

/**
 * Every file of the contract that is not, byte for byte, what the completed load was made of. The manifest is only their
 * list: written again, it must say the same of each.
 */
async function differences(source: FileSource, known: KnownFile[], loadId: string): Promise<Problem[]> {
  const names = (await source.names()).filter((n) => deliveryNames.has(n))
  const problems: Problem[] = []
  const differs = (file: string, message: string) => problems.push({ file, line: null, column: null, code: 'load_id_reused', message })
  for (const file of known) if (!names.includes(file.name)) differs(file.name, `${file.name} was part of the completed load and is not in the folder.`)
  const bytes = names.includes(MANIFEST_NAME) ? await readSmall(source, MANIFEST_NAME, MANIFEST_MAX_BYTES) : null
  const { manifest, listed } = bytes ? readManifest(bytes, loadId) : { manifest: null, listed: [] }
  for (const fileName of names) {
    if (fileName === MANIFEST_NAME) {
      const same = manifest?.entries.every((entry) => known.some((f) => f.name === entry.name && f.sha256 === entry.sha256 && Number(f.manifestRows) === entry.rows))
      if (!same) differs(MANIFEST_NAME, 'manifest.json does not say the same of the files as the completed load’s.')
      continue
    }
    const before = known.find((f) => f.name === fileName)
    // What no manifest lists lies beside the load (contract rule 3).
    if (!before && !listed.some((entry) => entry.name === fileName)) continue
    if (!before) {
      differs(fileName, `${fileName} was not part of the completed load.`)
      continue
    }
    const hash = createHash('sha256')
    for await (const chunk of source.open(fileName)) hash.update(chunk as Buffer)
    const sha256 = hash.digest('hex')
    if (sha256 === before.sha256) continue
    const now = listed.find((entry) => entry.name === fileName)
    differs(fileName, `${fileName} has sha256 ${sha256}${withRows(now?.rows)}; the completed load was made of ${before.sha256}${withRows(before.manifestRows)}.`)
  }
  return problems
}

const withRows = (rows: number | null | undefined) => (typeof rows === 'number' ? ` with ${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}` : '')

/** Notes the refusal as an attempt of its own. The load stays completed as it was. */
async function refuse(db: Pool, loadId: number, dryRun: boolean, failure: Failure): Promise<number> {
  return inTransaction(db, async (tx) => {
    const load = (await row<{ currentAttempt: number; delivery: number }>(tx, sql`select currentAttempt, delivery from \`load\` where id = ${loadId} for update`))!
    const { insertId } = await run(tx, sql`insert into attempt (loadId, number, delivery, dryRun, status, startedVia, finishedAt, seconds, failure)
      values (${loadId}, ${load.currentAttempt + 1}, ${load.delivery}, ${dryRun}, 'failed_validation', 'cli', now(3), 0, ${JSON.stringify(failure)})`)
    await run(tx, sql`update \`load\` set currentAttempt = currentAttempt + 1, updatedAt = now(3) where id = ${loadId}`)
    return insertId
  })
}
