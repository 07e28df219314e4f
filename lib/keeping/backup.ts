import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Connection } from 'mysql2/promise'
import { anchoredNumbers, anchorFile } from '#lib/audit/anchors.ts'
import { appendAudit, chainEnd, usableKey, type ChainEnd } from '#lib/audit/append.ts'
import { auditKey, auditKeyFile, givenAuditKey } from '#lib/audit/key.ts'
import { stagingSchema } from '#lib/config.ts'
import { ANNOUNCED } from '#lib/db/schema-version.ts'
import { UserError } from '#lib/errors.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { row, rows, sql, tablesIn } from '#lib/ingest/sql/sql.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { ANCHORS, AUDIT_KEY, DATABASE, makeFolder, STAGING, STORE, writeFileOf, writeManifest, type BackedUpFile, type Manifest } from './backup-folder.ts'
import { readBooks, reconcileBooks } from './books.ts'
import { fileOfStagingTable } from './orphans.ts'
import { withoutPurges } from './retention.ts'
import { dump, type Dump } from './server-tools.ts'

export type BackedUp = { manifest: Manifest; complaints: string[]; missing: string[] }

// Whoever writes the audit trail waits meanwhile, and gives up after ten seconds.
const FIXED_WITHIN_MS = 8_000
const MIGRATIONS = '_prisma_migrations'
const NO_LIMIT = 2n ** 64n - 1n

/**
 * Writes everything that an installation needs to be made again into an empty folder: the database as it is at one moment,
 * between two events of the audit trail; the staging tables that are kept; raw files; the audit key, unless the settings give
 * it. Loads and people go on meanwhile. `complaints`: where production is not what the ledger says; `missing`: raw files that
 * were not as they should be in the store.
 */
export async function backUp(url: string, store: ObjectStore, folder: string): Promise<BackedUp> {
  await makeFolder(folder)
  return withoutPurges(url, async () => {
    const snapshot = await connect(url)
    try {
      await refuseLimitedRows(snapshot)
      await snapshot.query('set session transaction isolation level repeatable read')
      const { files: dumped, ...fixed } = await dumpDatabase(url, snapshot, folder)
      const staging = await dumpStaging(url, folder)
      const { files: raw, missing } = await copyStore(snapshot, store, folder)
      const files = [dumped, ...staging, ...raw, ...await copyAuditFiles(folder, fixed.audit.number)]
      const { complaints } = await reconcileBooks(snapshot)
      const manifest: Manifest = { format: 'onramp backup 1', createdAt: new Date().toISOString(), ...fixed, files }
      await writeManifest(folder, manifest)
      await noteBackup(url, manifest)
      return { manifest, complaints, missing }
    } finally {
      snapshot.destroy()
    }
  })
}

/** The programs that dump have sessions as the server makes them: where it limits rows, they would leave out the others and say nothing. */
async function refuseLimitedRows(connection: Connection): Promise<void> {
  const { most } = (await row<{ most: string }>(connection, sql`select cast(@@global.sql_select_limit as char) as most`))!
  if (BigInt(most) < NO_LIMIT) throw new UserError('conflict', `The database server gives at most ${most} rows to whoever does not say otherwise (sql_select_limit), so that a backup would be cut short. Set it back (set global sql_select_limit = default), then back up again.`)
}

type Fixed = Pick<Manifest, 'audit' | 'books' | 'migrations' | 'server'> & { files: BackedUpFile }

/** The dump, and what `snapshot` reads: both begin while nobody can write to the audit trail, so both see the same loads. */
async function dumpDatabase(url: string, snapshot: Connection, folder: string): Promise<Fixed> {
  const schema = addressOf(url).database
  const holding = await connect(url)
  let main: Dump
  let end: ChainEnd
  try {
    await holding.beginTransaction()
    end = (await row<ChainEnd>(holding, sql`${chainEnd} for update`))!
    usableKey(auditKey(), end)
    await snapshot.query('start transaction with consistent snapshot, read only')
    main = dump(url, schema, { without: [MIGRATIONS] })
    await withinTime(main)
  } finally {
    await holding.rollback().catch(() => undefined)
    holding.destroy()
  }
  const [written] = await Promise.all([writeFileOf(folder, DATABASE, main.stream, createGzip({ level: 3 })), main.ended])
  const server = (await row<{ version: string }>(snapshot, sql`select version() as version`))!.version
  const migrations = await rows<{ name: string; checksum: string }>(snapshot, sql`select migration_name as name, checksum from _prisma_migrations
    where rolled_back_at is null and not (finished_at is null and logs <=> ${ANNOUNCED}) order by migration_name`)
  return {
    files: written, server, migrations: migrations.map(({ name, checksum }) => ({ name, checksum })),
    audit: { number: end.number, hash: end.hash, keyId: end.keyId! }, books: await readBooks(snapshot),
  }
}

