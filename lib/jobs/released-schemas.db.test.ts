import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyAudit } from '#lib/audit/verify.ts'
import { stagingSchema } from '#lib/config.ts'
import { entityNames } from '#lib/contract/index.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { migrate } from '#lib/db/migrate.ts'
import { knownMigrations } from '#lib/db/schema-version.ts'
import { unmadeDatabase } from '#lib/db/testing.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { ident, join, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { DiskStore } from '#lib/store/disk.ts'
import { canonicalDump } from './canon.ts'
import type { JobRunner } from './run-job.ts'
import { books } from './testing-disturbed.ts'
import { TestShop } from './testing.ts'

process.env.ONRAMP_AUDIT_KEY ??= 'the audit key of every database of the tests'
const root = mkdtempSync(path.join(tmpdir(), 'onramp-released-'))
const errors: unknown[] = []
const NAME = { partner: 'torqueline', shop: '0417' }

/** A database of its own, with its files. */
function runnerOf(name: string): JobRunner {
  const url = unmadeDatabase(name.slice(0, 14))
  return {
    url, stagingSchema: stagingSchema(url), db: pool(url, 6), store: new DiskStore(path.join(root, name, 'store')), worker: 'test', leaseSeconds: 20,
    onError: (error) => errors.push(error),
  }
}

const newest = runnerOf('newest')
const shop = new TestShop(newest, root, errors, NAME)
let second = ''
let canon = ''

// What a shop has after two loads, one that was refused, and one that waits.
beforeAll(async () => {
  await prepareDatabase(newest.url)
  await shop.load(books(0), { loadId: 'first' })
  second = (await shop.load(books(1), { loadId: 'second' })).folder
  expect((await shop.load(books(2), { loadId: 'refused', without: ['suppliers.csv'] })).report.status).toBe('failed_validation')
  await shop.deliver(shop.write(books(2), { loadId: 'third' }))
  await run(newest.db, sql`insert into supplier (shopId, supplierName) select id, 'made in the product' from shop`)
  canon = await dumpOf(newest)
})
afterAll(async () => {
  await newest.db.end()
  rmSync(root, { recursive: true, force: true })
})

async function dumpOf({ url }: JobRunner): Promise<string> {
  const connection = await connect(url)
  try {
    return await canonicalDump(connection)
  } finally {
    await connection.end()
  }
}

const schemaOf = ({ url }: JobRunner) => new URL(url).pathname.slice(1)
const tablesIn = async (db: Connection, schema: string) =>
  (await rows<{ name: string }>(db, sql`select table_name as name from information_schema.tables where table_schema = ${schema}`)).map(({ name }) => name)
const columnsOf = async (db: Connection, schema: string, table: string) =>
  (await rows<{ name: string }>(db, sql`select column_name as name from information_schema.columns where table_schema = ${schema} and table_name = ${table} order by ordinal_position`)).map(({ name }) => name)

/** Gives an older database what the newest one holds, as far as it had columns for it, and the files. */
async function fillAs(older: JobRunner, name: string): Promise<void> {
  const db = await connect(older.url)
  try {
    await db.query('set session foreign_key_checks = 0')
    const [from, to] = [schemaOf(newest), schemaOf(older)]
    for (const table of (await tablesIn(db, to)).filter((one) => one !== '_prisma_migrations')) {
      const there = new Set(await columnsOf(db, from, table))
      const columns = join((await columnsOf(db, to, table)).filter((column) => there.has(column)).map((column) => ident(column)))
      await run(db, sql`replace into ${ident(to, table)} (${columns}) select ${columns} from ${ident(from, table)}`)
    }
    for (const table of await tablesIn(db, newest.stagingSchema)) {
      await run(db, sql`create table ${ident(older.stagingSchema, table)} like ${ident(newest.stagingSchema, table)}`)
      await run(db, sql`insert into ${ident(older.stagingSchema, table)} select * from ${ident(newest.stagingSchema, table)}`)
    }
  } finally {
    await db.end()
  }
  cpSync(path.join(root, 'newest', 'store'), path.join(root, name, 'store'), { recursive: true })
}

const known = knownMigrations()
// From the first that loads could be written into; of the newest there is nothing to bring forward.
const released = known.map(({ name }) => name).slice(1, -1)

test.each(released)('what loads had made under the schema of %s is kept when it is brought forward, and later loads go on from there', async (name) => {
  const older = runnerOf(name)
  try {
    await migrate(older.url, known.filter((migration) => migration.name <= name))
    await fillAs(older, name)
    expect((await prepareDatabase(older.url)).length).toBe(known.filter((migration) => migration.name > name).length)
    expect(await dumpOf(older)).toBe(canon)
    expect(await rows(older.db, sql`select slug, seconds, records, errors, warnings from \`load\` order by id`)).toEqual(await rows(newest.db, sql`select slug, seconds, records, errors, warnings from \`load\` order by id`))
    expect(await verifyAudit(older.url, path.join(root, name))).toMatchObject({ ok: true })

    const there = new TestShop(older, root, errors, NAME)
    const ids = JSON.stringify(await Promise.all(entityNames.map((entity) => there.rows(entity))))
    const again = await there.loadFolder(second)
    for (const entity of entityNames) expect(again.report.entities[entity]).toMatchObject({ inserted: 0, updated: 0, unchanged: again.report.entities[entity].accepted })
    expect(JSON.stringify(await Promise.all(entityNames.map((entity) => there.rows(entity))))).toBe(ids)
    const third = await there.load(books(2), { loadId: 'third' })
    expect(third.report).toMatchObject({ status: 'completed_with_exceptions', entities: { customer: { inserted: 2 }, line_item: { inserted: 2 } } })
    expect(await row(older.db, sql`select count(*) as n from supplier where externalSupplierId is null`)).toEqual({ n: 1 })
  } finally {
    await older.db.end()
  }
})
