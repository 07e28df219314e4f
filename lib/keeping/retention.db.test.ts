import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { ident, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { enqueue } from '#lib/jobs/queue.ts'
import { canonicalDump } from '#lib/jobs/canon.ts'
import { testInstallation, type PackageFiles } from '#lib/jobs/testing.ts'
import { random } from '#lib/sample/random.ts'
import { runOnramp } from '#workers/run-onramp.ts'
import { keepHouse } from './housekeeping.ts'
import { isPurgeDue, purge, type Keeping } from './retention.ts'

// Clocks here go forward on 8 March and back on 1 November 2026.
process.env.TZ = 'America/New_York'

const { newShop, runner, connection, url, dataDir, stagingTables } = await testInstallation('keeping')
const keeping: Keeping = { ...runner, uploads: path.join(dataDir, 'uploads') }
const env = { DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir }
// With everything that has a table of its own beside the staged rows: a key sent twice, and a value that is not its text.
const files: PackageFiles = {
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '5.00' }],
  inventory_part: [{ externalPartId: 'P1', partNumber: 'a', unitCost: '$5' }, { externalPartId: 'P1', partNumber: 'b' }],
}
const DAY_MS = 86_400_000

/** A load that arrived and was staged at `at`. */
async function loadedAt(at: string) {
  const shop = newShop()
  const { loadId, folder } = await shop.load(files)
  // Once more: what a load no longer holds is listed beside the rows, of entities that the shop has.
  await shop.loadFolder(folder)
  await run(connection, sql`update staged_file set stagedAt = ${new Date(at)} where loadId = ${loadId}`)
  await run(connection, sql`update load_file set receivedAt = ${new Date(at)} where loadId = ${loadId}`)
  return { shop, loadId, folder }
}
const kept = async (loadId: number) => ({ tables: (await stagingTables(loadId)).length, files: (await runner.store.list(`loads/${loadId}`)).length })
const noted = async (loadId: number) => ({
  staged: (await rows(connection, sql`select 1 from staged_file where loadId = ${loadId} and purgedAt is not null`)).length,
  files: (await rows(connection, sql`select 1 from load_file where loadId = ${loadId} and purgedAt is not null and storeKey is null`)).length,
  events: (await rows(connection, sql`select 1 from audit_event where action = 'load_purged' and objectId = ${String(loadId)}`)).length,
})
// Of each file its rows and their work, of parts also exceptions, repetitions and values, and three lists of what stopped coming.
const WHOLE = { tables: 20, files: 8 }
const GONE = { tables: 0, files: 0 }

const seed = seedOfRun()
const moments: [string, string][] = [['in winter', '2026-01-01T05:00:00Z'], ['when clocks go forward', '2026-02-01T07:30:00Z'], ['when clocks go back', '2026-10-01T05:30:00.250Z']]
const more = Array.from({ length: times(moments.length) - moments.length }, (_, i) => ['at any moment', new Date(Date.UTC(2026, 0, 1) + random(seed, 'moment', i).int(0, 365 * DAY_MS)).toISOString()] as const)

test.each([...moments, ...more])('%s a load is due at 90 days and not a second before', async (_, at) => {
  const arrived = new Date(at).getTime()
  const { loadId } = await loadedAt(at)
  const due = (ms: number) => purge(keeping, { now: new Date(ms), dryRun: true })
  expect(await due(arrived + 90 * DAY_MS - 1000)).toMatchObject({ loads: 0, stagedFiles: 0, rawFiles: 0 })
  expect(await due(arrived + 90 * DAY_MS)).toMatchObject({ loads: 1, stagedFiles: 7, rawFiles: 8 })
  expect(await kept(loadId)).toEqual(WHOLE)
  await run(connection, sql`update staged_file set stagedAt = now(3) where loadId = ${loadId}`)
  await run(connection, sql`update load_file set receivedAt = now(3) where loadId = ${loadId}`)
})

