import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { claim, enqueue } from './queue.ts'
import { runJob } from './run-job.ts'
import { disturbance, type Prepared } from './testing-disturbed.ts'
import { testInstallation } from './testing.ts'

const installation = await testInstallation()
const { runner } = installation
const d = await disturbance(installation)

const FILE = /\/line_items\.csv$/
type Reading = (whole: Readable, nth: number) => Readable

async function* cutOff(whole: Readable, error?: Error) {
  for await (const chunk of whole) {
    yield (chunk as Buffer).subarray(0, (chunk as Buffer).length / 2)
    if (error) throw error
    return
  }
}

async function* otherBytes(whole: Readable) {
  for await (const chunk of whole) yield Buffer.from((chunk as Buffer).toString().replace('part', 'odd!'))
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
const unreadable = () => Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })

/** The store, of which one file is read otherwise; `nth` counts how often it was opened. */
function storeWith(reading: Reading): ObjectStore {
  let opened = 0
  return new Proxy(runner.store, {
    get: (store, name) => {
      if (name === 'open') return (key: string, range?: { start?: number }) => (FILE.test(key) ? reading(store.open(key, range), ++opened) : store.open(key, range))
      const value = store[name as keyof ObjectStore]
      return value.bind(store)
    },
  })
}

/** Runs the shop's second load as a worker does whose store is this one. */
async function runWith(shop: Prepared, store: ObjectStore): Promise<{ status: string; code: string | null }> {
  const { jobId } = await enqueue(runner.db, { loadId: await shop.shop.deliver(shop.folder), userId: null, via: 'cli', dryRun: false })
  const attemptId = await runJob({ ...runner, store, onError: () => undefined }, (await claim(runner.db, 'w', 20, jobId))!)
  return (await row<{ status: string; code: string | null }>(runner.db, sql`select status, json_value(failure, '$.code') as code from attempt where id = ${attemptId}`))!
}

const onSecond = (change: (whole: Readable) => Readable): Reading => (whole, nth) => (nth === 2 ? change(whole) : whole)

test.each<[string, Reading, string, string]>([
  ['breaks off while a file is checked', (whole) => streamed(cutOff(whole, unreadable())), 'failed', 'internal_error'],
  ['ends a file too early while it is checked', (whole) => streamed(cutOff(whole)), 'failed', 'internal_error'],
  ['gives other bytes than arrived', (whole) => streamed(otherBytes(whole)), 'failed', 'internal_error'],
  ['breaks off while a file is staged', onSecond((whole) => streamed(cutOff(whole, unreadable()))), 'failed', 'internal_error'],
  ['ends a file too early while it is staged', onSecond((whole) => streamed(cutOff(whole))), 'failed', 'internal_error'],
  ['gives other bytes between check and staging', onSecond((whole) => streamed(otherBytes(whole))), 'failed', 'internal_error'],
])('a store that %s writes nothing, and the load succeeds when the store is well', async (_, reading, status, code) => {
  const shop = await d.prepare()
  expect(await runWith(shop, storeWith(reading))).toEqual({ status, code })
  expect(await d.state(shop)).toBe('before')
  expect(await runWith(shop, runner.store)).toEqual({ status: 'completed_with_exceptions', code: null })
  expect(await d.state(shop)).toBe('after')
})

test('a slow store only makes a load slow', async () => {
  const shop = await d.prepare()
  expect(await runWith(shop, storeWith((whole) => streamed(drip(whole))))).toEqual({ status: 'completed_with_exceptions', code: null })
  expect(await d.canon(shop)).toBe(d.undisturbed(shop))
})
