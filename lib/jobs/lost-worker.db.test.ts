import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { entityNames, entityOf } from '#lib/contract/index.ts'
import { FaultyLine } from '#lib/db/faulty-line.ts'
import { buildReport, type Report } from '#lib/ingest/report.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { noteFreshOrphans } from '#lib/ingest/sql/fresh.ts'
import { ident, parsed, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { tablesOf, type Ids } from '#lib/ingest/sql/tables.ts'
import { endWriter, takeWriterLock, writerOf } from '#lib/ingest/sql/writer-lock.ts'
import type { StagedFile } from '#lib/ingest/steps/stage.ts'
import { claim, enqueue, type Job } from './queue.ts'
import { runJob, type JobRunner } from './run-job.ts'
import { testInstallation, type Cells, type PackageFiles, type TestShop } from './testing.ts'
import { work } from './worker.ts'

const { newShop, runner, url, dataDir } = await testInstallation('lost_worker')
const db = runner.db
const cli = { userId: null, via: 'cli', dryRun: false } as const

// A load stands still in the middle of its transaction while somebody holds this lock: at a supplier called "gate".
const GATE = `gate ${new URL(url).pathname}`
const keeper = await connect(url)
const shut = () => keeper.query('select get_lock(?, 10)', [GATE])
const open = () => keeper.query('select release_lock(?)', [GATE])
beforeAll(() => keeper.query('create trigger gate before insert on supplier for each row if new.supplierName = ? then set @held = get_lock(?, 60); end if', ['gate', GATE]))
afterEach(open)
afterAll(async () => {
  await keeper.query('drop trigger gate')
  await keeper.end()
})

const lines: Cells[] = Array.from({ length: 4000 }, (_, i) => ({
  externalDatalineId: `L${i}`, externalDocumentId: `I${i % 50}`, externalParentDatalineId: i % 7 === 0 ? `L${(i + 50) % 4000}` : '', total: `${i}.25`, datalineType: i % 90 === 0 ? 'odd' : 'part',
}))
const files: PackageFiles = {
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }, { externalCustomerId: 'C2', firstName: 'Bob' }],
  invoice: Array.from({ length: 50 }, (_, i) => ({ externalDocumentId: `I${i}`, externalCustomerId: i % 9 === 0 ? 'C9' : 'C1', total: '10.00' })),
  line_item: lines, supplier: [{ externalSupplierId: 'S1', supplierName: 'gate' }],
}

/** What a load did, without what differs from run to run. */
async function outcome(shop: TestShop, report: Report) {
  const { entities, money, exceptions, status } = report
  const keys = new Map((await shop.rows('line_item')).map((line) => [line.id, line.externalDatalineId]))
  const production = await Promise.all(entityNames.map(async (name) => (await shop.rows(name)).map(({ id: _id, shopId: _s, importedLoadId: _l, createdAt: _c, updatedAt: _u, customerId, invoiceId, vehicleId, parentLineItemId, ...rest }) =>
    ({ ...rest, linked: [customerId, invoiceId, vehicleId].map((id) => id !== null && id !== undefined), parent: keys.get(Number(parentLineItemId)) ?? null }))))
  return { entities, money, exceptions, status, production }
}
const undisturbed = await (async () => {
  const shop = newShop()
  return outcome(shop, (await shop.load(files)).report)
})()

async function waiting(shop: TestShop): Promise<{ loadId: number; jobId: number }> {
  const loadId = await shop.deliver(shop.write(files))
  return { loadId, jobId: (await enqueue(db, { ...cli, loadId })).jobId }
}
const attemptsOf = (loadId: number) => rows<{ id: number; number: number; status: string; code: string | null }>(db, sql`select id, number, status, json_value(failure, '$.code') as code from attempt where loadId = ${loadId} order by number`)
const reached = async (loadId: number, name: string, entity: string) => (await rows(db, sql`select 1 from step join attempt on attempt.id = step.attemptId where loadId = ${loadId} and name = ${name} and entity = ${entity} and step.status <> 'queued'`)).length > 0
const until = (condition: () => Promise<boolean>) => expect.poll(condition, { timeout: 40_000, interval: 5 }).toBe(true)

