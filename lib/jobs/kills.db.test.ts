import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times, timesMs } from '#lib/fuzz/times.ts'
import { failpoints, type Failpoint } from '#lib/ingest/failpoint.ts'
import { rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { random } from '#lib/sample/random.ts'
import { disturbance, killStarted, placesOf, sideBySide, some, type Disturbance, type Prepared, type Running, type State } from './testing-disturbed.ts'
import { testInstallation } from './testing.ts'

const installation = await testInstallation('kills')
// Workers take up whatever they find.
const elsewhere = await testInstallation('kills_lease')
const db = installation.runner.db
const seed = seedOfRun()

let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })
afterAll(killStarted)

const AT_ONCE = 2
// Of the places that come once for every entity, this many in each plain run; the seed says which.
const OF_EACH_KIND = 2
const ofWorker = (Object.keys(failpoints) as Failpoint[]).filter((point) => point.startsWith('W'))
const allowed: Partial<Record<Failpoint, readonly State[]>> = { W14: ['before', 'after'], W15: ['after'], W20: ['after'] }

const armed = (place: string, action = 'kill') => ({ ONRAMP_FAILPOINT: `${place}=${action}` })
const killed = { code: null, signal: 'SIGKILL' }
const openJobs = async ({ shopId }: Prepared) => rows<{ status: string }>(db, sql`select status from job where shopId = ${shopId} and status in ('queued', 'running')`)

/**
 * A worker that takes everything up that others left, until each of these loads has ended. Whoever looks at production meanwhile sees
 * a load's rows all or not at all, and never fewer than before.
 */
async function takeUp(shops: readonly Prepared[]): Promise<void> {
  const worker = d.start(['worker'], { ONRAMP_WORKER_SLOTS: '3' })
  const ids = shops.map((shop) => shop.shopId)
  const open = async () => rows<{ shopId: number }>(db, sql`select shopId from job where shopId in (${ids}) and status in ('queued', 'running') order by leasedUntil desc`)
  const written = new Set<Prepared>()
  const untilMs = performance.now() + timesMs(90_000)
  for (let left = await open(); left.length > 0; left = await open()) {
    expect(performance.now(), `${left.length} loads are still open`).toBeLessThan(untilMs)
    for (const { shopId } of left.slice(0, 3)) {
      const shop = shops.find((one) => one.shopId === shopId)!
      const state = await d.state(shop)
      expect(written.has(shop) ? ['after'] : ['before', 'after'], shop.name).toContain(state)
      if (state === 'after') written.add(shop)
    }
  }
  worker.signal('SIGTERM')
  expect(await worker.ended).toEqual({ code: 0, signal: null })
}

/** The load ended as if nothing had been, and every attempt but the last was lost with its worker. */
async function asUndisturbed(shop: Prepared, place: string): Promise<void> {
  expect(await d.canon(shop), place).toBe(d.undisturbed(shop))
  const attempts = await d.attempts(shop)
  expect(attempts.at(-1), place).toMatchObject({ status: 'completed_with_exceptions' })
  for (const attempt of attempts.slice(0, -1)) expect(attempt, place).toMatchObject({ status: 'failed', code: 'worker_lost' })
  expect(await openJobs(shop), place).toEqual([])
}

/** Kills a worker that has the lease of the settings themselves, and tells what comes of it while another one stands by. */
async function killedWithUsualLease() {
  const own = await disturbance(elsewhere)
  const usual = { ONRAMP_LEASE_SECONDS: '' }
  const place = random(seed, 'lease').of((['W3', 'W6', 'W12', 'W18', 'W21'] as const).flatMap(placesOf))
  const shop = await own.prepare()
  const ended = await own.start(['load', shop.folder], { ...armed(place), ...usual }).ended
  const killedMs = performance.now()
  const worker = own.start(['worker'], usual)
  while ((await own.attempts(shop)).at(-1)!.status === 'running') await sleep(100)
  const seconds = (performance.now() - killedMs) / 1000
  worker.signal('SIGTERM')
  return { place, ended, seconds, attempts: await own.attempts(shop), isAsUndisturbed: await own.canon(shop) === own.undisturbed(shop), worker: await worker.ended }
}
// Begun before the first test and judged by the last: by then a lease has run out.
let withUsualLease: ReturnType<typeof killedWithUsualLease>
beforeAll(() => {
  withUsualLease = killedWithUsualLease()
  withUsualLease.catch(() => undefined)
})

