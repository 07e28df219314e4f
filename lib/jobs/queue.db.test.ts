import { describe, expect, test } from 'vitest'
import { pool } from '#lib/ingest/sql/connect.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { beginAttempt, mayWrite } from './attempts.ts'
import { cancelQueued, claim, enqueue, finish, heartbeat, holds, release, type Job } from './queue.ts'
import { runHere } from './run-here.ts'
import { testInstallation, type PackageFiles } from './testing.ts'
import { work } from './worker.ts'

const { newShop, runner } = await testInstallation('queue')
const db = runner.db
const cli = { userId: null, via: 'cli', dryRun: false } as const

/** Loads that wait, of one shop for each number. */
async function queued(loadsOfShops: readonly number[]): Promise<{ jobId: number; loadId: number; shop: number }[]> {
  const made = []
  for (const [shop, loads] of loadsOfShops.entries()) {
    const partner = await run(db, sql`insert into partner (slug, name) values (uuid(), 'p')`)
    const { insertId: shopId } = await run(db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partner.insertId}, 's', 's', 'UTC')`)
    for (let i = 0; i < loads; i++) {
      const { insertId: loadId } = await run(db, sql`insert into \`load\` (shopId, slug, status) values (${shopId}, ${`L${i}`}, 'draft')`)
      made.push({ ...(await enqueue(db, { ...cli, loadId })), loadId, shop })
    }
  }
  return made
}
const end = (job: Job) => finish(db, job)
const expire = (job: Job) => run(db, sql`update job set leasedUntil = now(3) - interval 1 second where id = ${job.id}`)
const statusOf = async (jobId: number) => (await row<{ status: string }>(db, sql`select status from job where id = ${jobId}`))!.status
const claimed = async (worker = 'w', only?: number) => (await claim(db, worker, 20, only))!

/** Claims until nobody finds anything any more. */
async function claimAll(pools: readonly ReturnType<typeof pool>[], side: number): Promise<Job[]> {
  const found: Job[] = []
  await Promise.all(pools.flatMap((own, p) => Array.from({ length: side }, async (_, i) => {
    for (let empty = 0; empty < 5;) {
      const job = await claim(own, `${p}-${i}`, 20)
      if (job) found.push(job)
      else empty++
    }
  })))
  return found
}

describe('claiming', () => {
  test('runs one load of a shop at a time, the oldest first, and several shops at once', async () => {
    const made = await queued([3, 1, 2])
    const first = await claimAll([db], 6)
    expect(first.map((job) => job.id).sort((a, b) => a - b)).toEqual([made[0]!.jobId, made[3]!.jobId, made[4]!.jobId])
    expect(await claim(db, 'w', 20)).toBeNull()
    await end(first.find((job) => job.id === made[0]!.jobId)!)
    const next = await claimed()
    expect(next.id).toBe(made[1]!.jobId)
    for (const job of [...first, next]) await end(job)
    for (const { jobId } of [made[2]!, made[5]!]) expect(await end(await claimed('w', jobId))).toBe(true)
  })

  test('for a job wanted by name those of its shop before it come first, and none of others', async () => {
    const [one, two, three, other] = await queued([3, 1])
    for (const before of [one!, two!]) {
      const job = await claimed('w', two!.jobId)
      expect(job.id).toBe(before.jobId)
      expect(await claim(db, 'w', 20, two!.jobId)).toBeNull()
      await end(job)
    }
    expect(await claim(db, 'w', 20, two!.jobId)).toBeNull()
    for (const { jobId } of [three!, other!]) await end(await claimed('w', jobId))
  })
})

describe('a lease', () => {
  test('that has run out lets another worker take over, and the first one knows', async () => {
    const { loadId } = (await queued([1]))[0]!
    const a = await claimed('a')
    const attemptA = (await beginAttempt(db, a, 'a'))!
    expect(await claim(db, 'b', 20)).toBeNull()
    expect(await heartbeat(db, a, 20)).toBe(true)
    await expire(a)
    const b = await claimed('b')
    expect(b).toMatchObject({ id: a.id, token: a.token + 1 })
    expect(await heartbeat(db, a, 20)).toBe(false)
    expect(await holds(db, a)).toBe(false)
    expect(await finish(db, a)).toBe(false)
    expect(await beginAttempt(db, a, 'a')).toBeNull()
    const attemptB = (await beginAttempt(db, b, 'b'))!
    expect(await rows(db, sql`select number, status, worker, failure is not null as failed from attempt where loadId = ${loadId} order by number`)).toEqual([
      { number: 1, status: 'failed', worker: 'a', failed: 1 }, { number: 2, status: 'running', worker: 'b', failed: 0 },
    ])
    const lost = await row<{ code: string }>(db, sql`select json_value(failure, '$.code') as code from attempt where id = ${attemptA.id}`)
    expect(lost!.code).toBe('worker_lost')
    const tx = await db.getConnection()
    expect(await mayWrite(tx, attemptA, a)).toBe(false)
    expect(await mayWrite(tx, attemptB, b)).toBe(true)
    tx.release()
    await end(b)
  })

  test('is on the clock of the database, and a heartbeat prolongs it', async () => {
    await queued([1])
    const job = await claimed()
    await run(db, sql`update job set leasedUntil = now(3) + interval 1 second where id = ${job.id}`)
    await heartbeat(db, job, 30)
    const left = await row<{ seconds: number }>(db, sql`select timestampdiff(second, now(3), leasedUntil) as seconds from job where id = ${job.id}`)
    expect(Number(left!.seconds)).toBeGreaterThan(25)
    await end(job)
  })

  test('given back lets another worker begin at once', async () => {
    await queued([1])
    const a = await claimed('a')
    await release(db, a)
    const b = await claimed('b')
    expect(b).toMatchObject({ id: a.id, token: 2 })
    await release(db, a)
    expect(await holds(db, b)).toBe(true)
    await end(b)
  })
})