/** The load ends well on the attempt of whoever takes it up. */
async function takenUp(shop: TestShop, loadId: number): Promise<void> {
  const stop = new AbortController()
  const working = work(runner, 1, stop.signal, () => undefined)
  await until(async () => (await row<{ status: string }>(db, sql`select status from \`load\` where id = ${loadId}`))!.status.startsWith('completed'))
  stop.abort()
  await working
  const attempts = await attemptsOf(loadId)
  expect(attempts.slice(0, -1).map(({ status, code }) => [status, code])).toEqual(attempts.slice(1).map(() => ['failed', 'worker_lost']))
  expect(await outcome(shop, await buildReport(db, attempts.at(-1)!.id, { allExceptions: true }))).toEqual(undisturbed)
}

test('a parent that the shop deletes while a load writes is missing, and the load ends well', async () => {
  const shop = newShop()
  const both: Cells[] = ['C1', 'C2'].map((externalCustomerId) => ({ externalCustomerId }))
  await shop.load({ customer: both, invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C2' }] })
  await keeper.query('create trigger gate_invoice before insert on crosswalk_invoice for each row set @held = get_lock(?, 60)', [GATE])
  try {
    await shut()
    const loading = shop.load({ customer: both, invoice: [{ externalDocumentId: 'I2', externalCustomerId: 'C1' }, { externalDocumentId: 'I3', externalCustomerId: 'C2' }] })
    await until(async () => (await rows(keeper, sql`select 1 from information_schema.processlist where state = 'User lock'`)).length > 0)
    const { id } = (await shop.byKey('customer')).get('C1')!
    await run(keeper, sql`delete from customer where id = ${id}`)
    await open()
    const { report } = await loading
    expect(report).toMatchObject({ attempt: 1, status: 'completed_with_exceptions', entities: { invoice: { inserted: 1, rejected: 1 } } })
    expect(report.exceptions.map(({ key, code }) => [key, code])).toEqual([['I2', 'parent_missing']])
  } finally {
    await open()
    await keeper.query('drop trigger gate_invoice')
  }
})

describe('a worker process', () => {
  const started: ChildProcess[] = []
  afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))

  function startWorker(databaseUrl = url): ChildProcess {
    const root = path.resolve(import.meta.dirname, '../..')
    const child = spawn(process.execPath, [path.join(root, 'workers/onramp.ts'), 'worker'], {
      cwd: root, stdio: 'ignore', env: { ...process.env, DATABASE_URL: databaseUrl, ONRAMP_DATA_DIR: dataDir, ONRAMP_LEASE_SECONDS: '5', ONRAMP_LOG_LEVEL: 'silent' },
    })
    started.push(child)
    return child
  }

  test.each([['while it stages', 'stage', 'line_item'], ['in the middle of its transaction', 'write', 'supplier']])('killed %s is followed by another, with the result of an undisturbed run', async (_, step, entity) => {
    const shop = newShop()
    await shut()
    const child = startWorker()
    const { loadId } = await waiting(shop)
    await until(() => reached(loadId, step, entity))
    child.kill('SIGKILL')
    await once(child, 'exit')
    // Nothing half-done is in production.
    for (const count of Object.values(await shop.counts())) expect(count).toBe(0)
    await open()
    await takenUp(shop, loadId)
    expect((await attemptsOf(loadId)).length).toBe(2)
  })

  test('told to stop in the middle of a load gives it back within ten seconds', async () => {
    const shop = newShop()
    await shut()
    const child = startWorker()
    const { loadId, jobId } = await waiting(shop)
    await until(() => reached(loadId, 'write', 'supplier'))
    const stopped = performance.now()
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit') as [number]
    expect(code).toBe(0)
    expect(performance.now() - stopped).toBeLessThan(10_000)
    expect((await row<{ status: string }>(db, sql`select status from job where id = ${jobId}`))!.status).toBe('queued')
    await open()
    await takenUp(shop, loadId)
  })

  test('started while the database is away waits for it', async () => {
    const line = await FaultyLine.to(url)
    line.down = true
    const child = startWorker(line.url)
    const { loadId } = await waiting(newShop())
    await sleep(3_000)
    expect(child.exitCode).toBeNull()
    line.down = false
    await until(async () => (await attemptsOf(loadId)).some(({ status }) => status.startsWith('completed')))
    line.down = true
    line.cut()
    // Told to stop once it has begun to wait, however long it took to start.
    const dead = await FaultyLine.to(url)
    dead.down = true
    const second = startWorker(dead.url)
    await until(async () => dead.connections > 0)
    second.kill('SIGTERM')
    expect(await once(second, 'exit')).toEqual([0, null])
    await Promise.all([line.close(), dead.close()])
  })

  test('told to stop while the database gives no answer ends within ten seconds, and its load is taken up', async () => {
    const line = await FaultyLine.to(url)
    const shop = newShop()
    await shut()
    const child = startWorker(line.url)
    const { loadId } = await waiting(shop)
    await until(() => reached(loadId, 'write', 'supplier'))
    line.fault = () => 'silent'
    // By now it asks for another load, and waits.
    await sleep(1_000)
    const stopped = performance.now()
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(performance.now() - stopped).toBeLessThan(10_000)
    await line.close()
    await open()
    await takenUp(shop, loadId)
  })
})

