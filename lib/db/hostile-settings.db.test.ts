import type { Connection } from 'mysql2/promise'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { readHealth } from '#lib/data/health.ts'
import { prisma } from '#lib/data/prisma.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { raw, rows, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { backUp } from '#lib/keeping/backup.ts'
import { disturbance, type Disturbance } from '#lib/jobs/testing-disturbed.ts'
import { installationOn } from '#lib/jobs/testing.ts'
import { prepareDatabase } from './ensure.ts'
import { FaultyLine } from './faulty-line.ts'
import { ownServer } from './testing-own-server.ts'

// Everything in which the server of somebody else may differ and that decides on what a statement means, on what it keeps or gives
// back, or on how long it may take.
const OPTIONS = {
  sql_mode: 'ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO', time_zone: '+09:30', tx_isolation: 'SERIALIZABLE',
  character_set_server: 'latin1', collation_server: 'latin1_german2_ci', innodb_lock_wait_timeout: 77, autocommit: 0, group_concat_max_len: 4,
  completion_type: 'CHAIN', sql_safe_updates: 1, max_join_size: 1, wait_timeout: 1, net_read_timeout: 1, net_write_timeout: 1,
  max_statement_time: 1, idle_transaction_timeout: 1, idle_write_transaction_timeout: 1, idle_readonly_transaction_timeout: 1, max_error_count: 0, innodb_force_primary_key: 1,
}
// A server is not started with these: somebody sets them.
const SET_LATER = { foreign_key_checks: 0, unique_checks: 0, check_constraint_checks: 0, sql_auto_is_null: 1, sql_big_selects: 0, sql_select_limit: 0 }
const HOSTILE = { ...OPTIONS, ...SET_LATER }
const asOptions = Object.entries(OPTIONS).map(([name, value]) => `--${{ time_zone: 'default-time-zone', tx_isolation: 'transaction-isolation' }[name] ?? name}=${value}`)

const server = await ownServer()
const connection = await connect(server.url)
const installation = installationOn(server.url, connection)
const line = await FaultyLine.to(server.url)
const byLine = installationOn(line.url, connection)
const long = pool(server.url, 1)
let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })
afterAll(async () => {
  await prisma().$disconnect()
  await line.close()
  // These have lost their server once.
  for (const one of [long, connection]) await one.end().catch(() => undefined)
})

const SESSION = sql`select @@session.sql_mode as mode, @@session.time_zone as zone, @@session.autocommit as autocommit, @@session.character_set_client as client,
  @@session.character_set_connection as texts, @@session.character_set_results as results, @@session.collation_connection as collation,
  @@session.completion_type as completion, @@session.foreign_key_checks as links, @@session.unique_checks as uniques, @@session.sql_auto_is_null as lastIdIsNull,
  @@session.sql_safe_updates as safe, @@session.sql_big_selects as big, @@session.sql_select_limit as most, @@session.max_error_count as warnings, @@session.check_constraint_checks as constraints`
const PIPELINE = sql`select @@session.tx_isolation as isolation, @@session.innodb_lock_wait_timeout as patience, @@session.group_concat_max_len as list,
  @@session.wait_timeout as pause, @@session.net_read_timeout as hearing, @@session.net_write_timeout as telling, @@session.max_statement_time as statement,
  @@session.idle_write_transaction_timeout as writing, @@session.idle_readonly_transaction_timeout as reading`
const plain = (found: readonly object[]) => JSON.parse(JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) as unknown
const session = {
  mode: 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', zone: '+00:00', autocommit: 1,
  client: 'utf8mb4', texts: 'utf8mb4', results: 'utf8mb4',
  completion: 'NO_CHAIN', links: 1, uniques: 1, lastIdIsNull: 0, safe: 0, big: 1, most: 9_007_199_254_740_991, warnings: 64, constraints: 1,
}
const pipeline = { isolation: 'READ-COMMITTED', patience: 10, list: 65_536, pause: 28_800, hearing: 30, telling: 60, statement: 0, writing: 0, reading: 0 }