test('a worker killed at any place of a load is followed by another, with the result of an undisturbed run; production never shows anything in between', { timeout: timesMs(300_000) }, async () => {
  const dice = random(seed, 'kills')
  const places = ofWorker.flatMap((point) => some(placesOf(point), times(placesOf(point).length > 1 ? OF_EACH_KIND : 1), dice).map((place) => ({ point, place })))
  const shops: Prepared[] = []
  await sideBySide(places, AT_ONCE, async ({ point, place }, i) => {
    const shop = shops[i] = await d.prepare({ isNew: dice.chance(0.4) })
    const worker = d.start(['load', shop.folder], armed(place))
    expect(await worker.ended, `${place}: ${worker.stderr}`).toEqual(killed)
    expect(allowed[point] ?? ['before'], place).toContain(await d.state(shop))
  })
  await takeUp(shops)
  for (const [i, { place }] of places.entries()) {
    await asUndisturbed(shops[i]!, place)
    expect((await d.attempts(shops[i]!)).length, place).toBeLessThanOrEqual(2)
  }
})

test('workers killed again while they take a load up change nothing either', async () => {
  const dice = random(seed, 'kills in recovery')
  const CHAINS = times(3)
  const KILLS = 5
  // Files that are staged once are not staged again, so these are the places that every further attempt comes by.
  const again = ofWorker.filter((point) => !['W5', 'W6', 'W7', 'W9', 'W14', 'W15', 'W20'].includes(point))
  await sideBySide(Array.from({ length: CHAINS }), AT_ONCE, async () => {
    const shop = await d.prepare()
    const places = [dice.of(ofWorker.slice(0, 13)), ...Array.from({ length: KILLS - 1 }, () => dice.of(again))].map((point) => dice.of(placesOf(point)))
    for (const [i, place] of places.entries()) {
      const worker = d.start(i === 0 ? ['load', shop.folder] : ['rerun', shop.name], armed(place))
      expect(await worker.ended, `${places.join(' ')} at ${place}: ${worker.stderr}`).toEqual(killed)
      expect(await d.state(shop), places.join(' ')).toBe('before')
      await d.expire(shop)
    }
    expect(await d.start(['rerun', shop.name]).ended, places.join(' ')).toEqual({ code: 2, signal: null })
    await asUndisturbed(shop, places.join(' '))
    expect(await d.attempts(shop)).toHaveLength(KILLS + 1 - places.filter((place) => place === 'W1').length)
  })
})

describe('told to stop', () => {
  /** A worker that stands still at that place of the shop's load. */
  async function standingAt(place: string, shop: Prepared): Promise<Running> {
    const loadId = await shop.shop.deliver(shop.folder)
    await run(db, sql`insert into job (loadId, shopId, status, requestedVia) values (${loadId}, ${shop.shopId}, 'queued', 'cli')`)
    await run(db, sql`update \`load\` set status = 'queued' where id = ${loadId}`)
    const worker = d.start(['worker'], armed(place, 'stop'))
    await worker.stopped()
    return worker
  }

  test('in the middle of writing, a worker ends the load first and then itself, within ten seconds', async () => {
    for (const place of some(placesOf('W12'), times(1), random(seed, 'stop'))) {
      const shop = await d.prepare()
      const worker = await standingAt(place, shop)
      worker.signal('SIGTERM')
      const toldMs = performance.now()
      worker.signal('SIGCONT')
      expect(await worker.ended, place).toEqual({ code: 0, signal: null })
      expect(performance.now() - toldMs, place).toBeLessThan(10_000)
      await asUndisturbed(shop, `SIGTERM at ${place}`)
      expect(await d.attempts(shop)).toHaveLength(1)
    }
  })

  /** A row that the load wants to change is held, so that it cannot go on when it is told twice. */
  async function toldTwice(): Promise<void> {
    const shop = await d.prepare()
    const holder = await db.getConnection()
    await holder.beginTransaction()
    await holder.query('select 1 from supplier where shopId = ? for update', [shop.shopId])
    const worker = await standingAt('W11:supplier', shop)
    worker.signal('SIGCONT')
    worker.signal('SIGTERM')
    await sleep(300)
    const toldMs = performance.now()
    worker.signal('SIGTERM')
    expect(await worker.ended).toEqual({ code: 1, signal: null })
    expect(performance.now() - toldMs).toBeLessThan(1_000)
    await holder.rollback()
    holder.release()
    expect(await d.state(shop)).toBe('before')
    await d.expire(shop)
    await takeUp([shop])
    await asUndisturbed(shop, 'SIGTERM twice')
  }

  test('twice, a worker ends at once; nothing of its load is in production, and it is taken up', async () => {
    for (let round = 0; round < times(1); round++) await toldTwice()
  })
})

