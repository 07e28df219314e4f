import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pool } from 'mysql2/promise'
import { entityNames } from '#lib/contract/index.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times, timesMs } from '#lib/fuzz/times.ts'
import type { Failpoint } from '#lib/ingest/failpoint.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { random, type Random } from '#lib/sample/random.ts'
import { claim, enqueue, type Job } from './queue.ts'
import { runJob } from './run-job.ts'
import { books, disturbance, killStarted, placesOf, sideBySide, some, type Disturbance, type Prepared, type Running } from './testing-disturbed.ts'
import { testInstallation } from './testing.ts'
import { work } from './worker.ts'

const installation = await testInstallation('concurrency')
const { runner, url, newShop } = installation
const db = runner.db
const seed = seedOfRun()
const rivals = [pool(url, 6), pool(url, 6)]

let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })
afterAll(async () => {
  killStarted()
  await Promise.all(rivals.map((one) => one.end()))
})

describe('two workers', () => {
  const WAVE = 500
  const JOBS = times(WAVE)

  test(`that race for ${JOBS} loads claim each of them once`, async () => {
    // Servers refuse recursions deeper than a thousand.
    const numbers = sql`with recursive each_one as (select 1 as n union all select n + 1 from each_one where n < ${WAVE}),
      each_time as (select 0 as t union all select t + 1 from each_time where t < ${times(1) - 1}), numbers as (select t * ${WAVE} + n as n from each_one cross join each_time)`
    const { insertId: partnerId } = await run(db, sql`insert into partner (slug, name) values ('race', 'Race')`)
    await run(db, sql`insert into shop (partnerId, slug, name, timeZone) ${numbers} select ${partnerId}, concat('s', n), 'Shop', 'UTC' from numbers`)
    await run(db, sql`insert into \`load\` (shopId, slug, status) select id, 'L', 'queued' from shop where partnerId = ${partnerId}`)
    await run(db, sql`insert into job (loadId, shopId, status, requestedVia) select \`load\`.id, shopId, 'queued', 'cli' from \`load\` join shop on shop.id = shopId where partnerId = ${partnerId}`)
    const claimed: Job[] = []
    // No lease runs out before the race is over: then its load would be claimed again.
    const leaseSeconds = 86_400
    const left = async () => (await row(db, sql`select 1 from job where status = 'queued' limit 1`)) !== undefined
    const race = async (own: Pool, name: string) => {
      for (;;) {
        const job = await claim(own, name, leaseSeconds)
        if (job) claimed.push(job)
        else if (!(await left())) return
      }
    }
    await Promise.all(rivals.flatMap((own, worker) => [0, 1, 2].map((slot) => race(own, `${worker}-${slot}`))))
    expect(claimed).toHaveLength(JOBS)
    expect(new Set(claimed.map((job) => job.id)).size).toBe(JOBS)
    expect(claimed.every((job) => job.token === 1)).toBe(true)
    await run(db, sql`update job set status = 'done', runningShopId = null where shopId in (select id from shop where partnerId = ${partnerId})`)
  })

  test('run the loads of one shop one after the other, those of different shops side by side, and mix no partners up', async () => {
    const shops = ['one', 'two'].flatMap((partner) => Array.from({ length: times(2) }, (_, i) => `s${i}`).map((shop) => newShop({ partner, shop })))
    const shopIds: number[] = []
    for (const round of [0, 1]) {
      for (const shop of shops) {
        const loadId = await shop.deliver(shop.write(books(round), { loadId: round === 0 ? 'first' : 'second' }))
        await enqueue(db, { loadId, userId: null, via: 'cli', dryRun: false })
        if (round === 0) shopIds.push((await row<{ shopId: number }>(db, sql`select shopId from \`load\` where id = ${loadId}`))!.shopId)
      }
    }
    const stop = new AbortController()
    const working = rivals.map((own, i) => work({ ...runner, db: own, worker: `rival ${i}` }, 2, stop.signal, () => undefined))
    await expect.poll(() => rows(db, sql`select id from job where shopId in (${shopIds}) and status in ('queued', 'running')`), { timeout: timesMs(60_000), interval: 50 }).toEqual([])
    stop.abort()
    await Promise.all(working)
    for (const [i, shop] of shops.entries()) {
      const prepared = { shop, shopId: shopIds[i]!, folder: '', name: '', isNew: false }
      expect(await d.canon(prepared), shop.partner).toBe(d.undisturbed(prepared))
    }
    const attempts = await rows<{ shopId: number; worker: string; started: string; ended: string }>(db, sql`
      select shopId, worker, unix_timestamp(startedAt) as started, unix_timestamp(finishedAt) as ended from attempt join \`load\` on \`load\`.id = loadId where shopId in (${shopIds})`)
    expect(attempts).toHaveLength(shops.length * 2)
    const overlap = (a: typeof attempts[0], b: typeof attempts[0]) => Number(a.started) < Number(b.ended) && Number(b.started) < Number(a.ended)
    const pairs = attempts.flatMap((a, i) => attempts.slice(i + 1).map((b) => [a, b] as const)).filter(([a, b]) => overlap(a, b))
    expect(pairs.filter(([a, b]) => a.shopId === b.shopId)).toEqual([])
    expect(pairs.length).toBeGreaterThan(0)
  })
})

