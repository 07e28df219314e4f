import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { MANIFEST_NAME, entityNames } from '#lib/contract/index.ts'
import { LOAD_ID, fuzzedDelivery } from '#lib/fuzz/packages.ts'
import { SEED } from '#lib/fuzz/seed.ts'
import { times, timesMs } from '#lib/fuzz/times.ts'
import { buildReport } from '#lib/ingest/report.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { claim } from '#lib/jobs/queue.ts'
import { runJob } from '#lib/jobs/run-job.ts'
import { accountedFor } from '#lib/jobs/testing-accounts.ts'
import { killStarted, sideBySide } from '#lib/jobs/testing-disturbed.ts'
import { testInstallation } from '#lib/jobs/testing.ts'
import { random } from '#lib/sample/random.ts'
import { Rep, testPortal, type Delivery } from './testing-rep.ts'

const installation = await testInstallation()
const { runner, connection } = installation
const portal = await testPortal(installation)
beforeAll(async () => void await portal.start())
afterAll(killStarted)

const PACKAGES = times(20)
const AT_ONCE = 4

/** An answer that says no in words, and not that something broke. */
async function expectRefusal(answer: Response): Promise<void> {
  const text = await answer.text()
  expect(answer.status, text).toBeGreaterThanOrEqual(400)
  expect(answer.status, text).toBeLessThan(500)
  expect(JSON.parse(text)).toMatchObject({ error: { code: expect.stringMatching(/^[a-z_]+$/) as string, message: expect.stringMatching(/[.…]$/) as string } })
}

type Fate = 'not opened' | 'not complete' | 'refused' | 'loaded'

/** Sends a broken package as our page sends packages, and runs what comes of it. */
async function send(i: number): Promise<Fate> {
  const dice = random(SEED, 'sent', i)
  const { files } = fuzzedDelivery(dice, { brokenManifests: 0.4, missingFiles: 0.25 })
  const shop = installation.newShop()
  const { insertId: partnerId } = await run(runner.db, sql`insert into partner (slug, name) values (${shop.partner}, 'Partner')`)
  const { insertId: shopId } = await run(runner.db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partnerId}, ${shop.shop}, 'Shop', 'America/New_York')`)
  // Nobody opens so many loads a minute.
  const { token } = await signedIn(connection, 'support')
  const sent = [...files].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => Number(a.name === MANIFEST_NAME) - Number(b.name === MANIFEST_NAME))
  const rep = new Rep(portal, token, { shopId, loadId: LOAD_ID }, sent)
  const nothing = async () => expect(Object.values(await shop.counts())).toEqual(entityNames.map(() => 0))

  const opened = await rep.askToOpen()
  if (!opened.ok) {
    await expectRefusal(opened)
    expect(await rows(runner.db, sql`select 1 from \`load\` where shopId = ${shopId}`)).toEqual([])
    return 'not opened'
  }
  const delivery = (await opened.json()) as Delivery
  for (const { name } of sent) {
    const answer = await rep.offer(delivery, name)
    if (!answer.ok) await expectRefusal(answer)
  }
  const job = await row<{ id: number }>(runner.db, sql`select id from job where shopId = ${shopId}`)
  if (!job) {
    // A file that is listed, or the list, is not there.
    expect(sent.length).toBeLessThan(8)
    await nothing()
    return 'not complete'
  }
  const attemptId = await runJob(runner, (await claim(runner.db, 'test', 20, job.id))!)
  const report = await buildReport(runner.db, attemptId!, { allExceptions: true })
  await accountedFor(installation, shop, { report, loadId: Number(delivery.id) })
  return report.failure ? 'refused' : 'loaded'
}

test(`${PACKAGES} broken packages that are sent through the portal are refused in words or loaded whole (SEED=${SEED})`, { timeout: timesMs(120_000) }, async () => {
  const fates: Fate[] = []
  await sideBySide(Array.from({ length: PACKAGES }), AT_ONCE, async (_, i) => {
    fates.push(await send(i).catch((error: unknown) => { throw new Error(`SEED=${SEED} package ${i}`, { cause: error }) }))
  })
  expect(fates).toContain('loaded')
  expect(fates.filter((fate) => fate !== 'loaded').length).toBeGreaterThan(PACKAGES / 4)
})
