import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { constants, copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import type { Connection } from 'mysql2/promise'
import { anchorFolder } from '#lib/audit/anchors.ts'
import { appendAudit } from '#lib/audit/append.ts'
import { keyIdOf } from '#lib/audit/event.ts'
import { auditKeyFile, givenAuditKey, keepAuditKey } from '#lib/audit/key.ts'
import { verifyAudit, type Verified } from '#lib/audit/verify.ts'
import { stagingSchema } from '#lib/config.ts'
import { entityNames } from '#lib/contract/index.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { createHistory, createSchemas } from '#lib/db/migrate.ts'
import { knownMigrations } from '#lib/db/schema-version.ts'
import { tablesOf } from '#lib/db/users.ts'
import { UserError } from '#lib/errors.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { ident, join, row, run, sql } from '#lib/ingest/sql/sql.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { ANCHORS, AUDIT_KEY, DATABASE, readBackup, STAGING, STORE, type Manifest } from './backup-folder.ts'
import { differences, readBooks, reconcileBooks } from './books.ts'
import { fileOfStagingTable } from './orphans.ts'
import { importDump, MAX_PACKET_BYTES } from './server-tools.ts'

export type Restored = { manifest: Manifest; shops: number; files: number; complaints: string[]; audit: Verified }

// There while a restore has begun and not ended: then its database may be cleared and filled again, until its migrations are noted.
const MARKER = 'onramp_restore'

/**
 * Makes an installation again from a backup: only where there is none, and only from a backup of which every byte is as it was
 * written. Then compares: with what the backup says it holds, and production with the ledger. `complaints` has what differs.
 */
export async function restore(url: string, store: ObjectStore, folder: string): Promise<Restored> {
  const manifest = await readBackup(folder)
  refuseNewer(manifest)
  const key = await keyOf(manifest, folder)
  await createSchemas(url)
  const connection = await connect(url)
  try {
    await clear(connection, url, store)
    await importAll(connection, url, folder, manifest)
    await forgetWhoMayIn(connection, url)
    const files = await fillStore(store, folder, manifest)
    await copyAnchors(folder, manifest)
    if (key !== undefined) await takeKey(key)
    await noteMigrations(connection, manifest)
    await run(connection, sql`drop table ${ident(MARKER)}`)
    const complaints = differences(manifest.books, await readBooks(connection))
    await prepareDatabase(url)
    const reconciled = await reconcileBooks(connection)
    const audit = await verifyAudit(url)
    await noteRestore(url, manifest)
    return { manifest, files, shops: reconciled.shops, complaints: [...complaints, ...reconciled.complaints], audit }
  } finally {
    await connection.end()
  }
}

function refuseNewer({ migrations }: Manifest): void {
  const known = new Set(knownMigrations().map(({ name }) => name))
  const newer = migrations.find(({ name }) => !known.has(name))
  if (newer) throw new UserError('conflict', `The backup is of a newer version (migration ${newer.name}) than this Onramp. Update Onramp first; nothing was restored.`)
}

/** The key in the backup, or undefined when the settings give the same. */
async function keyOf({ audit, files }: Manifest, folder: string): Promise<string | undefined> {
  const given = givenAuditKey()
  if (given !== undefined && keyIdOf(given) === audit.keyId) return undefined
  if (given === undefined && files.some((file) => file.path === AUDIT_KEY)) return (await readFile(path.join(folder, AUDIT_KEY), 'utf8')).trim()
  throw new UserError('conflict', 'The key of the backed-up audit trail is needed and is not in the backup. Set ONRAMP_AUDIT_KEY to the one that was set when the backup was made; nothing was restored.')
}

/** Tables of which none has a row in an installation that nobody has used. */
const USED = ['user', 'partner', 'load', 'audit_event', ...entityNames]

/** Takes away the empty tables of an unused installation, or what a restore that was cut short left. Throws when there is anything else. */
async function clear(connection: Connection, url: string, store: ObjectStore): Promise<void> {
  const [schema, staging] = [addressOf(url).database, stagingSchema(url)]
  const tables = await tablesOf(connection, schema)
  // A restore notes its migrations when all is there: a marker beside them is left over, and guards nothing. One that somebody
  // began on the tables of a restore that was cut short has no end.
  const isWhole = tables.includes('_prisma_migrations') && (await row(connection, sql`select 1 from _prisma_migrations where finished_at is not null limit 1`)) !== undefined
  if (isWhole || !tables.includes(MARKER)) {
    if (tables.length > 0 && !tables.includes('_prisma_migrations')) throw new UserError('conflict', `The database ${schema} holds tables that are not Onramp’s. Restore into an empty one; nothing was restored.`)
    for (const table of USED.filter((name) => tables.includes(name))) {
      if (await row(connection, sql`select 1 from ${ident(table)} limit 1`)) throw new UserError('conflict', `This installation is in use: ${table} has rows. A backup is restored into an empty one; nothing was restored.`)
    }
    if ((await store.list('loads')).length > 0) throw new UserError('conflict', 'The store of raw files is not empty. A backup is restored into an empty installation; nothing was restored.')
  }
  await run(connection, sql`create table if not exists ${ident(MARKER)} (begun datetime(3) not null default current_timestamp(3) primary key)`)
  await connection.query('set foreign_key_checks = 0')
  const gone = tables.filter((table) => table !== MARKER)
  if (gone.length > 0) await run(connection, sql`drop table ${join(gone.map((table) => ident(table)))}`)
  const staged = (await tablesOf(connection, staging)).filter((name) => fileOfStagingTable(name))
  if (staged.length > 0) await run(connection, sql`drop table ${join(staged.map((table) => ident(staging, table)))}`)
  await connection.query('set foreign_key_checks = 1')
  for (const { key } of await store.list('loads')) await store.delete(key)
}

// What a client says of a statement that the server does not take, or that it hangs up at.
const TOO_LONG = /\b(1153|2006|2013|2020)\b/

async function importAll(connection: Connection, url: string, folder: string, { files }: Manifest): Promise<void> {
  const read = (name: string) => createReadStream(path.join(folder, name)).pipe(createGunzip())
  try {
    await importDump(url, addressOf(url).database, read(DATABASE))
    for (const { path: name } of files.filter((file) => file.path.startsWith(`${STAGING}/`))) await importDump(url, stagingSchema(url), read(name))
  } catch (error) {
    if (!(error instanceof UserError) || !TOO_LONG.test(error.message)) throw error
    const found = await row<{ bytes: number }>(connection, sql`select @@global.max_allowed_packet as bytes`).catch(() => undefined)
    const bytes = found?.bytes ?? MAX_PACKET_BYTES
    if (Number(bytes) >= MAX_PACKET_BYTES) throw error
    throw new UserError(error.code, `${error.message} This server takes statements of at most ${Math.floor(Number(bytes) / 1024 / 1024)} MiB, and a backup may hold longer ones: set its max_allowed_packet to 64M, then restore again.`, undefined, { cause: error })
  }
}

/** Everybody signs in anew: sessions that were ended and links that were used or revoked since the backup would count again. */
async function forgetWhoMayIn(connection: Connection, url: string): Promise<void> {
  const there = await tablesOf(connection, addressOf(url).database)
  for (const table of ['session', 'invitation'].filter((name) => there.includes(name))) await run(connection, sql`delete from ${ident(table)}`)
}

async function fillStore(store: ObjectStore, folder: string, { files }: Manifest): Promise<number> {
  const raw = files.filter((file) => file.path.startsWith(`${STORE}/`))
  for (const { path: name, bytes, sha256 } of raw) await store.put(name.slice(STORE.length + 1), createReadStream(path.join(folder, name)), { bytes, sha256 })
  return raw.length
}

/** Anchors that are there already stay: those are on storage that outlived the installation. */
async function copyAnchors(folder: string, { files }: Manifest): Promise<void> {
  await mkdir(anchorFolder(), { recursive: true, mode: 0o700 })
  for (const { path: name } of files.filter((file) => file.path.startsWith(`${ANCHORS}/`))) {
    await copyFile(path.join(folder, name), path.join(anchorFolder(), path.basename(name)), constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** In the place of the one that an unused installation made for itself. */
async function takeKey(key: string): Promise<void> {
  await rm(auditKeyFile(), { force: true })
  keepAuditKey(key)
}

/** Last: from here on the database counts as whole. */
async function noteMigrations(connection: Connection, { migrations }: Manifest): Promise<void> {
  await createHistory(connection)
  const values = migrations.map(({ name, checksum }) => [randomUUID(), checksum, name, new Date(), 1])
  await run(connection, sql`insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ${values}`)
}

async function noteRestore(url: string, { createdAt, audit }: Manifest): Promise<void> {
  const db = pool(url, 1)
  try {
    await inTransaction(db, (tx) => appendAudit(tx, {
      user: null, actor: 'cli', action: 'backup_restored', objectType: 'installation', objectId: '1', detail: { backupOf: createdAt, throughEvent: Number(audit.number) },
    }))
  } finally {
    await db.end()
  }
}
