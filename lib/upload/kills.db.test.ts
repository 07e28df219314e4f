import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { entities } from '#lib/contract/index.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { failpoints, type Failpoint } from '#lib/ingest/failpoint.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import { claim } from '#lib/jobs/queue.ts'
import { runJob } from '#lib/jobs/run-job.ts'
import { disturbance, killStarted, some } from '#lib/jobs/testing-disturbed.ts'
import { testInstallation } from '#lib/jobs/testing.ts'
import { random } from '#lib/sample/random.ts'
import { rawFileKey } from '#lib/store/index.ts'
import { Rep, filesIn, testPortal } from './testing-rep.ts'

const installation = await testInstallation()
const { runner, dataDir, connection } = installation
const d = await disturbance(installation)
const { token } = await signedIn(connection, 'support')
const dice = random(seedOfRun(), 'uploads')
const portal = await testPortal(installation)
afterAll(killStarted)

/** Kills the portal while the first file comes in: what had come is kept. */
async function killWhileBytesCome(rep: Rep): Promise<void> {
  const running = await portal.start()
  const { name, bytes } = rep.files[0]!
  const half = Math.floor(bytes.length / 2)
  const arrived = path.join(dataDir, 'uploads', path.basename(await rep.begin(await rep.open(), name)))
  const sending = rep.sendAndWait(name, half)
  while (statSync(arrived).size < half) await sleep(5)
  running.signal('SIGKILL')
  await Promise.all([running.ended, sending])
  const next = await portal.start()
  expect(await rep.offset(name)).toBe(half)
  next.signal('SIGKILL')
  await next.ended
}

const points = (Object.keys(failpoints) as Failpoint[]).filter((point) => point.startsWith('U'))
const files = some(entities.map((e) => e.file), times(1), dice)

test.each(files)(`an upload whose portal is killed at ${points.join(', ')} (%s) goes on each time where it stopped, and its load is the undisturbed one`, async (file) => {
  const shop = await d.prepare()
  const rep = new Rep(portal, token, { shopId: shop.shopId, loadId: 'second' }, filesIn(shop.folder))
  for (const place of points.map((point) => (point === 'U3' ? `U3:${file}` : point))) {
    if (place === 'U2') await killWhileBytesCome(rep)
    const running = await portal.start(place)
    await expect(rep.send(), place).rejects.toThrow(/fetch failed|terminated|other side/)
    expect(await running.ended, `${place}: ${running.stderr}`).toEqual({ code: null, signal: 'SIGKILL' })
  }
  const last = await portal.start()
  const id = await rep.send()
  last.signal('SIGKILL')

  for (const { name, bytes } of rep.files) expect(readFileSync(path.join(dataDir, 'store', rawFileKey(id, 1, name))).equals(bytes), name).toBe(true)
  expect(readdirSync(path.join(dataDir, 'store', 'loads', id, '1'))).toHaveLength(rep.files.length)
  const jobs = await rows<{ id: number; status: string }>(runner.db, sql`select id, status from job where loadId = ${id}`)
  expect(jobs.map(({ status }) => status)).toEqual(['queued'])
  expect(await d.state(shop)).toBe('before')
  await runJob(runner, (await claim(runner.db, runner.worker, 20, jobs[0]!.id))!)
  expect(await d.canon(shop)).toBe(d.undisturbed(shop))
})
