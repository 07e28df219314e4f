import { createHash } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { verifyAudit } from '#lib/audit/verify.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { migrate } from '#lib/db/migrate.ts'
import { knownMigrations, MIGRATING_LOCK, type Migration } from '#lib/db/schema-version.ts'
import { unmadeDatabase } from '#lib/db/testing.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { runOnramp } from '#workers/run-onramp.ts'
import { enqueue } from './queue.ts'
import { runHere } from './run-here.ts'
import { runJob } from './run-job.ts'
import { canonicalDump } from './canon.ts'
import { testInstallation, type PackageFiles } from './testing.ts'
import { nextJob, work } from './worker.ts'

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

/** Has a load stand still while it fills the table; gives what comes of it. */
async function heldWhile(held: string, shop: ReturnType<typeof newShop>) {
  await keeper.query(`create trigger gate before insert on ${held} for each row set @held = get_lock(?, 60)`, [GATE])
  await keeper.query('select get_lock(?, 10)', [GATE])
  const loadId = await shop.deliver(shop.write(files))
  const load = runHere(runner, loadId, cli)
  await expect.poll(async () => (await rows(connection, sql`select 1 from step join attempt on attempt.id = step.attemptId where loadId = ${loadId} and name = 'write' and entity = ${held}`)).length, { timeout: 30_000, interval: 10 }).toBe(1)
  return {
    async goOn() {
      await keeper.query('select release_lock(?)', [GATE])
      const attemptId = await load
      expect(await row(connection, sql`select status from attempt where id = ${attemptId}`)).toEqual({ status: 'completed' })
      await keeper.query('drop trigger gate')
    },
  }
}

async function expectAlike(...shops: ReturnType<typeof newShop>[]) {
  const [one, two] = await Promise.all(shops.map(async ({ shop: slug }) => (await row<{ id: number }>(keeper, sql`select id from shop where slug = ${slug}`))!.id))
  expect(await canonicalDump(keeper, two)).toBe(await canonicalDump(keeper, one))
}

test('tables are brought forward when the loads that run have ended, and none begins before that is done', async () => {
  const [undisturbed, shop, next] = [newShop(), newShop(), newShop()]
  await undisturbed.load(files)
  const load = await heldWhile('customer', shop)
  const waiting: number[] = []
  const migrated = migrate(url, [...knownMigrations(), between], (loads) => waiting.push(loads))
  await expect.poll(() => waiting, { timeout: 10_000, interval: 20 }).toEqual([1])
  await enqueue(runner.db, { ...cli, loadId: await next.deliver(next.write(files)) })
  expect(await nextJob(runner)).toBeNull()
  await new Promise((resolve) => setTimeout(resolve, 1200))
  const isThere = async () => (await rows(connection, sql`select 1 from information_schema.columns where table_schema = database() and table_name = 'customer' and column_name = 'between'`)).length === 1
  expect(await isThere()).toBe(false)
  await load.goOn()
  expect(await migrated).toEqual([between.name])
  expect(await isThere()).toBe(true)
  await run(connection, sql`delete from _prisma_migrations where migration_name = ${between.name}`)
  await runJob(runner, (await nextJob(runner))!)
  await expectAlike(undisturbed, shop)
  await expectAlike(undisturbed, next)
})

test('who gives up waiting leaves everything as it was: loads begin again, also with a worker that does not know the migration', async () => {
  const [shop, next] = [newShop(), newShop()]
  const load = await heldWhile('customer', shop)
  const other = of('29980301000000_other', 'alter table `customer` add column `other` varchar(10) null')
  const [stop, waiting] = [new AbortController(), [] as number[]]
  const migrated = migrate(url, [...knownMigrations(), other], (loads) => waiting.push(loads), stop.signal)
  await expect.poll(() => waiting, { timeout: 10_000, interval: 20 }).toEqual([1])
  stop.abort(new Error('not today'))
  await expect(migrated).rejects.toThrow('not today')
  const { jobId } = await enqueue(runner.db, { ...cli, loadId: await next.deliver(next.write(files)) })
  const job = await nextJob(runner)
  expect(job).toMatchObject({ id: jobId })
  await load.goOn()
  await runJob(runner, job!)
  expect(await next.counts()).toMatchObject({ customer: 1 })
  expect(await rows(connection, sql`select 1 from _prisma_migrations where finished_at is null`)).toEqual([])
})

test('a job that was claimed while a migration began unseen is given back', async () => {
  const shop = newShop()
  const { jobId } = await enqueue(runner.db, { ...cli, loadId: await shop.deliver(shop.write(files)) })
  await keeper.query("create trigger announce before update on job for each row insert ignore into _prisma_migrations (id, checksum, migration_name, logs) values ('y', 'y', '0_unseen', 'announced')")
  await keeper.query(`select get_lock(${MIGRATING_LOCK}, 10)`)
  try {
    expect(await nextJob(runner)).toBeNull()
    expect(await row(connection, sql`select status, runningShopId, token from job where id = ${jobId}`)).toEqual({ status: 'queued', runningShopId: null, token: 1 })
  } finally {
    await keeper.query('drop trigger announce')
    await keeper.query(`select release_lock(${MIGRATING_LOCK})`)
    await run(connection, sql`delete from _prisma_migrations where id = 'y'`)
  }
  await runJob(runner, (await nextJob(runner))!)
  expect(await shop.counts()).toMatchObject({ customer: 1 })
})

test('a worker that fell silent is not waited for, and what was only announced is begun anew', async () => {
  const shop = newShop()
  const loadId = await shop.deliver(shop.write(files))
  const { jobId } = await enqueue(runner.db, { ...cli, loadId })
  await run(connection, sql`update job set status = 'running', runningShopId = shopId, leasedUntil = now(3) - interval 1 second where id = ${jobId}`)
  const again = of('29980201000000_again', 'alter table `customer` add column `again` varchar(10) null')
  await run(connection, sql`insert into _prisma_migrations (id, checksum, migration_name, logs) values ('x', ${again.checksum}, ${again.name}, 'announced')`)
  const waiting: number[] = []
  expect(await migrate(url, [...knownMigrations(), again], (loads) => waiting.push(loads))).toEqual([again.name])
  expect(waiting).toEqual([])
  await run(connection, sql`delete from _prisma_migrations where migration_name = ${again.name}`)
  await run(connection, sql`update job set status = 'cancelled', runningShopId = null, leasedUntil = null where id = ${jobId}`)
})

test.each([['is being filled', 'customer', between], ['has been filled', 'supplier', later]] as const)('tables are changed by hand while one of them %s: both end well, and the load is what it would have been', async (_, held, { text, name }) => {
  const [undisturbed, shop] = [newShop(), newShop()]
  await undisturbed.load(files)
  if (name === between.name) await run(connection, sql`alter table customer drop column \`between\``)
  const load = await heldWhile(held, shop)
  const owner = await connect(url)
  const changed = (async () => { for (const statement of text.split(';\n')) await owner.query(statement) })()
  // It waits for the load, which holds the tables.
  await expect.poll(async () => (await rows(keeper, sql`select 1 from information_schema.processlist where info like 'alter table%customer%'`)).length, { timeout: 10_000, interval: 20 }).toBe(1)
  await load.goOn()
  await changed
  await owner.end()
  await expectAlike(undisturbed, shop)
})

test('a worker older than its database takes no job, says so, and leaves everything as it is', async () => {
  const shop = newShop()
  const loadId = await shop.deliver(shop.write(files))
  const { jobId } = await enqueue(runner.db, { ...cli, loadId })
  await run(connection, sql`insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('later', ${later.checksum}, ${later.name}, now(3))`)
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