describe('asking for a run', () => {
  test('of a load that waits or runs gives the same job, however many ask at once', async () => {
    const { loadId, jobId } = (await queued([1]))[0]!
    const waiting = await Promise.all(Array.from({ length: 20 }, () => enqueue(db, { ...cli, loadId })))
    expect(waiting).toEqual(Array.from({ length: 20 }, () => ({ jobId, dryRun: false, created: false })))
    const job = await claimed()
    expect(await enqueue(db, { ...cli, loadId, dryRun: true })).toEqual({ jobId, dryRun: false, created: false })
    await end(job)
    const asked = await Promise.all(Array.from({ length: 20 }, () => enqueue(db, { ...cli, loadId })))
    expect(new Set(asked.map((a) => a.jobId)).size).toBe(1)
    expect(asked.filter((a) => a.created)).toHaveLength(1)
    await end(await claimed())
  })

  test('on the command line is refused where another kind of run waits', async () => {
    const shop = newShop()
    const loadId = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }))
    for (const dryRun of [true, false]) {
      await enqueue(db, { ...cli, loadId, dryRun })
      await expect(runHere(runner, loadId, { ...cli, dryRun: !dryRun })).rejects.toMatchObject({ code: 'load_running', message: expect.stringContaining(dryRun ? 'A dry run' : 'A run') })
      await cancelQueued(db, loadId)
    }
    expect(await shop.counts()).toMatchObject({ customer: 0 })
  })

  test('with files that somebody else has followed by others is refused', async () => {
    const shop = newShop()
    const loadId = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }, { loadId: 'L' }))
    await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C2' }] }, { loadId: 'L' }))
    await expect(enqueue(db, { ...cli, loadId, delivery: 1 })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Nothing was loaded') })
    await end(await claimed('w', (await enqueue(db, { ...cli, loadId, delivery: 2 })).jobId))
  })

  test('ends first what a lost worker has left of the shop, with nobody else to do so', async () => {
    const shop = newShop()
    const left = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }, { loadId: 'left' }))
    const { jobId } = await enqueue(db, { ...cli, loadId: left })
    await expire(await claimed('killed', jobId))
    await run(db, sql`update \`load\` set status = 'running' where id = ${left}`)
    await expect(shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }, { loadId: 'left' }))).rejects.toThrow('its worker is silent')
    const { report } = await shop.load({ customer: [{ externalCustomerId: 'C2' }] })
    expect(report.status).toBe('completed')
    expect(await row(db, sql`select status from \`load\` where id = ${left}`)).toEqual({ status: 'completed' })
    expect((await shop.rows('customer')).map((c) => c.externalCustomerId).sort()).toEqual(['C1', 'C2'])
  })

  test('runs first what waits before it for the shop, and leaves what comes after', async () => {
    const shop = newShop()
    const deliver = (loadId: string) => shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1', firstName: loadId }] }, { loadId }))
    const [before, mine, after] = [await deliver('before'), await deliver('mine'), await deliver('after')]
    await enqueue(db, { ...cli, loadId: before })
    await enqueue(db, { ...cli, loadId: mine })
    const last = await enqueue(db, { ...cli, loadId: after })
    await runHere(runner, mine, cli)
    const statuses = await rows(db, sql`select slug, status from \`load\` where id in (${[before, mine, after]}) order by id`)
    expect(statuses).toEqual([{ slug: 'before', status: 'completed' }, { slug: 'mine', status: 'completed' }, { slug: 'after', status: 'queued' }])
    expect((await shop.rows('customer')).map(({ firstName }) => firstName)).toEqual(['mine'])
    await end(await claimed('w', last.jobId))
  })

  test('ends a dry run that a lost worker has left before it runs the load itself', async () => {
    const shop = newShop()
    const loadId = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }] }))
    const { jobId } = await enqueue(db, { ...cli, loadId, dryRun: true })
    await expire(await claimed('killed', jobId))
    const attempt = await row(db, sql`select number, status, dryRun from attempt where id = ${await runHere(runner, loadId, cli)}`)
    expect(attempt).toEqual({ number: 2, status: 'completed', dryRun: 0 })
    expect(await shop.counts()).toMatchObject({ customer: 1 })
  })

  test('can be taken back until somebody has begun', async () => {
    const { loadId, jobId } = (await queued([1]))[0]!
    expect(await cancelQueued(db, loadId)).toBe('cancelled')
    expect(await statusOf(jobId)).toBe('cancelled')
    expect(await claim(db, 'w', 20)).toBeNull()
    await enqueue(db, { ...cli, loadId })
    const job = await claimed()
    expect(await cancelQueued(db, loadId)).toBeNull()
    await end(job)
  })

  test('while others claim never fails', async () => {
    const made = await queued(Array.from({ length: 20 }, () => 1))
    const [found] = await Promise.all([claimAll([db], 3), ...made.map(({ loadId }) => enqueue(db, { ...cli, loadId }))])
    const rest = await claimAll([db], 1)
    expect([...found, ...rest].map((job) => job.id).sort((a, b) => a - b)).toEqual(made.map((m) => m.jobId))
    await Promise.all([...found, ...rest].map(end))
  })
})