/** A store that lets some readings stand still before their first byte, until they may go on. */
function standing(stands: (key: string) => boolean): { store: JobRunner['store']; goOn: () => void } {
  let goOn = () => {}
  const held = new Promise<void>((resolve) => (goOn = resolve))
  const store = Object.assign(Object.create(runner.store) as JobRunner['store'], {
    open: (key: string) => (stands(key) ? Readable.from((async function* () {
      await held
      yield* runner.store.open(key)
    })()) : runner.store.open(key)),
  })
  return { store, goOn }
}

describe('a worker that was thought lost', () => {
  const expire = (jobId: number) => run(db, sql`update job set leasedUntil = now(3) - interval 1 second where id = ${jobId}`)
  // The heartbeat of a worker that stands still would prolong its lease.
  const silent: JobRunner = { ...runner, leaseSeconds: 3600 }
  const claimed = async (worker: string, jobId: number): Promise<Job> => (await claim(db, worker, 20, jobId))!

  // The first reading of the suppliers inspects them, the second one stages them.
  test.each([['inspecting', 1, 'package', ''], ['staging', 2, 'stage', 'supplier']] as const)('and comes back while %s finds itself fenced and writes nothing', async (_, reading, step, entity) => {
    const shop = newShop()
    const { loadId, jobId } = await waiting(shop)
    let opened = 0
    const { store, goOn } = standing((key) => key.endsWith('suppliers.csv') && ++opened === reading)
    const first = runJob({ ...silent, store }, await claimed('a', jobId))
    await until(() => reached(loadId, step, entity))
    // It holds its place by then.
    await until(async () => (await writerOf(db, loadId)) !== null)
    await expire(jobId)
    const attemptId = await runJob(silent, await claimed('b', jobId))
    const done = await outcome(shop, await buildReport(db, attemptId!, { allExceptions: true }))
    const before = await Promise.all(entityNames.map((name) => shop.rows(name)))
    goOn()
    expect(await first).toBeNull()
    expect(done).toEqual(undisturbed)
    expect(await Promise.all(entityNames.map((name) => shop.rows(name)))).toEqual(before)
    expect((await attemptsOf(loadId)).map(({ status, code }) => [status, code])).toEqual([['failed', 'worker_lost'], ['completed_with_exceptions', null]])
    expect(await rows(db, sql`select 1 from ledger_line join attempt on attempt.id = attemptId where loadId = ${loadId} and number = 1`)).toEqual([])
  })

  test('in the middle of its transaction is ended, and its locks with it', async () => {
    const shop = newShop()
    await shut()
    const { loadId, jobId } = await waiting(shop)
    const first = runJob(silent, await claimed('a', jobId))
    await until(() => reached(loadId, 'write', 'supplier'))
    await expire(jobId)
    const second = runJob(silent, await claimed('b', jobId))
    expect(await first).toBeNull()
    await open()
    const attemptId = await second
    expect(await outcome(shop, await buildReport(db, attemptId!, { allExceptions: true }))).toEqual(undisturbed)
    expect((await attemptsOf(loadId)).map(({ status, code }) => [status, code])).toEqual([['failed', 'worker_lost'], ['completed_with_exceptions', null]])
  })

  test('and tries again once its connection is ended leaves alone what it has staged, which the next one uses', async () => {
    const shop = newShop()
    await shut()
    const { loadId, jobId } = await waiting(shop)
    const first = runJob(silent, await claimed('a', jobId))
    await until(() => reached(loadId, 'write', 'supplier'))
    await expire(jobId)
    const next = await claimed('b', jobId)
    const noted = () => rows(db, sql`select _record, action from ${ident(runner.stagingSchema, `l${loadId}_1_line_item_work`)} order by _record`)
    const before = await noted()
    expect(before.length).toBeGreaterThan(0)
    await breakWriter(loadId)
    expect(await first).toBeNull()
    expect(await noted()).toEqual(before)
    await open()
    const attemptId = await runJob(silent, next)
    expect(await outcome(shop, await buildReport(db, attemptId!, { allExceptions: true }))).toEqual(undisturbed)
  })
})