describe('a worker that dies of itself', () => {
  const ends: [string, string, string[]][] = [['an error that nobody catches', 'uncaught', []], ['a rejection that nobody hears', 'reject', []], ['a lack of memory', 'oom', ['--max-old-space-size=64']]]

  test.each(ends)('by %s leaves its load to another', async (_, action, options) => {
    for (const place of some(['W4', 'W7:invoice', 'W12:line_item', 'W17'], times(1), random(seed, action))) {
      const shop = await d.prepare()
      const worker = d.start(['load', shop.folder], armed(place, action), options)
      const { code, signal } = await worker.ended
      expect(code === 0 || code === 2, `${place}: ${code} ${signal}`).toBe(false)
      expect(await d.state(shop), place).toBe('before')
      expect(await openJobs(shop)).toEqual([{ status: 'running' }])
      await d.expire(shop)
      expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 2, signal: null })
      await asUndisturbed(shop, place)
    }
  })

  test('by every load of its own kind is not tried for ever: the load fails, says so, and can be run again', async () => {
    const shop = await d.prepare()
    expect(await d.start(['load', shop.folder], armed('W12:invoice')).ended).toEqual(killed)
    await run(db, sql`update job set token = 10 where shopId = ${shop.shopId} and status = 'running'`)
    await run(db, sql`insert into attempt (loadId, number, delivery, jobId, status, startedVia)
      select job.loadId, number + n, delivery, job.id, 'failed', startedVia from job join attempt on attempt.jobId = job.id
      join (select 1 as n union select 2 union select 3 union select 4 union select 5 union select 6 union select 7 union select 8 union select 9) more
      where job.shopId = ${shop.shopId} and job.status = 'running'`)
    await run(db, sql`update \`load\` set currentAttempt = currentAttempt + 9 where shopId = ${shop.shopId} and status = 'running'`)
    await d.expire(shop)
    expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 1, signal: null })
    expect(await d.state(shop)).toBe('before')
    expect(await d.loadStatus(shop)).toBe('failed')
    expect(await openJobs(shop)).toEqual([])
    expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 2, signal: null })
    expect(await d.state(shop)).toBe('after')
  })

  test('is tried again after any number of claims that could not begin', async () => {
    const shop = await d.prepare()
    expect(await d.start(['load', shop.folder], armed('W12:invoice')).ended).toEqual(killed)
    await run(db, sql`update job set token = 30 where shopId = ${shop.shopId} and status = 'running'`)
    await d.expire(shop)
    expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 2, signal: null })
    expect(await d.state(shop)).toBe('after')
  })

  test('an error of our own in the middle of a load ends the attempt as failed, with nothing written, and a rerun succeeds', async () => {
    for (const place of some(['W9:line_item', 'W12:line_item', 'W18:payment', 'W13', 'W22'], times(1), random(seed, 'throw'))) {
      const shop = await d.prepare()
      expect(await d.start(['load', shop.folder], armed(place, 'throw')).ended, place).toEqual({ code: 1, signal: null })
      expect(await d.state(shop), place).toBe('before')
      expect(await d.attempts(shop)).toEqual([{ number: 1, status: 'failed', code: 'internal_error' }])
      expect(await d.start(['rerun', shop.name]).ended).toEqual({ code: 2, signal: null })
      expect(await d.state(shop), place).toBe('after')
    }
  })
})

test('with the lease that the settings have by themselves, a killed worker’s load is taken up by one that stands by, and has ended, within a minute', async () => {
  const { place, seconds, ...told } = await withUsualLease
  expect(told, place).toMatchObject({
    ended: killed, attempts: [{ status: 'failed', code: 'worker_lost' }, { status: 'completed_with_exceptions' }], isAsUndisturbed: true, worker: { code: 0, signal: null },
  })
  expect(seconds).toBeLessThan(60)
  // Not before the lease had run out, which is prolonged when a third of it is over.
  expect(seconds).toBeGreaterThan(12)
})
