import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { NextRequest } from 'next/server'
import { afterAll, describe, expect, test } from 'vitest'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import type { RouteHandler } from '#lib/http/route.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { dropStaging } from '#lib/ingest/steps/stage.ts'
import { claim } from '#lib/jobs/queue.ts'
import { runJob } from '#lib/jobs/run-job.ts'
import { disturbance, killStarted, sideBySide, type Prepared } from '#lib/jobs/testing-disturbed.ts'
import { sha256Of, testInstallation } from '#lib/jobs/testing.ts'
import { random } from '#lib/sample/random.ts'
import type { ArrivedFile } from '#lib/store/index.ts'

// Settings are read once.
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-races-'))
Object.assign(process.env, { ONRAMP_LOG_LEVEL: 'silent', ONRAMP_DATA_DIR: dataDir })
const installation = await testInstallation(undefined, dataDir)
const { runner, connection } = installation
const db = runner.db
const { database } = await import('#lib/data/database.ts')
const { finishUpload } = await import('#lib/data/uploads.ts')
const loads = await import('../../app/api/v1/loads/route.ts')
const attempts = await import('../../app/api/v1/loads/[id]/attempts/route.ts')
const records = await import('../../app/api/v1/staging/[loadId]/[entity]/records/route.ts')

const d = await disturbance(installation)
const seed = seedOfRun()
const rep = await signedIn(connection, 'support')
afterAll(async () => {
  killStarted()
  await database().end()
})

type Answer = { status: number; body: { id: string; delivery: number; rows?: unknown[]; error?: { code: string; details?: { id?: string } } } }

