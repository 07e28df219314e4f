import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Report } from '#lib/ingest/report.ts'
import { writePackage } from '#lib/jobs/write-package.ts'
import { PortalClient } from '../workers/portal-client.ts'
import { residentBytes } from '../workers/soak/memory.ts'
import { examples, idsOfTheSample, type Ids } from './addresses.ts'
import { ask, codeOf, forEach, fromOurPages } from './ask.ts'
import { gzipBomb, nested, zipBomb } from './bombs.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, openDatabase, password, type Person } from './people.ts'
import { portalPid } from './portal-process.ts'
import { processesOf } from './processes.ts'

const MOST_GROWTH_BYTES = 256 * 2 ** 20
const from = '127.0.0.25'

let db: Connection
let ids: Ids
let person: Person
test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  person = await newPerson(db, 'admin', 'sender of bombs')
})
test.afterAll(() => db.end())

/** Fails when a process holds much more at any time during the work than before it. */
async function expectLittleGrowth(processes: Record<string, number>, work: () => Promise<void>): Promise<void> {
  const seen = Object.entries(processes).map(([name, pid]) => ({ name, pid, before: residentBytes(pid), most: 0 }))
  const look = () => { for (const one of seen) one.most = Math.max(one.most, residentBytes(one.pid)) }
  const looking = setInterval(look, 20)
  try {
    await work()
    look()
  } finally {
    clearInterval(looking)
  }
  for (const { name, before, most } of seen) {
    expect(before, `memory of the ${name}`).toBeGreaterThan(0)
    expect(most - before, `bytes by which the ${name} grew`).toBeLessThan(MOST_GROWTH_BYTES)
  }
}

test('bodies that are packed, nested or endless are refused in words by every address that takes one, and the portal does not grow by them', async () => {
  const [gzip, gzips, zip, zips] = [gzipBomb(1), gzipBomb(8), zipBomb(1), zipBomb(8)]
  const json = { 'content-type': 'application/json' }
  const packed = { ...json, 'content-encoding': 'gzip' }
  const bombs: Record<string, [Buffer | string, Record<string, string>]> = {
    'gzip': [gzip, packed], 'much gzip': [gzips, packed], 'gzip that does not say so': [gzip, json], 'ZIP': [zip, json], 'much ZIP': [zips, json],
    'deep lists': [nested(30_000), json], 'deep objects': [`${'{"manifest":'.repeat(5_000)}1${'}'.repeat(5_000)}`, json],
    'a deep manifest': [JSON.stringify({ shopId: ids.shop, loadId: 'deep', files: [{ name: 'customers.csv', bytes: 1, sha256: '0'.repeat(64) }], manifest: { x: '?' } }).replace('"?"', nested(30_000)), json],
    'a wide list': [`[${'0,'.repeat(400_000)}0]`, json],
  }
  const posts = Object.entries(examples).filter(([, { body }]) => body !== undefined)
  expect(posts.length).toBeGreaterThan(10)
  const refused: unknown[] = []
  await expectLittleGrowth({ portal: portalPid() }, () =>
    forEach(posts.flatMap(([address, { at }]) => Object.entries(bombs).map(([bomb, sent]) => ({ address, path: at(ids), bomb, sent }))), async ({ address, path: where, bomb, sent: [body, headers] }) => {
      // Each of them asks as a visitor of its own: visitors may not ask often.
      const answer = await ask(where, { method: 'POST', session: person.session, headers: { ...fromOurPages(), ...headers }, body, from: `127.0.1.${Object.keys(bombs).indexOf(bomb) + 1}` })
      const code = codeOf(answer)
      if (!(answer.status === 400 && code === 'invalid_input') && !(answer.status === 413 && code === 'too_large')) refused.push([address, bomb, answer.status, answer.text.slice(0, 100)])
    }, 8))
  expect(refused).toEqual([])
})

const PIECE = Buffer.alloc(64 * 1024, 'x')
const MOST_SENT = 64 * 2 ** 20