async function everySessionIsOurs(): Promise<void> {
  const one = await connect(server.url)
  for (const db of [one, long]) {
    expect(await rows(db, SESSION)).toEqual([{ ...session, collation: 'utf8mb4_bin' }])
    expect(await rows(db, PIPELINE)).toEqual([pipeline])
  }
  await one.end()

  const ask = ({ text }: Sql) => prisma().$queryRawUnsafe<object[]>(text)
  expect(plain(await ask(SESSION))).toEqual([{ ...session, collation: 'utf8mb4_unicode_ci' }])
  const inTransaction = await prisma().$transaction(async (tx) => {
    // The server's list of transactions is up to a tenth of a second old.
    await tx.$queryRaw`select sleep(0.2) from _prisma_migrations limit 1 for update`
    return [await tx.$queryRawUnsafe<object[]>(SESSION.text), await tx.$queryRaw<object[]>`select trx_isolation_level as isolation from information_schema.innodb_trx where trx_mysql_thread_id = connection_id()`]
  })
  expect(inTransaction.map(plain)).toEqual([[{ ...session, collation: 'utf8mb4_unicode_ci' }], [{ isolation: 'READ COMMITTED' }]])
}

async function setGlobally(db: Connection, settings: Readonly<Record<string, string | number>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await db.query(`set global ${name} = ?`, [value])
}

/** What the portal writes is kept, what a load does is what it does elsewhere, and tables are made alike. */
async function allIsAsElsewhere(name: string): Promise<void> {
  const own = await connect(server.url)
  const { user } = await signedIn(own, 'engineer')
  await prisma().user.update({ where: { id: BigInt(user.id) }, data: { name } })
  expect(await rows(own, sql`select name from \`user\` where id = ${user.id}`)).toEqual([{ name }])
  expect((await readHealth(user)).checks.find((check) => check.name === 'database')).toMatchObject({ state: 'ok' })

  for (const isNew of [true, false]) {
    const shop = await d.prepare({ isNew })
    await shop.shop.loadFolder(shop.folder)
    expect(await d.canon(shop)).toBe(d.undisturbed(shop))
  }

  await prepareDatabase(new URL(`/${name}`, server.url).href)
  const tables = (schema: string) => rows(own, sql`select table_name, column_name, column_type, is_nullable, column_default, extra, collation_name
    from information_schema.columns where table_schema = ${schema} order by table_name, ordinal_position`)
  expect(await tables(name)).toEqual(await tables(new URL(server.url).pathname.slice(1)))
  await own.end()
}

test('a server whose settings are changed while it runs decides on nothing: every session is ours, and all is as elsewhere', async () => {
  await everySessionIsOurs()
  await setGlobally(connection, HOSTILE)
  // Sessions that were there already keep what they had.
  await everySessionIsOurs()
  await prisma().$disconnect()
  await everySessionIsOurs()
  await allIsAsElsewhere('changed')
})

test('nor does one that is started anew with other settings, for those that were connected and for others', async () => {
  await server.stop()
  await server.start(asOptions)
  const own = await connect(server.url)
  await setGlobally(own, SET_LATER)
  const globals = Object.keys(HOSTILE).map((name) => `@@global.${name} as ${name}`).join(', ')
  const [found] = await rows<typeof HOSTILE>(own, raw(`select ${globals}`))
  await own.end()
  expect({ ...found, sql_mode: found!.sql_mode.split(',').sort().join() }).toEqual({ ...HOSTILE, sql_mode: HOSTILE.sql_mode.split(',').sort().join() })
  // Who was connected is told once that this is over.
  await expect.poll(() => Promise.all([rows(long, sql`select 1`), prisma().$queryRaw`select 1`])).toHaveLength(2)
  await everySessionIsOurs()
  await allIsAsElsewhere('started')
})

test('nor does one that waits for nobody: a load whose last file comes late still has its transaction', { timeout: 60_000 }, async () => {
  const own = await connect(server.url)
  await setGlobally(own, HOSTILE)
  await own.end()
  const counts = { late: 0, tries: 0 }
  const loading = new Set<number>()
  line.fault = ({ connection, text }) => {
    if (text.startsWith('select get_lock')) counts.tries++
    if (/^load data .*_supplier` /.test(text)) loading.add(connection)
    if (text !== '' || !loading.delete(connection)) return undefined
    counts.late++
    return 2_500
  }
  for (const isNew of [true, false]) {
    const shop = await d.prepare({ isNew })
    await byLine.newShop(shop.shop).loadFolder(shop.folder)
    expect(await d.canon(shop)).toBe(d.undisturbed(shop))
  }
  expect(counts).toEqual({ late: 2, tries: 2 })
})

test('a backup of a server that limits rows is refused, since its programs would cut it short', async () => {
  const own = await connect(server.url)
  await own.query('set global sql_select_limit = 1')
  await expect(backUp(server.url, installation.runner.store, path.join(installation.dataDir, 'backup'))).rejects.toThrow('at most 1 rows')
  await own.query('set global sql_select_limit = default')
  await own.end()
})
