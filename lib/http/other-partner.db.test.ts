import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { changePartner } from '#lib/data/account-changes.ts'
import { database } from '#lib/data/database.ts'
import { prisma } from '#lib/data/prisma.ts'
import { heldByNobody, heldByPartner, type HeldByPartner } from '#lib/data/testing-partners.ts'
import { ident, join, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { killStarted, Running } from '#lib/jobs/testing-disturbed.ts'
import { testInstallation } from '#lib/jobs/testing.ts'

// Test X3 of the catalogue: whoever is limited to partner A asks the API for every id of partner B.
const api = path.resolve(import.meta.dirname, '../../app/api/v1')
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-partners-'))
process.env.ONRAMP_DATA_DIR = dataDir
const installation = await testInstallation('other_partner', dataDir)
const { connection, url } = installation
const [a, b] = [await heldByPartner(installation, 'ours'), await heldByPartner(installation, 'theirs')]
const nobody = heldByNobody(b)
const { session: admin } = await signedIn(connection, 'admin')
const [viewer, support] = [await signedIn(connection, 'viewer', a.partner), await signedIn(connection, 'support', a.partner)]
const address = await startPortal()
afterAll(async () => {
  killStarted()
  await Promise.all([database().end(), prisma().$disconnect()])
})

async function startPortal(): Promise<string> {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number }
      probe.close(() => resolve(free))
    })
  })
  new Running(spawn(process.execPath, [path.resolve('lib/http/testing-portal.ts'), String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'error' },
  }))
  const started = `http://127.0.0.1:${port}`
  while (!(await fetch(started).then(() => true, () => false))) await sleep(20)
  return started
}

type Ask = { method: string; where: string; body?: unknown; headers?: Record<string, string> }
type Answer = { status: number; text: string; location: string | null }

