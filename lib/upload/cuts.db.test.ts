import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { MANIFEST_NAME, entities } from '#lib/contract/index.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { killStarted, sideBySide } from '#lib/jobs/testing-disturbed.ts'
import { sha256Of, testInstallation } from '#lib/jobs/testing.ts'
import { random, type Random } from '#lib/sample/random.ts'
import { rawFileKey } from '#lib/store/index.ts'
import { Rep, testPortal, type Delivery, type File } from './testing-rep.ts'

const installation = await testInstallation()
const { runner, dataDir, connection } = installation
const { token } = await signedIn(connection, 'support')
const portal = await testPortal(installation)
const seed = seedOfRun()
beforeAll(async () => void await portal.start())
afterAll(killStarted)

const CUTS = 20
const SIZES = [2, 20, 700, 5_000, 65_536, 300_000, 1_200_000]

/** Seven files whose every byte may differ from the next, so that one in the wrong place is seen, and their manifest. */
function delivery(loadId: string, dice: Random): File[] {
  const files = entities.map((e, i) => ({ name: e.file, bytes: Buffer.from(Uint8Array.from({ length: SIZES[i]! }, () => dice.int(0, 255))) }))
  const manifest = { load_id: loadId, files: files.map(({ name, bytes }) => ({ name, rows: 1, sha256: sha256Of(bytes) })) }
  return [...files, { name: MANIFEST_NAME, bytes: Buffer.from(JSON.stringify(manifest)) }]
}

/** Waits until the portal has written so many bytes of a file, or has taken it in. */
async function written(file: string, bytes: number): Promise<void> {
  await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? bytes, { timeout: 10_000, interval: 2 }).toBe(bytes)
}

/** Sends a file, with connections that break at random bytes of what is left, until it has arrived. Gives how many broke. */
async function sendCut(rep: Rep, opened: Delivery, { name, bytes }: File, dice: Random): Promise<number> {
  const file = path.join(dataDir, 'uploads', path.basename(await rep.begin(opened, name)))
  let arrived: number | undefined = 0
  let cuts = 0
  let most = 0
  for (; cuts < CUTS && arrived !== undefined && arrived < bytes.length; cuts++) {
    const left = bytes.length - arrived
    // Early in what is left, so that some is left to be cut; later also behind the last byte, before its answer.
    const sent = cuts >= CUTS / 2 && dice.chance(0.15) ? left : dice.int(0, Math.min(left - 1, Math.ceil(left / 6)))
    const what = `SEED=${seed} ${name}: ${sent} bytes from ${arrived} on`
    const end = arrived + sent
    most = Math.max(most, end)
    // Half of them break only when all that was sent is on the disk; of the others nobody knows how much will be, or when.
    const isKnown = dice.chance(0.5)
    await rep.sendAndBreak(name, arrived, sent, { reset: dice.chance(0.5), before: isKnown ? () => written(file, end) : undefined })
    const now = await rep.offset(name)
    if (most < bytes.length) {
      expect(now, what).toBeGreaterThanOrEqual(isKnown ? end : arrived)
      expect(now, what).toBeLessThanOrEqual(most)
    }
    if (isKnown && now === most && now < bytes.length) expect(await rep.sendFrom(name, dice.of([0, now - 1, now + 1, bytes.length].filter((wrong) => wrong >= 0 && wrong !== now))), what).toBe(409)
    arrived = now
  }
  // What a broken connection brings late may come between question and piece: then one asks again, as our page does.
  while (arrived !== undefined && arrived < bytes.length) {
    expect([204, 404, 409, 410]).toContain(await rep.sendFrom(name, arrived))
    arrived = await rep.offset(name)
  }
  return cuts
}

test(`files whose connections break at up to ${CUTS} random bytes each go on where they stopped, and are in the end what was sent`, async () => {
  const { insertId: partnerId } = await run(runner.db, sql`insert into partner (slug, name) values ('cuts', 'Partner')`)
  const { insertId: shopId } = await run(runner.db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partnerId}, '1', 'Shop', 'UTC')`)
  const cuts: number[] = []
  for (let round = 0; round < times(1); round++) {
    const loadId = `cuts ${round}`
    const files = delivery(loadId, random(seed, 'bytes', round))
    const rep = new Rep(portal, token, { shopId, loadId }, files)
    const opened = await rep.open()
    await sideBySide(files.slice(0, -1), 2, async (file) => void cuts.push(await sendCut(rep, opened, file, random(seed, file.name, round))))
    cuts.push(await sendCut(rep, opened, files.at(-1)!, random(seed, MANIFEST_NAME, round)))

    for (const { name, bytes } of files) expect(readFileSync(path.join(dataDir, 'store', rawFileKey(opened.id, opened.delivery, name))).equals(bytes), `SEED=${seed} ${name}`).toBe(true)
    expect((await rows<{ status: string }>(runner.db, sql`select status from job where loadId = ${opened.id}`)).map(({ status }) => status)).toEqual(['queued'])
    expect(readdirSync(path.join(dataDir, 'uploads'))).toEqual([])
  }
  expect(Math.min(...cuts)).toBeGreaterThanOrEqual(CUTS / 2)
})