/** Sends a body without an end, in pieces, until it is answered. */
function pour(where: string, headers: Record<string, string>): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    let [sent, answered] = [0, false]
    const pouring = request(new URL(where, process.env.ONRAMP_E2E_URL), { method: 'POST', localAddress: from, headers: { ...fromOurPages(), ...headers } }, (answer) => {
      answered = true
      resolve({ status: answer.statusCode!, sent })
      answer.resume().once('end', () => pouring.destroy())
    })
    // Whoever is refused in the middle of a body is cut off as well.
    pouring.on('error', (error) => { if (!answered) reject(error) })
    const next = () => {
      if (answered) return
      if (sent >= MOST_SENT) return pouring.end()
      sent += PIECE.length
      pouring.write(PIECE, () => setImmediate(next))
    }
    next()
  })
}

test('a body without an end is read no further than it may be long, also by the way in', async () => {
  const { session } = person
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  await expectLittleGrowth({ portal: portalPid() }, async () => {
    for (const [where, headers] of [
      ['/api/v1/loads', { 'cookie': `onramp.session=${session}`, 'content-type': 'application/json' }], ['/api/v1/invitations/open', { 'content-type': 'application/json' }],
      ['/api/auth/callback/credentials', form], ['/api/auth/signout', form],
    ] as const) {
      const { status, sent } = await pour(where, headers)
      expect([where, status]).toEqual([where, 413])
      expect(sent, `bytes taken by ${where}`).toBeLessThan(MOST_SENT / 4)
    }
  })
  for (const where of ['/api/auth/callback/credentials', '/api/auth/signout']) {
    const send = (body: Buffer | string, headers: Record<string, string>) => ask(where, { method: 'POST', from, headers, body })
    for (const answer of [await send(gzipBomb(1), { ...form, 'content-encoding': 'gzip' }), await send(nested(9_000), { 'content-type': 'application/json' })]) expect([where, answer.status >= 400 && answer.status < 500, codeOf(answer)]).toEqual([where, true, expect.any(String)])
  }
})

test('archives in the place of a load’s files are refused for what they are, and neither portal nor worker unpacks them', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'onramp-bombs-'))
  try {
    const portal = await PortalClient.signIn(process.env.ONRAMP_E2E_URL!, { email: person.email, password })
    const slug = `bombs-${Date.now().toString(36)}`
    const partner = await portal.post<{ id: string }>('/api/v1/partners', { slug, name: slug })
    const send = async (name: string, bytes: Buffer) => {
      const shop = await portal.post<{ id: string }>('/api/v1/shops', { partnerId: partner.id, slug: name, name, timeZone: 'UTC' })
      writePackage(path.join(folder, name), { supplier: { bytes, rows: 1 } })
      const id = await portal.sendLoad(shop.id, name, path.join(folder, name))
      const status = async () => ((await db.query<RowDataPacket[]>('select status from `load` where id = ?', [id]))[0][0] as { status: string }).status
      await expect.poll(status, { timeout: 60_000 }).toBe('failed_validation')
      return (await portal.get<Report>(`/api/v1/loads/${id}/report`)).failure
    }
    const worker = processesOf(process.env.ONRAMP_DATA_DIR!).find(({ command }) => command.includes('onramp.ts worker'))!.pid
    await expectLittleGrowth({ portal: portalPid(), worker }, async () => {
      const [gzip, zip] = await Promise.all([send('gzip', gzipBomb(32)), send('zip', zipBomb(32))])
      expect(gzip).toMatchObject({ problems: [{ file: 'suppliers.csv', code: 'not_utf8', message: 'suppliers.csv is compressed with gzip, not a CSV. Unpack it, or save it as “CSV UTF-8”.' }] })
      expect(zip).toMatchObject({ problems: [{ file: 'suppliers.csv', code: 'not_utf8', message: 'suppliers.csv is a ZIP archive or an Excel workbook, not a CSV. Unpack it, or save it as “CSV UTF-8”.' }] })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
