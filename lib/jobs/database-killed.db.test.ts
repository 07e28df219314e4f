import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownServer } from '#lib/db/testing-own-server.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import { random } from '#lib/sample/random.ts'
import { enqueue } from './queue.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { disturbance, killStarted, placesOf, type Disturbance, type Prepared, type Running, type State } from './testing-disturbed.ts'
import { installationOn } from './testing.ts'

const server = await ownServer()
const connection = await connect(server.url)
// It has lost its server by then.
afterAll(() => connection.end().catch(() => undefined))
const installation = installationOn(server.url, connection)
const db = installation.runner.db
const seed = seedOfRun()

let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })
afterAll(killStarted)

type Standing = { place: string; shop: Prepared; worker: Running; seen: State[] }

/** A worker of its own that stands still at that place of the shop's second load. */
async function standingAt(place: string, isNew: boolean): Promise<Standing> {
  const shop = await d.prepare({ isNew })
  await enqueue(db, { loadId: await shop.shop.deliver(shop.folder), userId: null, via: 'cli', dryRun: false })
  const worker = d.start(['worker'], { ONRAMP_FAILPOINT: `${place}=stop`, ONRAMP_WORKER_SLOTS: '1', ONRAMP_LEASE_SECONDS: '55' })
  await worker.stopped()
  return { place, shop, worker, seen: [] }
}

/** Looks at production until every load has ended. */
async function watch(standing: readonly Standing[]): Promise<void> {
  const ids = standing.map(({ shop }) => shop.shopId)
  for (let open = true; open; await sleep(20)) {
    open = (await rows(db, sql`select 1 from job where shopId in (${ids}) and status in ('queued', 'running')`)).length > 0
    for (const { shop, seen } of standing) {
      const state = await d.state(shop)
      if (seen.at(-1) !== state) seen.push(state)
    }
  }
}

test.each([
  ['and comes back while its workers go on', ['W6', 'W12', 'W13'], 'away'],
  ['and is back before its workers go on', ['W7', 'W12', 'W14'], 'back'],
] as const)('a database killed in the middle of loads %s: they end by themselves as if nothing had been, and nobody sees anything in between', async (_, points, goOn) => {
  const dice = random(seed, goOn)
  const standing: Standing[] = []
  // Only one load at a time is about to commit: it holds the end of the audit trail.
  for (const point of points) standing.push(await standingAt(dice.of(placesOf(point)), dice.chance(0.5)))
  await server.kill()
  const onwards = () => standing.forEach(({ worker }) => worker.signal('SIGCONT'))
  if (goOn === 'away') onwards()
  await server.start()
  for (const { shop, place, seen } of standing) {
    seen.push(await d.state(shop))
    // Where the commit was sent it may have arrived.
    if (place !== 'W14') expect(seen, place).toEqual(['before'])
  }
  if (goOn === 'back') onwards()
  await watch(standing)
  for (const { shop, place, seen } of standing) {
    expect(seen.at(-1), place).toBe('after')
    expect(seen.slice(0, -1).filter((state) => state !== 'before'), place).toEqual([])
    expect(await d.canon(shop), place).toBe(d.undisturbed(shop))
    expect(await d.attempts(shop), place).toMatchObject([{ number: 1, status: 'completed_with_exceptions' }])
  }
  for (const { worker } of standing) worker.signal('SIGTERM')
  for (const { place, worker } of standing) expect(await worker.ended, place).toEqual({ code: 0, signal: null })
})