/** Ends the connection that writes for the load. */
async function breakWriter(loadId: number): Promise<void> {
  expect(await writerOf(db, loadId)).not.toBeNull()
  await endWriter(db, loadId)
}

test('a connection that breaks in the middle of the transaction is followed by another try of the same attempt', async () => {
  const shop = newShop()
  await shut()
  const { loadId, jobId } = await waiting(shop)
  const running = runJob(runner, (await claim(db, 'a', 20, jobId))!)
  await until(() => reached(loadId, 'write', 'supplier'))
  await sleep(50)
  await breakWriter(loadId)
  await open()
  const attemptId = await running
  expect(await attemptsOf(loadId)).toMatchObject([{ id: attemptId, number: 1, status: 'completed_with_exceptions' }])
  expect(await outcome(shop, await buildReport(db, attemptId!, { allExceptions: true }))).toEqual(undisturbed)
})

test('a connection of an earlier try that the server still keeps is ended and waited for', async () => {
  const shop = newShop()
  const { loadId, jobId } = await waiting(shop)
  let opened = 0
  const { store, goOn } = standing((key) => key.endsWith('suppliers.csv') && ++opened === 2)
  const running = runJob({ ...runner, store }, (await claim(db, 'a', 20, jobId))!)
  await until(() => reached(loadId, 'stage', 'supplier'))
  const earlier = await connect(url)
  // Waits for the place of the try's own connection, and has it once that is lost.
  const taken = takeWriterLock(earlier, loadId, 20)
  await endWriter(db, loadId)
  expect(await taken).toBe(true)
  await earlier.beginTransaction()
  await run(earlier, sql`select 1 from attempt where loadId = ${loadId} for update`)
  goOn()
  const attemptId = await running
  await expect(earlier.query('select 1')).rejects.toThrow()
  expect(await attemptsOf(loadId)).toMatchObject([{ id: attemptId, number: 1, status: 'completed_with_exceptions' }])
  expect(await outcome(shop, await buildReport(db, attemptId!, { allExceptions: true }))).toEqual(undisturbed)
})

test('an attempt that was taken over notes no orphans in the tables that are the next one’s by then', async () => {
  const { loadId } = await newShop().load({ customer: [{ externalCustomerId: 'C1' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1' }] })
  const found = (await row<{ tableName: string; columns: StagedFile['columns'] | string; facts: StagedFile['facts'] | string; attemptId: number; shopId: number }>(db, sql`
    select f.tableName, f.\`columns\`, f.facts, attempt.id as attemptId, l.shopId from staged_file f
    join attempt on attempt.loadId = f.loadId join ${ident('load')} l on l.id = f.loadId where f.loadId = ${loadId} and f.entity = 'vehicle'`))!
  const staged: StagedFile = { entity: entityOf('vehicle'), table: found.tableName, records: 1, columns: parsed(found.columns), facts: parsed(found.facts), reused: true, counted: true }
  // No row of the block is in production: as the late worker sees it once its transaction was rolled back.
  const ids: Ids = { shopId: found.shopId, loadId, attemptId: found.attemptId, base: 500_000_000_000, laterLoads: [], firstOfShop: true }
  const note = async () => (await run(db, noteFreshOrphans(staged, tablesOf(runner.stagingSchema, staged), ids, { first: 1, last: 1, late: false }))).affectedRows
  expect(await note()).toBe(0)
  await run(db, sql`update attempt set status = 'running' where id = ${found.attemptId}`)
  expect(await note()).toBe(1)
})