async function withinTime({ fixed, stream, ended }: Dump): Promise<void> {
  const late = new Promise<never>((_, reject) => setTimeout(reject, FIXED_WITHIN_MS,
    new UserError('unavailable', `The dump did not begin within ${FIXED_WITHIN_MS / 1000} seconds. Try again when the database has less to do.`)).unref())
  try {
    await Promise.race([fixed, late])
  } catch (error) {
    stream.destroy()
    ended.catch(() => undefined)
    throw error
  }
}

// So many names fit on a command line.
const TABLES_AT_ONCE = 2000
const STAGING_TRIES = 3

/** The staging tables that are noted, of loads at rest: one that waits or runs stages its files anew. */
async function dumpStaging(url: string, folder: string): Promise<BackedUpFile[]> {
  const connection = await connect(url)
  try {
    const schema = stagingSchema(url)
    const tables = await stagingTables(connection, schema)
    const files: BackedUpFile[] = []
    for (let at = 0; at < tables.length; at += TABLES_AT_ONCE) {
      const name = `${STAGING}/${String(files.length + 1).padStart(4, '0')}.sql.gz`
      files.push(await dumpTables(connection, url, schema, folder, name, tables.slice(at, at + TABLES_AT_ONCE)))
    }
    return files
  } finally {
    await connection.end()
  }
}

async function stagingTables(connection: Connection, schema: string): Promise<string[]> {
  const kept = new Set((await rows<{ tableName: string }>(connection, sql`select tableName from staged_file
    where purgedAt is null and not exists (select 1 from job where job.loadId = staged_file.loadId and job.status in ('queued', 'running'))`)).map(({ tableName }) => tableName))
  return (await tablesIn(connection, schema)).filter((name) => kept.has(fileOfStagingTable(name)?.table ?? ''))
}

/** Somebody may run a load again just now, and empty its tables under the dump: then those that are left are written once more. */
async function dumpTables(connection: Connection, url: string, schema: string, folder: string, name: string, wanted: readonly string[]): Promise<BackedUpFile> {
  for (let tries = 1; ; tries++) {
    const there = new Set(await stagingTables(connection, schema))
    const tables = wanted.filter((table) => there.has(table))
    try {
      // Without a name it would be every table there is.
      if (tables.length === 0) return await writeFileOf(folder, name, Readable.from([]), createGzip())
      const { stream, ended } = dump(url, schema, { tables })
      const [written] = await Promise.all([writeFileOf(folder, name, stream, createGzip({ level: 3 })), ended])
      return written
    } catch (error) {
      if (tries === STAGING_TRIES) throw error
      await rm(path.join(folder, name), { force: true })
    }
  }
}

type RawFile = { storeKey: string; bytes: number; sha256: string }

/** The raw files that the snapshot knows of. Those that are not in the store as they arrived are named, and the rest goes on. */
async function copyStore(snapshot: Connection, store: ObjectStore, folder: string): Promise<{ files: BackedUpFile[]; missing: string[] }> {
  const known = await rows<RawFile>(snapshot, sql`select storeKey, bytes, sha256 from load_file where storeKey is not null and receivedAt is not null order by id`)
  const files: BackedUpFile[] = []
  const missing: string[] = []
  for (const { storeKey, bytes, sha256 } of known) {
    const found = await store.stat(storeKey)
    const file = found && await writeFileOf(folder, `${STORE}/${storeKey}`, store.open(storeKey))
    if (file) files.push(file)
    if (!file || file.bytes !== Number(bytes) || file.sha256 !== sha256) missing.push(storeKey)
  }
  return { files, missing }
}

/** The anchors up to the end of the backed-up trail, and the key if it lies in the data folder. */
async function copyAuditFiles(folder: string, lastEvent: string): Promise<BackedUpFile[]> {
  const anchors = anchoredNumbers().filter((number) => BigInt(number) <= BigInt(lastEvent)).map((number) => anchorFile(number))
  const files: BackedUpFile[] = []
  for (const file of anchors) files.push(await writeFileOf(folder, `${ANCHORS}/${path.basename(file)}`, createReadStream(file)))
  if (givenAuditKey() === undefined) files.push(await writeFileOf(folder, AUDIT_KEY, createReadStream(auditKeyFile())))
  return files
}

async function noteBackup(url: string, { files, audit }: Manifest): Promise<void> {
  const db = pool(url, 1)
  try {
    await inTransaction(db, (tx) => appendAudit(tx, {
      user: null, actor: 'cli', action: 'backup_made', objectType: 'installation', objectId: '1',
      detail: { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0), throughEvent: Number(audit.number) },
    }))
  } finally {
    await db.end()
  }
}