async function ask(handler: RouteHandler, { method, path: where, params = {}, body, token = rep.token }: { method: string; path: string; params?: Record<string, string>; body?: unknown; token?: string }): Promise<Answer> {
  const headers = { host: 'onramp.test', origin: 'http://onramp.test', 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', cookie: `${sessionCookie()}=${token}` }
  const request = new NextRequest(`http://onramp.test${where}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  const response = await handler(request, { params: Promise.resolve(params) })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const filesIn = ({ folder }: Prepared) => readdirSync(folder).map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }))
const announce = (shop: Prepared, changed = '') => filesIn(shop).map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256Of(Buffer.concat([bytes, Buffer.from(name === MANIFEST_NAME ? '' : changed)])) }))

/** Opens the delivery of a shop's second load; `changed` makes its files others. */
function open(shop: Prepared, changed = '', token = rep.token): Promise<Answer> {
  const manifest: unknown = JSON.parse(readFileSync(path.join(shop.folder, MANIFEST_NAME), 'utf8'))
  return ask(loads.POST, { method: 'POST', path: '/api/v1/loads', body: { shopId: String(shop.shopId), loadId: 'second', files: announce(shop, changed), manifest }, token })
}

const rerun = (loadId: number | string, token: string) =>
  ask(attempts.POST, { method: 'POST', path: `/api/v1/loads/${loadId}/attempts`, params: { id: String(loadId) }, body: { attempt: 'rerun' }, token })
const jobsOf = (loadId: number | string) => rows<{ id: number; status: string }>(db, sql`select id, status from job where loadId = ${loadId} order by id`)
const tally = (answers: readonly Answer[]) => Object.fromEntries([...new Set(answers.map(({ status }) => status))].sort().map((status) => [status, answers.filter((one) => one.status === status).length]))

// One person asks so often in a minute and no more: every round has its own.
const another = async (role: 'support' | 'engineer') => (await signedIn(connection, role)).token

describe('twenty requests at once', () => {
  const ROUNDS = times(5)
  const AT_ONCE = 20

  test('that open the same load make one, and all are told the same', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const shop = await d.prepare({ isNew: true })
      const token = await another('support')
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => open(shop, '', token)))
      expect(tally(answers)).toEqual({ 200: AT_ONCE - 1, 201: 1 })
      expect(new Set(answers.map(({ body }) => `${body.id}/${body.delivery}`)).size).toBe(1)
    }
  })

  test('that open it with two sets of bytes leave one set, and the others are told so', async () => {
    const shop = await d.prepare({ isNew: true })
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => open(shop, i % 2 ? 'other' : '')))
    expect(tally(answers)).toEqual({ 200: AT_ONCE / 2 - 1, 201: 1, 409: AT_ONCE / 2 })
  })

  test('to run a load again, as by a double click, run it again once', async () => {
    const shop = await d.prepare({ isNew: true })
    const { loadId } = await shop.shop.loadFolder(shop.folder)
    for (let round = 2; round <= 1 + times(2); round++) {
      const token = await another('engineer')
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => rerun(loadId, token)))
      expect(tally(answers)).toEqual({ 202: 1, 409: AT_ONCE - 1 })
      const jobs = await jobsOf(loadId)
      expect(jobs).toHaveLength(round)
      await runJob(runner, (await claim(db, 'w', 20, jobs.at(-1)!.id))!)
    }
    expect(await d.state(shop)).toBe('after')
  })
})

/** A file that has come in whole, as the portal hands it on. */
function arrived(bytes: Buffer): ArrivedFile {
  const file = path.join(mkdtempSync(path.join(dataDir, 'arrived-')), 'file')
  writeFileSync(file, bytes)
  return { path: file, written: null }
}

test('files that are announced as arrived one to five times each, late, in any order and at once, queue their load once', async () => {
  const dice = random(seed, 'events')
  const ROUNDS = times(8)
  for (let round = 0; round < ROUNDS; round++) {
    const shop = await d.prepare({ isNew: true })
    const { body: { id, delivery } } = await open(shop, '', await another('support'))
    const announced = announce(shop)
    const events = filesIn(shop).flatMap((file) => Array.from({ length: dice.int(1, 5) }, () => ({ ...file, at: dice.next() }))).sort((a, b) => a.at - b.at)
    const arrive = async ({ name, bytes }: { name: string; bytes: Buffer }) => {
      const { sha256 } = announced.find((file) => file.name === name)!
      await finishUpload(rep.user, { loadId: id, delivery, name, bytes: bytes.length, sha256 }, arrived(bytes))
    }
    await sideBySide(events, 4, (event) => arrive(event).catch((error: { code?: string }) => {
      // The manifest before its files: whoever brings it comes again.
      if (error.code !== 'conflict' || event.name !== MANIFEST_NAME) throw error
    }))
    const manifest = events.find(({ name }) => name === MANIFEST_NAME)!
    await arrive(manifest)
    await arrive(manifest)
    const jobs = await jobsOf(id)
    expect(jobs.map(({ status }) => status)).toEqual(['queued'])
    const sent = await rows(db, sql`select 1 from audit_event where action = 'load_sent' and objectId = ${id}`)
    expect(sent).toHaveLength(1)
    if (round > 0) continue
    await runJob(runner, (await claim(db, 'w', 20, jobs[0]!.id))!)
    expect(await d.canon(shop)).toBe(d.undisturbed(shop))
  }
})

/** Somebody has a load run again, presses once more while it runs, and loses the role meanwhile. */
async function pressedWhileRunning(): Promise<void> {
  const shop = await d.prepare()
  const person = await signedIn(connection, 'engineer')
  const loadId = await shop.shop.deliver(shop.folder)
  await run(db, sql`update \`load\` set status = 'failed' where id = ${loadId}`)
  expect((await rerun(loadId, person.token)).status).toBe(202)
  const worker = d.start(['rerun', shop.name], { ONRAMP_FAILPOINT: 'W12:invoice=stop' })
  await worker.stopped()
  const other = await another('engineer')
  const pressed = await Promise.all(Array.from({ length: 5 }, () => rerun(loadId, other)))
  expect(pressed.map(({ status, body }) => [status, body.error!.code])).toEqual(pressed.map(() => [409, 'load_running']))
  await run(db, sql`update user set role = 'viewer', sessionVersion = sessionVersion + 1 where id = ${person.user.id}`)
  expect((await rerun(loadId, person.token)).status).toBe(401)
  worker.signal('SIGCONT')
  expect(await worker.ended).toEqual({ code: 2, signal: null })
  expect(await d.canon(shop)).toBe(d.undisturbed(shop))
  expect(await jobsOf(loadId)).toHaveLength(1)
  const ended = await row(db, sql`select userId, actor from audit_event where action = 'attempt_ended' and objectId = ${String(loadId)}`)
  expect(ended).toEqual({ userId: Number(person.user.id), actor: person.user.email })
}

test('while a load runs, pressing rerun is refused, and taking the role of who sent it lets the load end and stops the person', async () => {
  for (let round = 0; round < times(1); round++) await pressedWhileRunning()
})

test('staged rows that are purged while people look at them are there or gone, and never an error', async () => {
  const ROUNDS = times(6)
  const answers: Answer[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const shop = await d.prepare({ isNew: true })
    const { loadId } = await shop.shop.loadFolder(shop.folder)
    const token = await another('engineer')
    const look = async () => {
      for (let i = 0; i < 4; i++) {
        for (const entity of ['line_item', 'customer', 'invoice']) {
          answers.push(await ask(records.GET, { method: 'GET', path: `/api/v1/staging/${loadId}/${entity}/records`, params: { loadId: String(loadId), entity }, token }))
        }
      }
    }
    const purge = async () => {
      const tables = await rows<{ tableName: string }>(db, sql`select tableName from staged_file where loadId = ${loadId}`)
      for (const { tableName } of tables) await dropStaging(connection, runner.stagingSchema, tableName)
      await run(db, sql`update staged_file set purgedAt = now(3) where loadId = ${loadId}`)
    }
    await Promise.all([look(), look(), look(), purge()])
  }
  expect(Object.keys(tally(answers))).toEqual(['200', '404'])
})
