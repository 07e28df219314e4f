import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MANIFEST_NAME, entities } from '#lib/contract/index.ts'
import { SEED } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { random, type Random } from '#lib/sample/random.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { claim, enqueue } from './queue.ts'
import { runJob } from './run-job.ts'
import { disturbance, some, type Prepared } from './testing-disturbed.ts'
import { testInstallation } from './testing.ts'

const installation = await testInstallation()
const { runner } = installation
const d = await disturbance(installation)

// A store that gives nothing for so long is given up here.
const SILENT_MS = 300

/** How a file is read: `nth` counts how often it was opened. */
type Reading = (whole: Readable, nth: number) => Readable
type Change = (bytes: Buffer, dice: Random) => AsyncIterable<Buffer>

async function* cutOff(bytes: Buffer, dice: Random) {
  yield bytes.subarray(0, dice.int(1, bytes.length - 1))
}

async function* brokenOff(bytes: Buffer, dice: Random) {
  yield* cutOff(bytes, dice)
  throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
}

async function* silentAfter(bytes: Buffer, dice: Random) {
  yield* cutOff(bytes, dice)
  await new Promise(() => undefined)
}

async function* neverBegun() {
  await new Promise(() => undefined)
  yield Buffer.alloc(0)
}

/** One sign is another; which, and where, the dice say. */
async function* otherBytes(bytes: Buffer, dice: Random) {
  const changed = Buffer.from(bytes)
  changed[dice.int(0, bytes.length - 1)]! ^= 1 << dice.int(0, 6)
  yield changed
}

async function* drip(whole: Readable) {
  for await (const chunk of whole) {
    for (let at = 0; at < (chunk as Buffer).length; at += 64) {
      yield (chunk as Buffer).subarray(at, at + 64)
      await sleep(2)
    }
  }
}

const streamed = (chunks: AsyncIterable<Buffer>) => Readable.from(chunks, { objectMode: false })

/** The whole file is read first, so that what comes of it does not depend on how the store cuts it. */
async function* changed(whole: Readable, change: Change, dice: Random) {
  yield* change(await buffer(whole), dice)
}

/** The store, of which one file is read otherwise. */
function storeWith(file: string, reading: Reading): ObjectStore {
  let opened = 0
  return new Proxy(runner.store, {
    get: (store, name) => {
      if (name === 'open') return (key: string, range?: { start?: number }) => (key.endsWith(`/${file}`) ? reading(store.open(key, range), ++opened) : store.open(key, range))
      const value = store[name as keyof ObjectStore]
      return value.bind(store)
    },
  })
}

/** Runs the shop's second load as a worker does whose store is this one. */
async function runWith(shop: Prepared, store: ObjectStore, silentStoreMs?: number): Promise<{ status: string; code: string | null }> {
  const { jobId } = await enqueue(runner.db, { loadId: await shop.shop.deliver(shop.folder), userId: null, via: 'cli', dryRun: false })
  const attemptId = await runJob({ ...runner, store, silentStoreMs, onError: () => undefined }, (await claim(runner.db, 'w', 20, jobId))!)
  return (await row<{ status: string; code: string | null }>(runner.db, sql`select status, json_value(failure, '$.code') as code from attempt where id = ${attemptId}`))!
}

const faults: [string, Change][] = [
  ['breaks off', brokenOff], ['ends too early', cutOff], ['has another bit than arrived', otherBytes], ['stops in the middle and gives nothing more', silentAfter], ['never begins', neverBegun],
]
// So many files each; the first is always broken. The manifest is read once: what is staged is what it said.
const FILES = times(2)
const csvs = entities.map((e) => e.file)
const readings: [string, number, string, readonly string[]][] = [['checked', 1, MANIFEST_NAME, csvs], ['staged', 2, 'line_items.csv', csvs.filter((file) => file !== 'line_items.csv')]]

test.each(readings)(`a load of which a file breaks off, ends, changes or is silent while it is %s fails with nothing written, and succeeds when the store is well (SEED=${SEED})`, async (when, nth, first, others) => {
  const succeeds = async (shop: Prepared) => {
    expect(await runWith(shop, runner.store)).toEqual({ status: 'completed_with_exceptions', code: null })
    expect(await d.state(shop)).toBe('after')
  }
  let shop = await d.prepare()
  for (const [what, change] of faults) {
    for (const [i, file] of [first, ...some(others, FILES - 1, random(SEED, what, when))].entries()) {
      const dice = random(SEED, what, when, file, i)
      const store = storeWith(file, (whole, n) => (n === nth ? streamed(changed(whole, change, dice)) : whole))
      expect(await runWith(shop, store, SILENT_MS), `${file} ${what}`).toEqual({ status: 'failed', code: 'internal_error' })
      expect(await d.state(shop), `${file} ${what}`).toBe('before')
      // What was staged once is not read again by the next attempt.
      if (nth === 1) continue
      await succeeds(shop)
      shop = await d.prepare({ isNew: true })
    }
  }
  await succeeds(shop)
})

test('a slow store only makes a load slow', async () => {
  const shop = await d.prepare()
  expect(await runWith(shop, storeWith('line_items.csv', (whole) => streamed(drip(whole))))).toEqual({ status: 'completed_with_exceptions', code: null })
  expect(await d.canon(shop)).toBe(d.undisturbed(shop))
})

test('a worker that was taken over leaves what is staged to its successor, also when its own disk is full', async () => {
  const shop = installation.newShop()
  const loadId = await shop.deliver(shop.write({ customer: [{ externalCustomerId: 'C1' }], supplier: [{ externalSupplierId: 'S1', supplierName: 'last' }] }))
  const run = async (takenOver: boolean) => {
    const { jobId } = await enqueue(runner.db, { loadId, userId: null, via: 'cli', dryRun: false })
    const job = (await claim(runner.db, 'w', 20, jobId))!
    const store = storeWith('suppliers.csv', (whole, nth) => (nth === 1 ? whole : streamed((async function* () {
      yield* whole
      if (takenOver) await runner.db.query('update job set token = token + 1, leasedUntil = now(3) - interval 1 second where id = ?', [jobId])
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    })())))
    return runJob({ ...runner, store, onError: () => undefined }, job)
  }
  expect(await run(true)).toBeNull()
  expect(await installation.stagingTables(loadId)).toContain(`l${loadId}_1_customer`)
  expect(await run(false)).not.toBeNull()
  expect(await installation.stagingTables(loadId)).not.toContain(`l${loadId}_2_supplier`)
})
