import { afterAll, describe, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { claim } from '#lib/jobs/queue.ts'
import { runJob } from '#lib/jobs/run-job.ts'
import { testInstallation, type PackageFiles } from '#lib/jobs/testing.ts'
import { database } from './database.ts'
import { loadWithAttempts } from './exceptions.ts'
import { readHome } from './home.ts'
import { cancelLoad, dryRunLoad, rerunLoad } from './load-actions.ts'
import { loadProgress } from './load-progress.ts'
import { getLedgerRow, getLoad, listLoadEvents } from './loads.ts'
import { prisma } from './prisma.ts'
import { findLoad } from './shops.ts'

const { runner, connection, newShop } = await testInstallation()
const { user: support } = await signedIn(connection, 'support')
const { user: viewer } = await signedIn(connection, 'viewer')
afterAll(() => Promise.all([database().end(), prisma().$disconnect()]))

const good: PackageFiles = { customer: [{ externalCustomerId: 'C1' }, { externalCustomerId: 'C2', defaultLaborRate: 'much' }] }
// One row fewer than the manifest says.
const refused = { customer: { bytes: 'externalCustomerId\nC1\n', rows: 7 } }
const REFUSED = 'Its files were refused, and the same files would be refused again. Send corrected files under the same load id.'

/** Runs what waits for this load, as a worker does. */
async function work(loadId: number): Promise<void> {
  const job = (await row<{ id: number }>(connection, sql`select id from job where loadId = ${loadId} and status = 'queued'`))!
  await runJob(runner, (await claim(runner.db, runner.worker, 20, job.id))!)
}

describe('a load whose package was refused', () => {
  test('is not run again, since the same files would be refused again, until other files have arrived', async () => {
    const shop = newShop()
    const { loadId, report } = await shop.load(refused, { loadId: 'L' })
    expect(report.status).toBe('failed_validation')
    const id = String(loadId)
    expect(await getLoad(support, id)).toMatchObject({ refused: true, rerun: { allowed: false, reason: REFUSED } })
    for (const ask of [rerunLoad, dryRunLoad]) await expect(ask(support, id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(REFUSED) })
    expect(await row(connection, sql`select 1 as one from job where loadId = ${loadId} and status = 'queued'`)).toBeUndefined()

    await shop.deliver(shop.write(good, { loadId: 'L' }))
    expect(await getLoad(support, id)).toMatchObject({ refused: false, rerun: { allowed: true } })
    await rerunLoad(support, id)
    await work(loadId)
    expect(await getLoad(support, id)).toMatchObject({ status: 'completed_with_exceptions', refused: false })
  })

  test('is run again when its rows came in before: then it is the machine that changed them', async () => {
    const { loadId } = await newShop().load(good)
    await run(connection, sql`insert into attempt (loadId, number, delivery, status, startedVia) values (${loadId}, 2, 1, 'failed_validation', 'cli')`)
    await run(connection, sql`update \`load\` set status = 'failed_validation', currentAttempt = 2 where id = ${loadId}`)
    expect(await getLoad(support, String(loadId))).toMatchObject({ refused: false, rerun: { allowed: true } })
  })

  test('is told from one whose folder held other things too: that can be run again, until a file of its own is gone', async () => {
    const { loadId, report } = await newShop().load(good, { others: { 'notes.txt': 'by hand' } })
    expect(report.status).toBe('completed_with_exceptions')
    const id = String(loadId)
    expect(await getLoad(support, id)).toMatchObject({ rerun: { allowed: true } })
    await rerunLoad(support, id)
    await work(loadId)
    await run(connection, sql`update load_file set storeKey = null where loadId = ${loadId} and name = 'customers.csv'`)
    expect(await getLoad(support, id)).toMatchObject({ rerun: { allowed: false, reason: expect.stringContaining('no longer kept') } })
    await expect(rerunLoad(support, id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is run again after the machine failed', async () => {
    const { loadId } = await newShop().load(refused)
    await run(connection, sql`insert into attempt (loadId, number, delivery, status, startedVia) values (${loadId}, 2, 1, 'failed', 'cli')`)
    await run(connection, sql`update \`load\` set status = 'failed', currentAttempt = 2 where id = ${loadId}`)
    expect(await getLoad(support, String(loadId))).toMatchObject({ refused: false, rerun: { allowed: true } })
  })
})

describe('a dry run', () => {
  test('is told from a load wherever one is listed, from the queue to its end, and the load can be started for real after it', async () => {
    const shop = newShop()
    const loadId = await shop.deliver(shop.write(good, { loadId: 'L' }))
    const id = String(loadId)
    await run(connection, sql`update \`load\` set status = 'cancelled' where id = ${loadId}`)
    await dryRunLoad(support, id)
    expect(await getLoad(support, id)).toMatchObject({ status: 'queued', dryRun: true })
    expect(await getLedgerRow(support, id)).toMatchObject({ status: 'queued', dryRun: true })
    expect(await loadProgress(support, id)).toMatchObject({ status: 'queued', dryRun: true })
    expect((await readHome(support)).running).toMatchObject([{ id, dryRun: true }])
    await work(loadId)

    expect(await shop.rows('customer')).toEqual([])
    const load = await getLoad(support, id)
    expect(load).toMatchObject({ status: 'draft', dryRun: true, completedAttempt: null, rerun: { allowed: true } })
    expect(load.attempts).toMatchObject([{ number: 1, dryRun: true, status: 'completed_with_exceptions', startedBy: support.name }])
    expect(await getLedgerRow(support, id)).toMatchObject({ status: 'draft', dryRun: true, records: 2, errors: 1 })
    expect(await loadProgress(support, id)).toMatchObject({ dryRun: false })
    expect((await loadWithAttempts(support, id, null)).attempt).toMatchObject({ number: 1, dryRun: true })
    expect(await findLoad(support, load.shop.id, 'L')).toEqual({ id, status: 'draft', dryRun: true })

    await rerunLoad(support, id)
    expect(await getLedgerRow(support, id)).toMatchObject({ status: 'queued', dryRun: false })
    await work(loadId)
    expect(await getLoad(support, id)).toMatchObject({ status: 'completed_with_exceptions', dryRun: false, completedAttempt: 2 })
    expect((await loadWithAttempts(support, id, null)).attempt).toMatchObject({ number: 2 })
    expect((await shop.rows('customer')).length).toBe(1)
    const asked = (await listLoadEvents(viewer, id)).filter(({ action }) => action !== 'attempt_ended')
    expect(asked).toMatchObject([{ action: 'load_rerun', detail: { first: true } }, { action: 'load_dry_run' }])
  })

  test('leaves a load that failed with the status and the numbers of the run that failed', async () => {
    const shop = newShop()
    const loadId = await shop.deliver(shop.write(good))
    const id = String(loadId)
    await run(connection, sql`insert into attempt (loadId, number, delivery, status, startedVia, records, errors, warnings) values (${loadId}, 1, 1, 'failed', 'cli', 0, 0, 0)`)
    await run(connection, sql`update \`load\` set status = 'failed', currentAttempt = 1 where id = ${loadId}`)
    await dryRunLoad(support, id)
    await work(loadId)
    expect(await getLoad(support, id)).toMatchObject({ status: 'failed', dryRun: false, currentAttempt: 2 })
    expect(await getLedgerRow(support, id)).toMatchObject({ status: 'failed', dryRun: false, records: 0, errors: 0 })
  })

  test('whose package was refused offers no real load of the same files', async () => {
    const { loadId } = await newShop().load(refused, { dryRun: true })
    expect(await getLoad(support, String(loadId))).toMatchObject({ status: 'draft', dryRun: true, refused: true, rerun: { allowed: false, reason: REFUSED } })
  })

  test('can be cancelled while it waits, and is not for viewers', async () => {
    const shop = newShop()
    const id = String(await shop.deliver(shop.write(good)))
    await expect(dryRunLoad(viewer, id)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(dryRunLoad(support, id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not all arrived') })
    await run(connection, sql`update \`load\` set status = 'cancelled' where id = ${id}`)
    await dryRunLoad(support, id)
    await expect(rerunLoad(support, id)).rejects.toMatchObject({ code: 'load_running' })
    await cancelLoad(support, id)
    expect(await getLoad(support, id)).toMatchObject({ status: 'cancelled', dryRun: false })
  })
})
