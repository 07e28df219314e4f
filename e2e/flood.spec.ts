import path from 'node:path'
import { embeddedUrl } from '#lib/db/embedded.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { random } from '#lib/sample/random.ts'
import { flood, judgeFlood, tellFlood } from '../workers/soak/flood.ts'
import { connectionsOf } from '../workers/soak/memory.ts'
import { Person } from '../workers/soak/person.ts'
import { Tally } from '../workers/soak/tally.ts'
import { watch } from '../workers/soak/watchers.ts'
import { expect, test } from './fixtures.ts'
import { portalPid, workerPid } from './portal-process.ts'

const UPLOADS = 200
const WATCHERS = 12

test.describe.configure({ timeout: 300_000 })

test(`${UPLOADS} uploads at once all end right while pages are looked at and watchers come and go`, async () => {
  const url = process.env.DATABASE_URL ?? embeddedUrl(path.join(process.env.ONRAMP_DATA_DIR!, 'mysql'))!
  const db = pool(url, 6)
  const complaints: string[] = []
  const tally = new Tally((line) => complaints.push(line))
  const name = `flood-${Date.now().toString(36)}`
  const person = (n: string) => Person.of(process.env.ONRAMP_E2E_URL!, db, 'support', `${name}-${n}`, tally)
  const [people, reader, watcher] = [await Promise.all(['a', 'b', 'c'].map(person)), await person('reads'), await person('watches')]
  const underWay = new Set<string>()
  const over = new AbortController()
  const watching = Array.from({ length: WATCHERS }, (_, i) => watch({ db, tally, underWay }, watcher, random(name, i), over.signal))
  const [portal, worker] = [portalPid(), workerPid()]
  const flooded = await flood({ db, tally, people, reader, processes: { portal: () => portal, worker: () => worker }, name, uploads: UPLOADS, pairs: 20, shops: 50, underWay })
  // What is left is looked at once more: the last event of each is what the database holds.
  await expect.poll(() => underWay.size, { timeout: 30_000 }).toBe(0)
  over.abort()
  await Promise.all(watching)
  console.log(tellFlood(UPLOADS, flooded))
  const connections = await connectionsOf(db)
  await db.end()

  expect(complaints).toEqual([])
  expect(tally.of('uploads of a flood')).toBe(UPLOADS)
  expect(tally.of('uploads of a flood, sent by a second person too')).toBe(20)
  expect(tally.of('loads watched to their end')).toBeGreaterThan(UPLOADS / 10)
  expect(tally.of('event streams gone on with')).toBeGreaterThan(WATCHERS)
  expect(tally.of('pages of ended loads compared with the database')).toBeGreaterThan(UPLOADS / 10)
  expect(judgeFlood(flooded)).toEqual([])
  expect(connections).toBeLessThan(40)
})