async function ask(token: string, { method, where, body, headers = {} }: Ask): Promise<Answer> {
  const own = { origin: address, 'sec-fetch-site': 'same-origin', cookie: `${sessionCookie()}=${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const answer = await fetch(new URL(where, address), { method, headers: { ...own, ...headers }, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(20_000) })
  return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') }
}

/** Every method of every route, as `GET loads/[id]`. */
const routes = (await Promise.all(readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === 'route.ts').map(async (file) => {
  const handlers = Object.keys((await import(path.join(api, file))) as object)
  return handlers.map((method) => `${method} ${path.dirname(file).replaceAll('\\', '/')}`)
}))).flat().sort()

/** What stands for a parameter in an address, by the folder before it. A parameter that is not here names nothing of a partner, or has to come here. */
const parameters: Record<string, (of: HeldByPartner) => string> = {
  'loads/[id]': ({ load }) => load.id, 'shops/[id]': ({ shop }) => shop.id, 'invoices/[id]': ({ invoice }) => invoice.id, 'staging/[loadId]': ({ load }) => load.id,
  '[loadId]/[entity]': () => 'invoice', 'records/[record]': () => '1', 'files/[name]': () => 'invoices.csv',
}

/** What a route with such parameters needs beside them to be answered at all. */
const beside: Record<string, (of: HeldByPartner) => { query?: string; body?: unknown }> = {
  'GET loads/[id]/exceptions/below': () => ({ query: '?attempt=1&causeEntity=customer&causeRecord=1&entity=invoice' }),
  'GET loads/[id]/exceptions/rejected-rows': () => ({ query: '?entity=invoice' }),
  'GET shops/[id]/load-ids': ({ load }) => ({ query: `?loadId=${load.slug}` }),
  'POST loads/[id]/attempts': () => ({ body: { attempt: 'rerun' } }),
  'POST staging/[loadId]/[entity]/find': () => ({ body: { attempt: null, line: 2 } }),
}

const tus = { 'tus-resumable': '1.0.0' }
const metadata = ({ open: { id, file } }: HeldByPartner) =>
  Object.entries({ load: id, delivery: '1', name: file.name, sha256: file.sha256, size: String(file.bytes) }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',')

/** Routes that take an id in the query, the body or a header. */
const elsewhere: Record<string, (of: HeldByPartner) => Omit<Ask, 'method'>[]> = {
  'GET loads': ({ partner, shop }) => [{ where: `loads?partner=${partner.id}` }, { where: `loads?shop=${shop.id}` }],
  'GET loads/csv': ({ partner, shop }) => [{ where: `loads/csv?partner=${partner.id}` }, { where: `loads/csv?shop=${shop.id}` }],
  'POST loads': ({ partner, shop, open: { request: { choice, ...rest } } }) => [{ where: 'loads', body: { ...rest, ...choice } }, { where: 'loads', body: { ...rest, partner: partner.slug, shop: shop.slug } }],
  'GET shops': ({ partner }) => [{ where: `shops?partner=${partner.id}` }],
  'POST shops': ({ partner }) => [{ where: 'shops', body: { partnerId: partner.id, slug: 'added', name: 'Added' } }],
  'GET invoices': ({ shop, load }) => [{ where: `invoices?shop=${shop.id}` }, { where: `invoices?shop=${a.shop.id}&load=${load.id}` }],
  'POST invoices/search': ({ shop, invoice }) => [{ where: 'invoices/search', body: { shop: shop.id, text: invoice.number } }],
  'POST uploads/[[...path]]': (of) => [{ where: 'uploads', headers: { ...tus, 'upload-length': String(of.open.file.bytes), 'upload-metadata': metadata(of) } }],
}

/** Routes that answer with what there is: asked in ways that find something of either partner. */
const lists: Record<string, (of: HeldByPartner) => Omit<Ask, 'method'>[]> = {
  'GET loads': () => [{ where: 'loads' }],
  'GET loads/csv': () => [{ where: 'loads/csv' }],
  'GET partners': ({ partner }) => [{ where: 'partners' }, { where: `partners?slug=${partner.slug}` }],
  'GET shops': ({ shop }) => [{ where: 'shops' }, { where: `shops?slug=${shop.slug}` }],
  'POST shops/search': ({ shop }) => [{ where: 'shops/search', body: { prefix: '' } }, { where: 'shops/search', body: { prefix: shop.slug } }],
  'GET search': ({ load, invoice, shop }) => [load.slug, invoice.number, invoice.id, shop.slug].map((q) => ({ where: `search?q=${q}` })),
  'GET staging': () => [{ where: 'staging' }],
}

/** Routes of the installation, of accounts and of one's own, and those of uploads that name an upload of one's own. */
const ofNoPartner = [
  ...['GET contract', 'GET contract/templates/[file]', 'GET health', 'GET audit', 'GET audit/csv', 'POST account/password', 'POST invitations/accept', 'POST invitations/open'],
  ...['GET sessions', 'DELETE sessions', 'DELETE sessions/[id]', 'POST sessions/confirm', 'GET users', 'POST users', 'DELETE users/[id]', 'DELETE users/[id]/link', 'DELETE users/[id]/sessions'],
  ...['disable', 'enable', 'link', 'partner', 'role'].map((change) => `POST users/[id]/${change}`), 'POST partners',
  ...['DELETE', 'HEAD', 'OPTIONS', 'PATCH'].map((method) => `${method} uploads/[[...path]]`),
]

const isNamed = (route: string) => Object.keys(parameters).some((place) => route.split(' ')[1]!.includes(place))
const named = routes.filter(isNamed)

/** Everything that can be asked for of a partner. What changes something comes last, and in an order in which each is allowed. */
function asksFor(of: HeldByPartner): Ask[] {
  const inAddress = named.map((route): Ask => {
    const [method, pattern] = route.split(' ') as [string, string]
    const where = pattern.split('/').map((part, i, parts) => parameters[`${parts[i - 1]}/${part}`]?.(of) ?? part).join('/')
    const { query = '', body } = beside[route]?.(of) ?? {}
    return { method, where: `/api/v1/${where}${query}`, body }
  })
  const asks = [...inAddress, ...given(elsewhere, of)]
  return [...asks.filter(({ method }) => method === 'GET'), ...asks.filter(({ method }) => method !== 'GET')]
}

const given = (table: Record<string, (of: HeldByPartner) => Omit<Ask, 'method'>[]>, of: HeldByPartner): Ask[] =>
  Object.entries(table).flatMap(([route, make]) => make(of).map((one) => ({ ...one, method: route.split(' ')[0]!, where: `/api/v1/${one.where}` })))

/** Everything that is kept, save for who was here and what the audit trail says. */
async function everything(): Promise<unknown> {
  const tables = await rows<{ name: string }>(connection, sql`select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'
    and table_name not in ('session', 'login_limit', 'audit_event', 'audit_chain') order by table_name`)
  const sums = await rows<Record<string, unknown>>(connection, sql`checksum table ${join(tables.map(({ name }) => ident(name)))}`)
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name))
  return { sums, files: files.sort() }
}

const refusedLooks = (userId: string) => rows<{ type: string; id: string; times: number }>(connection, sql`
  select objectType as type, objectId as id, count(*) as times from audit_event where action = 'look_refused' and userId = ${userId} group by objectType, objectId order by objectType, objectId + 0`)

test('every route is looked at here', () => {
  expect(routes.length).toBeGreaterThan(50)
  const known = new Set([...named, ...Object.keys(elsewhere), ...Object.keys(lists), ...ofNoPartner])
  expect(routes.filter((route) => !known.has(route))).toEqual([])
  expect([...known, ...Object.keys(beside)].filter((route) => !routes.includes(route))).toEqual([])
})

test('whoever is limited gets nothing of another partner, changes nothing, and is in the audit trail; for others the same requests are answered', async () => {
  const before = await everything()
  const [theirs, none] = [asksFor(b), asksFor(nobody)]
  const refused: Answer[][] = []
  for (const { token } of [viewer, support]) {
    const answers: Answer[] = []
    for (const [i, one] of theirs.entries()) {
      const answer = await ask(token, one)
      expect(answer.text, `${one.method} ${one.where}`).toBe((await ask(token, none[i]!)).text)
      for (const mark of b.marks) expect(answer.text, `${one.method} ${one.where}`).not.toContain(mark)
      answers.push(answer)
    }
    refused.push(answers)
  }
  for (const { token } of [viewer, support]) {
    for (const one of [...given(lists, a), ...given(lists, b)]) {
      const { text } = await ask(token, one)
      for (const mark of b.marks) expect(text, `${one.method} ${one.where}`).not.toContain(mark)
    }
    expect((await ask(token, { method: 'POST', where: '/api/v1/partners', body: { slug: 'another', name: 'Another' } })).status).toBe(403)
  }
  expect(await everything()).toEqual(before)

  const looks = [['invoice', b.invoice.id], ['load', b.load.id], ['partner', b.partner.id], ['shop', b.shop.id]]
  const told = async (userId: string) => (await refusedLooks(userId)).map(({ type, id, times }) => [type, id, Number(times)])
  expect(await told(viewer.user.id)).toEqual(looks.map((look) => [...look, 1]))
  expect(await told(support.user.id)).toEqual([looks[0], looks[1], ['load', b.open.id], looks[2], looks[3]].map((look) => [...look!, 1]))

  // The same requests by people of the same roles who see all.
  const statuses: number[][] = []
  for (const role of ['viewer', 'support'] as const) {
    const { token } = await signedIn(connection, role)
    const answers: number[] = []
    for (const one of theirs) answers.push((await ask(token, one)).status)
    statuses.push(answers)
    for (const one of given(lists, b)) {
      const { status, text } = await ask(token, one)
      expect(status === 403 || b.marks.some((mark) => text.includes(mark)), `${one.method} ${one.where}`).toBe(true)
    }
  }
  for (const [i, one] of theirs.entries()) {
    for (const [who, answers] of refused.entries()) {
      const open = statuses[who]![i]!
      expect([200, 201, 202, 403], `${one.method} ${one.where}`).toContain(open)
      expect(answers[i]!.status, `${one.method} ${one.where}`).toBe(open === 403 ? 403 : 404)
    }
    if (!one.where.includes('/staging')) expect(statuses[1]![i], `${one.method} ${one.where}`).not.toBe(403)
  }
})

test('another limit counts from the next request on, in the same session, also in the midst of an upload and in an open stream of events', async () => {
  const { user, token } = await signedIn(connection, 'support')
  const status = async (of: HeldByPartner) => (await ask(token, { method: 'GET', where: `/api/v1/loads/${of.load.id}` })).status
  const both = async () => [await status(a), await status(b)]
  expect(await both()).toEqual([200, 200])
  const { method, where, headers } = given({ 'POST uploads/[[...path]]': elsewhere['POST uploads/[[...path]]']! }, b)[0]!
  const { status: created, location } = await ask(token, { method, where, headers })
  expect(created).toBe(201)
  await run(connection, sql`update \`load\` set status = 'queued' where id = ${b.load.id}`)
  const stream = await fetch(`${address}/api/v1/loads/${b.load.id}/events`, { headers: { cookie: `${sessionCookie()}=${token}` }, signal: AbortSignal.timeout(20_000) })
  expect(stream.status).toBe(200)
  const following = stream.text()

  await changePartner(admin, user.id, a.partner.id)
  expect(await both()).toEqual([200, 404])
  for (const each of ['HEAD', 'PATCH', 'DELETE']) {
    const piece: Record<string, string> = each === 'PATCH' ? { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' } : {}
    expect((await ask(token, { method: each, where: location!, headers: { ...tus, ...piece } })).status, each).toBe(404)
  }
  expect(await following).toContain('event: signed_out')
  await changePartner(admin, user.id, b.partner.id)
  expect(await both()).toEqual([404, 200])
  expect((await ask(token, { method: 'HEAD', where: location!, headers: tus })).status).toBe(200)
  await changePartner(admin, user.id, null)
  expect(await both()).toEqual([200, 200])
})