test('a worker runs loads of one shop one after the other and those of different shops side by side', async () => {
  const shops = [newShop(), newShop(), newShop()]
  const loadIds: number[] = []
  for (const shop of shops) {
    for (let i = 0; i < 2; i++) {
      loadIds.push(await shop.deliver(shop.write({ customer: Array.from({ length: 300 }, (_, c) => ({ externalCustomerId: `C${c}`, firstName: `of ${i}` })) })))
      await enqueue(db, { ...cli, loadId: loadIds.at(-1)! })
    }
  }
  const stop = new AbortController()
  const working = work(runner, 3, stop.signal, () => undefined)
  await expect.poll(async () => (await rows(db, sql`select id from \`load\` where id in (${loadIds}) and status = 'completed'`)).length, { timeout: 50_000, interval: 100 }).toBe(6)
  stop.abort()
  await working
  const attempts = await rows<{ shopId: number; loadId: number; started: number; ended: number }>(db, sql`
    select shopId, loadId, unix_timestamp(startedAt) * 1000 as started, unix_timestamp(finishedAt) * 1000 as ended
    from attempt join \`load\` on \`load\`.id = attempt.loadId where loadId in (${loadIds}) order by startedAt`)
  expect(attempts).toHaveLength(6)
  const overlap = (a: typeof attempts[0], b: typeof attempts[0]) => Number(a.started) < Number(b.ended) && Number(b.started) < Number(a.ended)
  const pairs = attempts.flatMap((a, i) => attempts.slice(i + 1).map((b) => [a, b] as const)).filter(([a, b]) => overlap(a, b))
  expect(pairs.filter(([a, b]) => a.shopId === b.shopId)).toEqual([])
  expect(pairs.length).toBeGreaterThan(0)
  for (const shop of shops) expect((await shop.rows('customer')).map((c) => c.firstName)).toEqual(Array.from({ length: 300 }, () => 'of 1'))
})

test('loads of many new shops of one partner that are sent at once all end well', async () => {
  const shops = Array.from({ length: 12 }, (_, i) => newShop({ partner: 'p-at-once', shop: `s${i}` }))
  const loaded = await Promise.all(shops.map((shop) => shop.load({ supplier: [{ externalSupplierId: 'S1', supplierName: shop.shop }] })))
  expect(loaded.map(({ report }) => [report.attempt, report.status])).toEqual(shops.map(() => [1, 'completed']))
  for (const shop of shops) expect(await shop.rows('supplier')).toMatchObject([{ supplierName: shop.shop }])
})