test('a worker that stood still past its lease, at any place of its load, and goes on after another has ended it, writes nothing', async () => {
  const dice = random(seed, 'zombies')
  const beforeCommit: Failpoint[] = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10', 'W11', 'W12', 'W13', 'W16', 'W17', 'W18', 'W19', 'W21', 'W22']
  const points = some(beforeCommit, times(ZOMBIES), dice)
  for (let from = 0; from < points.length; from += ZOMBIES) await wakeUpLate(points.slice(from, from + ZOMBIES), dice)
})

// So many stand still at a time: each is a process.
const ZOMBIES = 4

async function wakeUpLate(points: readonly Failpoint[], dice: Random): Promise<void> {
  const still: { point: Failpoint; place: string; shop: Prepared; zombie: Running }[] = []
  await sideBySide(points, 2, async (point) => {
    const place = dice.of(placesOf(point))
    const shop = await d.prepare({ isNew: dice.chance(0.5) })
    const zombie = d.start(['load', shop.folder], { ONRAMP_FAILPOINT: `${place}=stop` })
    await zombie.stopped()
    still.push({ point, place, shop, zombie })
  })
  for (const { point, place, shop, zombie } of still) {
    const { id } = (await row<{ id: number }>(db, sql`select id from job where shopId = ${shop.shopId} and status = 'running'`))!
    let job: Job | null = null
    await expect.poll(async () => (job = await claim(db, 'b', 20, id)), { timeout: 20_000, interval: 100 }).not.toBeNull()
    expect(await runJob(runner, job!), place).not.toBeNull()
    expect(await d.canon(shop), place).toBe(d.undisturbed(shop))
    const ids = async () => JSON.stringify(await Promise.all(entityNames.map((name) => shop.shop.rows(name))))
    const before = await ids()
    zombie.signal('SIGCONT')
    expect(await zombie.ended, `${place}: ${zombie.stderr}`).toEqual({ code: 2, signal: null })
    expect(await d.canon(shop), place).toBe(d.undisturbed(shop))
    expect(await ids(), place).toBe(before)
    expect((await d.attempts(shop)).map(({ status }) => status), place).toEqual([...(point === 'W1' ? [] : ['failed']), 'completed_with_exceptions'])
  }
}

test('a clock that is ten minutes wrong, either way, takes no load from a worker that lives, and changes no result', async () => {
  const wrong = (minutes: number) => ['--import', `data:text/javascript,${encodeURIComponent(`
    const Right = Date, ms = ${minutes} * 60_000
    globalThis.Date = class extends Right { constructor(...at) { at.length ? super(...at) : super(Right.now() + ms) } static now() { return Right.now() + ms } }`)}`]
  await sideBySide(Array.from({ length: times(1) }, () => [10, -10]).flat(), 2, async (minutes) => {
    const shop = await d.prepare()
    const first = d.start(['load', shop.folder], { ONRAMP_FAILPOINT: 'W12:invoice=stop', ONRAMP_LEASE_SECONDS: '20' }, wrong(-minutes))
    await first.stopped()
    const second = d.start(['rerun', shop.name], {}, wrong(minutes))
    // It has looked at the job several times by then.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(await d.attempts(shop)).toMatchObject([{ number: 1, status: 'running' }])
    first.signal('SIGCONT')
    expect(await Promise.all([first.ended, second.ended])).toEqual([{ code: 2, signal: null }, { code: 2, signal: null }])
    expect(await d.canon(shop)).toBe(d.undisturbed(shop))
    expect(await d.attempts(shop)).toHaveLength(1)
  })
})