test('what is due goes, with a note and an event for each load; other loads, and what loads have made, stay', async () => {
  const [old, young] = [await loadedAt('2026-01-01T00:00:00Z'), await loadedAt('2026-01-01T00:00:01Z')]
  const canon = await canonicalDump(connection)
  const purged = await purge(keeping, { now: new Date('2026-04-01T00:00:00Z') })
  expect(purged).toMatchObject({ loads: 1, stagedFiles: 7, rawFiles: 8 })
  expect([await kept(old.loadId), await kept(young.loadId)]).toEqual([GONE, WHOLE])
  expect(await noted(old.loadId)).toEqual({ staged: 7, files: 8, events: 1 })
  expect(await noted(young.loadId)).toEqual({ staged: 0, files: 0, events: 0 })
  expect(await canonicalDump(connection)).toBe(canon)
  expect(await row(connection, sql`select loads, stagedFiles, rawFiles, finishedAt is not null as ended from retention_run order by id desc limit 1`)).toEqual({ loads: 1, stagedFiles: 7, rawFiles: 8, ended: 1 })
  expect(await purge(keeping, { now: new Date('2026-04-01T00:00:00Z') })).toMatchObject({ loads: 0, stagedFiles: 0, rawFiles: 0 })

  // What is gone cannot be run again, until the same files are sent once more.
  const name = `${old.shop.partner}/${old.shop.shop}/${path.basename(old.folder)}`
  expect(await runOnramp(['rerun', name], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('no longer kept') })
  const { report } = await old.shop.loadFolder(old.folder)
  expect(report.entities.invoice).toMatchObject({ inserted: 0, updated: 0, unchanged: 1 })
  expect(await kept(old.loadId)).toEqual(WHOLE)
})

test.each(Array.from({ length: times(1) }, () => ['table', 'file']).flat())('a purge that is killed after the first %s is gone is ended by the next one, and noted once', async (what) => {
  await purge(keeping, { now: new Date('2026-04-02T00:00:00Z') })
  const [old, other] = [await loadedAt('2026-01-01T00:00:00Z'), await loadedAt('2026-03-01T00:00:00Z')]
  const killed = await runOnramp(['retention', '--now', '2026-04-02T00:00:00Z'], { ...env, ONRAMP_FAILPOINT: `R1:${what}=kill` })
  expect(killed.code).toBeNull()
  const between = await kept(old.loadId)
  expect(between.tables + between.files).toBeLessThan(WHOLE.tables + WHOLE.files)
  expect(between.tables + between.files).toBeGreaterThan(0)
  expect(await noted(old.loadId)).toEqual({ staged: 0, files: 0, events: 0 })
  const resumed = await runOnramp(['retention', '--now', '2026-04-02T00:00:00Z', '--json'], env)
  expect(JSON.parse(resumed.stdout), resumed.stderr).toMatchObject({ loads: expect.any(Number) })
  expect(await kept(old.loadId)).toEqual(GONE)
  expect(await noted(old.loadId)).toEqual({ staged: 7, files: 8, events: 1 })
  expect(await kept(other.loadId)).toEqual(WHOLE)
})

test('a load that waits or runs keeps what it needs, however old', async () => {
  await purge(keeping)
  const { loadId } = await loadedAt('2026-01-01T00:00:00Z')
  const { jobId } = await enqueue(runner.db, { loadId, dryRun: false, userId: null, via: 'cli' })
  expect(await purge(keeping)).toMatchObject({ loads: 0 })
  expect(await kept(loadId)).toEqual(WHOLE)
  await run(connection, sql`update job set status = 'done' where id = ${jobId}`)
  expect(await purge(keeping)).toMatchObject({ loads: 1 })
  expect(await kept(loadId)).toEqual(GONE)
})

