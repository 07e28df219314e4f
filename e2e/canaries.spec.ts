import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { writePackage } from '#lib/jobs/write-package.ts'
import { PortalClient } from '../workers/portal-client.ts'
import { buildFolder } from './addresses.ts'
import { ask, change, type Answer } from './ask.ts'
import { canariesIn, canary, canaryBooks, canaryManifest, canaryPassword, keepSecret, secretsOfTheRun } from './canaries.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, newSession, openDatabase, password, type Person } from './people.ts'
import { startSecondPortal } from './portals.ts'

test.describe.configure({ mode: 'serial' })

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-canaries-'))
let db: Connection
let admin: Person
const loads: Record<'taken' | 'refused', string> = { taken: '', refused: '' }
test.beforeAll(async () => {
  db = await openDatabase()
  admin = await newPerson(db, 'admin', 'keeper of canaries')
})
test.afterAll(async () => {
  rmSync(folder, { recursive: true })
  await db.end()
})

const told = (text: string) => canariesIn(text, secretsOfTheRun(process.env.ONRAMP_DATA_DIR!))

test('the books of a marked shop come in and are looked at, and neither streams of events nor addresses tell anybody of them', async ({ page, context }) => {
  const portal = await PortalClient.signIn(process.env.ONRAMP_E2E_URL!, { email: admin.email, password })
  const slug = `canaries-${Date.now().toString(36)}`
  const partner = await portal.post<{ id: string }>('/api/v1/partners', { slug, name: slug })
  for (const [name, options] of [['taken', {}], ['refused', { manifest: canaryManifest }]] as const) {
    const shop = await portal.post<{ id: string }>('/api/v1/shops', { partnerId: partner.id, slug: name, name, timeZone: 'UTC' })
    writePackage(path.join(folder, name), canaryBooks, options)
    loads[name] = await portal.sendLoad(shop.id, name, path.join(folder, name))
    // To its end.
    const { status, text } = await ask(`/api/v1/loads/${loads[name]}/events`, { session: admin.session })
    expect([status, text.includes('event: end'), told(text)]).toEqual([200, true, []])
  }
  const statuses = await Promise.all(Object.values(loads).map(async (id) => (await db.query<RowDataPacket[]>('select status from `load` where id = ?', [id]))[0][0]!.status as string))
  expect(statuses).toEqual(['completed_with_exceptions', 'failed_validation'])

  await context.addCookies([{ name: 'onramp.session', value: admin.session, url: process.env.ONRAMP_E2E_URL! }])
  // Who may see them does, so there is something to be told.
  for (const [place, says] of [[`/loads/${loads.taken}/exceptions?entity=customer&severity=error`, 'Thrumcastle'], [`/staging/${loads.taken}/customer`, canary.email], [`/loads/${loads.refused}`, canary.last]] as const) {
    await page.goto(place)
    await expect(page.getByText(says).first()).toBeVisible()
  }
})

test('no refusal, error page, report of health or event of the audit trail tells of people and secrets, whatever happens to them', async () => {
  // With what was asked: a refusal may say again what is wrong about it, though never a secret.
  const answers: [string, Answer][] = []
  const ours = async (path: string, body: unknown, session: string | null = admin.session, portal?: string) => {
    const answer = await change(path, { method: 'POST', body, session, portal, from: '127.0.0.27' })
    answers.push([`${path} ${JSON.stringify(body)}`, answer])
    return answer
  }
  // The way in: an invitation, its password, and what people type into the wrong field.
  const invited = `invited-${Date.now().toString(36)}@onramp.example`
  const invitation = await change('/api/v1/users', { method: 'POST', session: admin.session, body: { email: invited, name: 'Somebody', role: 'viewer' } })
  expect(invitation.status).toBe(201)
  const { token } = JSON.parse(invitation.text) as { token: string }
  keepSecret(token)
  await ours('/api/v1/invitations/open', { token }, null)
  expect((await ours('/api/v1/invitations/accept', { token, password: canaryPassword }, null)).status).toBe(200)
  expect((await ours('/api/v1/invitations/accept', { token, password: canaryPassword }, null)).status).toBe(404)
  for (const email of [canaryPassword, canary.email]) await expect(newSession(email)).rejects.toThrow()
  await ours('/api/v1/sessions/confirm', { password: canaryPassword })
  await ours('/api/v1/account/password', { currentPassword: canaryPassword, newPassword: `${canaryPassword} twice` })

  // What is searched for, and what is refused for what is in it.
  await ours('/api/v1/users', { email: `${canary.last} ${canary.phone}`, name: canary.last, role: canary.plate })
  await ours('/api/v1/invoices/search', { shop: canary.email, text: canary.vin })
  await ours('/api/v1/shops', { partnerId: canary.phone, slug: canary.last, name: canary.last, timeZone: canary.street })
  await ours(`/api/v1/staging/${loads.taken}/customer/find`, { line: canary.last })
  await ours(`/api/v1/loads/${loads.taken}/attempts`, { attempt: canary.street })

  const broken = await startSecondPortal('canaries-no-database', 'mysql://nobody:unutterable@127.0.0.1:1/none', buildFolder)
  try {
    await ours('/api/v1/invoices/search', { shop: '1', text: canary.last }, admin.session, broken.address)
    for (const path of ['/loads', `/invoices?q=${canary.plate}`]) answers.push([`${path} without a database`, await ask(path, { session: admin.session, portal: broken.address })])
  } finally {
    await broken.stop()
  }
  for (const path of ['/api/v1/health', '/health', '/api/v1/loads/999999999', '/loads/999999999', '/admin/audit', '/api/v1/audit?size=100', '/', '/loads', '/login']) answers.push([path, await ask(path, { session: path === '/login' ? null : admin.session })])

  const secrets = secretsOfTheRun(process.env.ONRAMP_DATA_DIR!)
  const found = answers.flatMap(([asked, { text }]) => told(text).filter((what) => secrets.includes(what) || !asked.toLowerCase().includes(what)).map((what) => `${asked} tells ${what}`))
  expect(found).toEqual([])
  const [events] = await db.query<RowDataPacket[]>('select action, objectType, objectId, detail from audit_event')
  expect(events.length).toBeGreaterThan(10)
  expect(told(JSON.stringify(events))).toEqual([])
})