describe('a dry run', () => {
  const files: PackageFiles = {
    customer: [{ externalCustomerId: 'C1' }, { externalCustomerId: 'C2', defaultLaborRate: 'x' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C2' }],
    invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: 'V1', total: '5.00' }, { externalDocumentId: 'I2', externalCustomerId: 'C2' }, { externalDocumentId: 'I3', externalCustomerId: 'C1' }],
    line_item: [
      ['L1', 'I1', 'L3'], ['L2', 'I1', 'L1'], ['L3', 'I1', ''], ['L4', 'I1', 'L5'], ['L5', 'I1', 'L4'], ['L6', 'I3', 'L1'], ['L7', 'I2', ''], ['L8', 'I1', 'L9'], ['L3', 'I1', 'L2'], ['L10', 'I1', 'L8'],
    ].map(([key, invoice, parent], i) => ({ externalDatalineId: key!, externalDocumentId: invoice!, externalParentDatalineId: parent!, lineNumber: String(i + 1), total: '1.10' })),
    supplier: [{ externalSupplierId: 'S1', supplierName: 'x', Fax: 'tab\tand "quote"\nline', emailAddress: 'tab\tin it\\' }],
  }
  test('says what a real one says, and leaves production, crosswalk and the load as they were', async () => {
    const shop = newShop()
    const dry = await shop.load(files, { loadId: 'L', dryRun: true })
    expect(dry.report).toMatchObject({ dryRun: true, status: 'completed_with_exceptions' })
    expect(await shop.counts()).toEqual({ customer: 0, vehicle: 0, invoice: 0, line_item: 0, payment: 0, inventory_part: 0, supplier: 0 })
    const left = await row<{ n: number }>(db, sql`select count(*) as n from crosswalk_customer where firstLoadId = ${dry.loadId}`)
    expect(left!.n).toBe(0)
    expect(await row(db, sql`select status, completedAttempt from \`load\` where id = ${dry.loadId}`)).toEqual({ status: 'draft', completedAttempt: null })
    const real = await shop.loadFolder(dry.folder)
    const { entities, money, exceptions, exceptionsTotal, status } = real.report
    expect(dry.report).toMatchObject({ entities, money, exceptions, exceptionsTotal, status })
    expect(await shop.counts()).toMatchObject({ customer: 1, invoice: 2, line_item: 8, supplier: 1 })
  })

  test('of other files than those that failed makes the load a draft with the numbers of that run, even if it fails', async () => {
    const shop = newShop()
    const failed = await shop.load({ customer: [{ externalCustomerId: 'C1' }] }, { loadId: 'L', without: ['suppliers.csv'] })
    const shown = () => row(db, sql`select status, records, errors, currentAttempt, completedAttempt from \`load\` where id = ${failed.loadId}`)
    expect(await shown()).toMatchObject({ status: 'failed_validation', records: 0, currentAttempt: 1 })
    await shop.load({ customer: files.customer! }, { loadId: 'L', dryRun: true })
    expect(await shown()).toEqual({ status: 'draft', records: 2, errors: 1, currentAttempt: 2, completedAttempt: null })
    await shop.load({ customer: files.customer! }, { loadId: 'L', without: ['suppliers.csv'], dryRun: true })
    expect(await shown()).toMatchObject({ status: 'draft', records: 0, currentAttempt: 3 })
    await shop.load({ customer: files.customer! }, { loadId: 'L', dryRun: true })
    expect(await shown()).toMatchObject({ status: 'draft', records: 2, currentAttempt: 4 })
    // Other files again, of which nothing has come: the numbers are those of the last real attempt.
    await shop.deliver(shop.write({ customer: files.customer! }, { loadId: 'L' }))
    await enqueue(db, { ...cli, loadId: failed.loadId })
    expect(await cancelQueued(db, failed.loadId)).toBe('cancelled')
    expect(await shown()).toMatchObject({ status: 'cancelled', records: 0 })
  })

  test('of a completed load leaves it completed, also where other bytes were refused in its name, and so does a rerun that is taken back', async () => {
    const shop = newShop()
    const { folder, loadId } = await shop.load({ customer: [{ externalCustomerId: 'C1' }] }, { loadId: 'L' })
    const shown = () => row(db, sql`select status, records, completedAttempt from \`load\` where id = ${loadId}`)
    expect((await shop.load({ customer: files.customer! }, { loadId: 'L' })).report.failure).toMatchObject({ code: 'load_id_reused' })
    await shop.loadFolder(folder, { dryRun: true })
    expect(await shown()).toEqual({ status: 'completed', records: 1, completedAttempt: 1 })
    await enqueue(db, { ...cli, loadId })
    expect(await cancelQueued(db, loadId)).toBe('completed')
    expect(await shown()).toEqual({ status: 'completed', records: 1, completedAttempt: 1 })
  })

  test('of a completed load leaves it completed', async () => {
    const shop = newShop()
    const { folder, loadId } = await shop.load(files)
    const before = await shop.rows('customer')
    expect((await shop.loadFolder(folder, { dryRun: true })).report.entities.customer).toMatchObject({ inserted: 0, unchanged: 1 })
    const changed: PackageFiles = { ...files, customer: [{ externalCustomerId: 'C1', firstName: 'new' }, { externalCustomerId: 'C3', firstName: '' }] }
    expect((await shop.load(changed, { dryRun: true })).report.entities.customer).toMatchObject({ inserted: 1, updated: 1 })
    expect(await row(db, sql`select status, completedAttempt from \`load\` where id = ${loadId}`)).toEqual({ status: 'completed_with_exceptions', completedAttempt: 1 })
    expect(await shop.rows('customer')).toEqual(before)
  })
})
