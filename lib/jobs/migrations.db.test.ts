import { createHash } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { verifyAudit } from '#lib/audit/verify.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { migrate } from '#lib/db/migrate.ts'
import { knownMigrations, type Migration } from '#lib/db/schema-version.ts'
import { unmadeDatabase } from '#lib/db/testing.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { runOnramp } from '#workers/run-onramp.ts'
import { enqueue } from './queue.ts'
import { runHere } from './run-here.ts'
import { canonicalDump } from './canon.ts'
import { testInstallation, type PackageFiles } from './testing.ts'
import { work } from './worker.ts'

const { newShop, runner, connection, url, dataDir } = await testInstallation('migrations')
const cli = { userId: null, via: 'cli', dryRun: false } as const
const files: PackageFiles = {
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '5.00' }],
  supplier: [{ externalSupplierId: 'S1', supplierName: 'gate' }],
}
const of = (name: string, text: string): Migration => ({ name, text, checksum: createHash('sha256').update(text).digest('hex') })
// What a later version might bring: a change of every kind of table that a load has in hand.
const later = of('29990101000000_later', [
  'alter table `customer` add column `later` varchar(10) null, add index `customer_later` (`later`)',
  'alter table `attempt` add column `later` int not null default 1', 'alter table `job` add index `job_later` (`worker`)', 'alter table `staged_file` add column `later` json null',
].join(';\n'))

// A load stands still in the middle of its transaction while this lock is held.
const GATE = `gate ${new URL(url).pathname}`
const keeper = await connect(url)
afterAll(() => keeper.end())

// What counts the rows of a table beside the transaction comes after whoever waits for the table.
const between = of('29980101000000_between', 'alter table `customer` add column `between` varchar(10) null')

test.each([['is being filled', 'customer', between], ['has been filled', 'supplier', later]] as const)('tables are brought forward while one of them %s: both end well, and the load is what it would have been', async (_, held, migration) => {
  const [undisturbed, shop] = [newShop(), newShop()]
  await undisturbed.load(files)
  await keeper.query(`create trigger gate before insert on ${held} for each row set @held = get_lock(?, 60)`, [GATE])
  await keeper.query('select get_lock(?, 10)', [GATE])
  const loadId = await shop.deliver(shop.write(files))
  const load = runHere(runner, loadId, cli)
  await expect.poll(async () => (await rows(connection, sql`select 1 from step join attempt on attempt.id = step.attemptId where loadId = ${loadId} and name = 'write' and entity = ${held}`)).length, { timeout: 30_000, interval: 10 }).toBe(1)
  const migrated = migrate(url, [...knownMigrations(), migration])
  // It waits for the load, which holds the tables.
  await expect.poll(async () => (await rows(keeper, sql`select 1 from information_schema.processlist where info like 'alter table%customer%'`)).length, { timeout: 10_000, interval: 20 }).toBe(1)
  await keeper.query('select release_lock(?)', [GATE])
  expect(await migrated).toEqual([migration.name])
  const attemptId = await load
  expect(await row(connection, sql`select status from attempt where id = ${attemptId}`)).toEqual({ status: 'completed' })
  await keeper.query('drop trigger gate')
  const [one, two] = await Promise.all([undisturbed, shop].map(async ({ shop: slug }) => (await row<{ id: number }>(keeper, sql`select id from shop where slug = ${slug}`))!.id))
  expect(await canonicalDump(keeper, two)).toBe(await canonicalDump(keeper, one))
  if (migration === between) await run(connection, sql`delete from _prisma_migrations where migration_name = ${between.name}`)
})

test('a worker older than its database takes no job, says so, and leaves everything as it is', async () => {
  const shop = newShop()
  const loadId = await shop.deliver(shop.write(files))
  const { jobId } = await enqueue(runner.db, { ...cli, loadId })
  const refusal = `newer version (migration ${later.name}) than this Onramp knows`
  await expect(work(runner, 1, new AbortController().signal, () => undefined)).rejects.toThrow(refusal)
  const env = { DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir }
  expect(await runOnramp(['worker'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining(refusal) })
  expect(await row(connection, sql`select status, token from job where id = ${jobId}`)).toEqual({ status: 'queued', token: 0 })

  // While a migration is under way a worker waits, and goes on afterwards.
  await run(connection, sql`delete from _prisma_migrations where migration_name = ${later.name}`)
  await run(connection, sql`update _prisma_migrations set finished_at = null order by migration_name desc limit 1`)
  const stop = new AbortController()
  const claimed: number[] = []
  const working = work(runner, 1, stop.signal, (job) => claimed.push(job.id))
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(claimed).toEqual([])
  await run(connection, sql`update _prisma_migrations set finished_at = now(3)`)
  await expect.poll(() => claimed, { timeout: 10_000 }).toEqual([jobId])
  stop.abort()
  await working
})

/** Tables, columns and indexes, as the server describes them. */
async function described(at: string) {
  const there = await connect(at)
  try {
    const schema = new URL(at).pathname.slice(1)
    return [
      await rows(there, sql`select table_name as t, column_name as c, column_type as type, is_nullable as n, column_default as d, collation_name as co from information_schema.columns where table_schema = ${schema} order by 1, 2`),
      await rows(there, sql`select table_name as t, index_name as i, seq_in_index as s, column_name as c, non_unique as n from information_schema.statistics where table_schema = ${schema} order by 1, 2, 3`),
    ]
  } finally {
    await there.end()
  }
}

const all = knownMigrations()
const FIRST_RELEASE = '20261120000600_rejected_records'

test('from the first released schema the way leads to the newest one, and what was in the audit trail is chained', async () => {
  const [fresh, old] = [unmadeDatabase('fresh'), unmadeDatabase('old')]
  await migrate(fresh)
  await migrate(old, all.filter(({ name }) => name <= FIRST_RELEASE))
  const there = await connect(old)
  await there.query("insert into `user` (email, name, role, passwordHash) values ('a@example.com', 'A', 'admin', 'x')")
  for (const id of [1, 4, 5, 9]) await there.query("insert into audit_event (id, userId, actor, action, objectType, objectId, detail) values (?, 1, 'a@example.com', 'login', 'user', '1', '{\"b\": 1, \"a\": 2}')", [id])
  await there.query("insert into audit_event (actor, action, objectType, objectId) values ('cli', 'load_sent', 'load', '7')")
  await there.end()
  expect((await prepareDatabase(old)).length).toBe(all.filter(({ name }) => name > FIRST_RELEASE).length)
  expect(await described(old)).toEqual(await described(fresh))
  expect(await verifyAudit(old, dataDir)).toMatchObject({ ok: true, events: 5 })
})
