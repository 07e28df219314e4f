import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { readHealth } from '#lib/data/health.ts'
import { prisma } from '#lib/data/prisma.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { raw, rows, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { disturbance, type Disturbance } from '#lib/jobs/testing-disturbed.ts'
import { installationOn } from '#lib/jobs/testing.ts'
import { prepareDatabase } from './ensure.ts'
import { ownServer } from './testing-own-server.ts'

// Everything in which the server of somebody else may differ and that decides on what a statement means, or on what it keeps.
const HOSTILE = {
  sql_mode: 'ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO', time_zone: '+09:30', tx_isolation: 'SERIALIZABLE',
  character_set_server: 'latin1', collation_server: 'latin1_german2_ci', innodb_lock_wait_timeout: 77, autocommit: 0, group_concat_max_len: 4,
}
const asOptions = Object.entries(HOSTILE).map(([name, value]) => `--${{ time_zone: 'default-time-zone', tx_isolation: 'transaction-isolation' }[name] ?? name}=${value}`)

const server = await ownServer()
const connection = await connect(server.url)
const installation = installationOn(server.url, connection)
const long = pool(server.url, 1)
let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })
afterAll(async () => {
  await prisma().$disconnect()
  // These have lost their server once.
  for (const one of [long, connection]) await one.end().catch(() => undefined)
})

const SESSION = sql`select @@session.sql_mode as mode, @@session.time_zone as zone, @@session.autocommit as autocommit, @@session.character_set_client as client,
  @@session.character_set_connection as texts, @@session.character_set_results as results, @@session.collation_connection as collation`
const PIPELINE = sql`select @@session.tx_isolation as isolation, @@session.innodb_lock_wait_timeout as patience, @@session.group_concat_max_len as list`
const plain = (found: readonly object[]) => JSON.parse(JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) as unknown
const session = {
  mode: 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', zone: '+00:00', autocommit: 1,
  client: 'utf8mb4', texts: 'utf8mb4', results: 'utf8mb4',
}
const pipeline = { isolation: 'READ-COMMITTED', patience: 10, list: 65_536 }

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
  for (const [name, value] of Object.entries(HOSTILE)) await connection.query(`set global ${name} = ?`, [value])
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
  const globals = Object.keys(HOSTILE).map((name) => `@@global.${name} as ${name}`).join(', ')
  const [found] = await rows<typeof HOSTILE>(own, raw(`select ${globals}`))
  await own.end()
  expect({ ...found, sql_mode: found!.sql_mode.split(',').sort().join() }).toEqual({ ...HOSTILE, sql_mode: HOSTILE.sql_mode.split(',').sort().join() })
  // Who was connected is told once that this is over.
  await expect.poll(() => Promise.all([rows(long, sql`select 1`), prisma().$queryRaw`select 1`])).toHaveLength(2)
  await everySessionIsOurs()
  await allIsAsElsewhere('started')
})