test('tables that no attempt speaks of are dropped, unless their load waits or runs, or belongs to somebody else', async () => {
  const { loadId } = await newShop().load(files)
  const make = async (table: string) => run(connection, sql`create table ${ident(runner.stagingSchema, table)} (a int)`)
  for (const table of [`l${loadId}_9_customer`, `l${loadId}_9_customer_values`, 'l999999_1_customer', 'something_else']) await make(table)
  const { jobId } = await enqueue(runner.db, { loadId, dryRun: false, userId: null, via: 'cli' })
  expect(await purge(keeping)).toMatchObject({ leftovers: 0 })
  expect(await stagingTables(loadId)).toHaveLength(19)
  await run(connection, sql`update job set status = 'done' where id = ${jobId}`)
  expect(await purge(keeping)).toMatchObject({ leftovers: 1 })
  expect(await stagingTables(loadId)).toHaveLength(17)
  expect(await stagingTables(999999)).toEqual(['l999999_1_customer'])
})

test('what dead processes left behind goes, what is still written stays', async () => {
  const { loadId } = await newShop().load(files)
  const unfinished = path.join(dataDir, 'store/.unfinished')
  const spools = [mkdtempSync(path.join(tmpdir(), 'onramp-')), mkdtempSync(path.join(tmpdir(), 'onramp-'))]
  const [old, young] = [new Date(Date.now() - 8 * DAY_MS), new Date(Date.now() - 3_600_000)]
  const put = (file: string, at: Date) => {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, 'x')
    utimesSync(file, at, at)
    return file
  }
  const gone = [path.join(unfinished, 'a'), path.join(keeping.uploads, 'aa'), path.join(keeping.uploads, 'aa.json'), path.join(dataDir, `store/loads/${loadId}/7/customers.csv`), path.join(spools[0]!, 'spool')].map((file) => put(file, old))
  const stays = [path.join(unfinished, 'b'), path.join(keeping.uploads, 'bb'), path.join(keeping.uploads, 'bb.json'), path.join(dataDir, `store/loads/${loadId}/8/customers.csv`), path.join(spools[1]!, 'spool')].map((file) => put(file, young))
  for (const { key } of await runner.store.list(`loads/${loadId}/1`)) utimesSync(path.join(dataDir, 'store', key), old, old)

  expect((await purge(keeping))!.leftovers).toBeGreaterThanOrEqual(4)
  expect(gone.filter((file) => existsSync(file))).toEqual([])
  expect(stays.filter((file) => !existsSync(file))).toEqual([])
  expect(existsSync(spools[0]!)).toBe(false)
  expect(readdirSync(path.join(dataDir, `store/loads/${loadId}/1`))).toHaveLength(8)
  rmSync(spools[1]!, { recursive: true })
})

test('one purges at a time, and workers do so once an hour by themselves', async () => {
  const other = await connect(url)
  await other.query('select get_lock(?, 0)', [`onramp ${new URL(url).pathname.slice(1, 33)} purge`])
  expect(await purge(keeping)).toBeNull()
  await other.end()
  expect(await isPurgeDue(connection)).toBe(false)

  await run(connection, sql`update retention_run set finishedAt = finishedAt - interval 61 minute`)
  expect(await isPurgeDue(connection)).toBe(true)
  const { loadId } = await loadedAt('2026-01-01T00:00:00Z')
  const stop = new AbortController()
  const told: unknown[] = []
  const anchors = path.join(dataDir, 'audit-anchors')
  const houses = Array.from({ length: 3 }, () => keepHouse({ ...keeping, anchors }, stop.signal, { onPurged: (purged) => told.push(purged), onError: (error) => told.push(error) }))
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await expect.poll(() => kept(loadId)).toEqual(GONE)
  stop.abort()
  await Promise.all(houses)
  expect(readdirSync(anchors).length).toBeGreaterThan(0)
  expect(told.filter((purged) => (purged as { loads?: number }).loads !== 0)).toEqual([expect.objectContaining({ loads: 1, stagedFiles: 7, rawFiles: 8 })])
})
