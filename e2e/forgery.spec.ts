import { createHash, randomBytes } from 'node:crypto'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { idsOfTheSample, type Ids } from './addresses.ts'
import { ask, change, codeOf, forEach, fromOurPages, type Answer, type Method } from './ask.ts'
import { whatHandlersDeclare } from './doors.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, openDatabase, type Person } from './people.ts'

// What our own pages get for the same requests is in the last test.
let db: Connection
let ids: Ids
let admin: Person
let victim: Person
const word = `forged-${process.pid}-${Date.now()}`

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  admin = await newPerson(db, 'admin', 'admin who is lured')
  victim = await newPerson(db, 'support', 'victim')
})
test.afterAll(() => db.end())

type Request = { address: string; method: Method; path: string; body?: unknown; headers?: Record<string, string>; gets: number }

const file = { name: 'customers.csv', bytes: 1, sha256: createHash('sha256').update('x').digest('hex') }
const newInvitation = (name: string) => ({ email: `${name}@onramp.example`, name, role: 'viewer' })
const NONE = '999999999'
const upload = `/api/v1/uploads/${randomBytes(16).toString('hex')}`

/** One request for each method of each address that changes something, or that is a POST. `gets`: what our own pages get. */
function requests(): Request[] {
  const user = `/api/v1/users/${victim.id}`
  const post = (address: string, path: string, body: unknown, gets: number): Request => ({ address, method: 'POST', path, body, gets })
  const ofUser = (rest: string, method: Method, gets: number, body?: unknown): Request => ({ address: `/api/v1/users/[id]${rest}`, method, path: `${user}${rest}`, body, gets })
  return [
    post('/api/[...unknown]', '/api/v2/x', {}, 404),
    ...(['PUT', 'PATCH', 'DELETE'] as const).map((method): Request => ({ address: '/api/[...unknown]', method, path: '/api/v2/x', gets: 404 })),
    post('/api/v1/invitations/accept', '/api/v1/invitations/accept', { token: word, password: word }, 404),
    post('/api/v1/invitations/open', '/api/v1/invitations/open', { token: word }, 404),
    post('/api/v1/invoices/search', '/api/v1/invoices/search', { shop: ids.shop, text: '10' }, 200),
    post('/api/v1/loads', '/api/v1/loads', { shopId: NONE, loadId: word, files: [file], manifest: {} }, 404),
    post('/api/v1/loads/[id]/attempts', `/api/v1/loads/${ids.load}/attempts`, { attempt: 'again' }, 400),
    post('/api/v1/loads/[id]/cancel', `/api/v1/loads/${ids.load}/cancel`, undefined, 409),
    post('/api/v1/partners', '/api/v1/partners', { slug: `zz-${word}`, name: `ZZ ${word}` }, 201),
    post('/api/v1/sessions/confirm', '/api/v1/sessions/confirm', { password: 'seven kinds of people knock' }, 200),
    post('/api/v1/shops', '/api/v1/shops', { partnerId: NONE, slug: word, name: word }, 404),
    post('/api/v1/shops/search', '/api/v1/shops/search', { prefix: '04' }, 200),
    post('/api/v1/staging/[loadId]/[entity]/find', `/api/v1/staging/${ids.load}/customer/find`, { line: 2 }, 200),
    { address: '/api/v1/uploads/[[...path]]', method: 'POST', path: '/api/v1/uploads', headers: { 'tus-resumable': '1.0.0', 'upload-length': '1' }, gets: 400 },
    { address: '/api/v1/uploads/[[...path]]', method: 'PATCH', path: upload, headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }, gets: 404 },
    { address: '/api/v1/uploads/[[...path]]', method: 'DELETE', path: upload, headers: { 'tus-resumable': '1.0.0' }, gets: 404 },
    post('/api/v1/users', '/api/v1/users', newInvitation(word), 201),
    ofUser('/role', 'POST', 200, { role: 'viewer' }),
    ofUser('/partner', 'POST', 200, { partnerId: ids.partner }),
    ofUser('/sessions', 'DELETE', 200),
    ofUser('/link', 'POST', 201),
    ofUser('/link', 'DELETE', 200),
    ofUser('/disable', 'POST', 200),
    ofUser('/enable', 'POST', 200),
    ofUser('', 'DELETE', 409),
    { address: '/api/v1/sessions/[id]', method: 'DELETE', path: `/api/v1/sessions/${'0'.repeat(22)}`, gets: 404 },
    // These two end the session that asks.
    post('/api/v1/account/password', '/api/v1/account/password', { currentPassword: word, newPassword: word }, 400),
    { address: '/api/v1/sessions', method: 'DELETE', path: '/api/v1/sessions', gets: 200 },
  ]
}

const own = () => fromOurPages()
const json = { 'content-type': 'application/json' }
/** How another site, or a page of ours that another site filled, may ask. */
const forgeries: Record<string, () => Record<string, string>> = {
  'another site': () => ({ ...json, 'origin': 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
  'another site in an old browser': () => ({ ...json, origin: 'https://evil.example' }),
  'a site beside ours': () => ({ ...json, 'origin': 'http://evil.localhost', 'sec-fetch-site': 'same-site' }),
  'another port of this host': () => ({ ...json, 'origin': 'http://localhost:1', 'sec-fetch-site': 'same-site' }),
  'a sandboxed frame': () => ({ ...json, 'origin': 'null', 'sec-fetch-site': 'cross-site' }),
  'a sandboxed frame in an old browser': () => ({ ...json, origin: 'null' }),
  'nobody knows who': () => ({ ...json }),
  'an address that was typed': () => ({ ...json, 'sec-fetch-site': 'none' }),
  'a host that begins as ours': () => ({ ...json, origin: `${own().origin}.evil.example` }),
  'another site that claims our host behind a proxy': () => ({ ...json, 'origin': 'https://evil.example', 'x-forwarded-host': 'evil.example' }),
  'a form': () => ({ ...own(), 'content-type': 'application/x-www-form-urlencoded' }),
  'a form with a file': () => ({ ...own(), 'content-type': 'multipart/form-data; boundary=x' }),
  'a form that pretends to be text': () => ({ ...own(), 'content-type': 'TEXT/plain;charset=utf-8' }),
}

/** All that the forged requests could change, told by what the audit trail and the accounts say. */
async function state(): Promise<unknown> {
  const [[events]] = await db.query<RowDataPacket[]>('select count(*) as n from audit_event where userId in (?)', [[admin.id, victim.id]])
  const [accounts] = await db.query<RowDataPacket[]>('select id, role, partnerId, disabledAt, sessionVersion, passwordHash from `user` where id in (?) order by id', [[admin.id, victim.id]])
  const [sessions] = await db.query<RowDataPacket[]>('select id, confirmedAt from session where userId in (?) order by id', [[admin.id, victim.id]])
  const [[made]] = await db.query<RowDataPacket[]>(`
    select (select count(*) from partner where slug = ?) as partners, (select count(*) from shop where slug = ?) as shops, (select count(*) from \`load\` where slug = ?) as loads,
      (select count(*) from \`user\` where email = ?) as users, (select count(*) from invitation where userId = ?) as links`,
  [`zz-${word}`, word, word, newInvitation(word).email, victim.id])
  return { events, accounts, sessions, made }
}

test('nothing that changes something is done for another site, and nothing is changed', async () => {
  const declared = await whatHandlersDeclare()
  const changing = Object.entries(declared).flatMap(([address, handlers]) => Object.keys(handlers).filter((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method)).map((method) => `${method} ${address}`))
  const asked = requests()
  expect(asked.map(({ method, address }) => `${method} ${address}`).sort(), 'one request for each').toEqual(changing.sort())

  const before = await state()
  const surprises: string[] = []
  await forEach(asked.flatMap((request) => Object.entries(forgeries).map(([by, headers]) => ({ request, by, headers: headers() }))), async ({ request, by, headers }) => {
    const { method, path, body } = request
    const text = body === undefined ? '' : JSON.stringify(body)
    const answer = await ask(path, { method, session: admin.session, headers: { ...request.headers, ...headers }, body: text, from: '127.0.0.21' })
    const refused = answer.status === 403 && codeOf(answer) === 'cross_site'
    if (!refused) surprises.push(`${method} ${path} by ${by}: ${answer.status} ${answer.text.slice(0, 100)}`)
  })
  expect(surprises).toEqual([])
  expect(await state()).toEqual(before)
})

test('no browser is told that another site may ask, or may read an answer', async () => {
  await forEach(requests(), async ({ method, path }) => {
    const { headers } = await ask(path, {
      method: 'OPTIONS', session: admin.session,
      headers: { 'origin': 'https://evil.example', 'access-control-request-method': method, 'access-control-request-headers': 'content-type', 'sec-fetch-site': 'cross-site' },
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-allow-origin') || name.startsWith('access-control-allow-credentials')), path).toEqual([])
  })
})

test('another site can neither sign anybody in nor out', async () => {
  const foreign = { 'origin': 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' }
  const send = (path: string, fields: Record<string, string>): Promise<Answer> => ask(path, { method: 'POST', session: admin.session, headers: foreign, body: new URLSearchParams(fields).toString() })
  const out = await send('/api/auth/signout', { csrfToken: 'guessed', callbackUrl: '/', json: 'true' })
  expect(out.headers['set-cookie']?.join() ?? '').not.toMatch(/onramp\.session=;/)
  const { text } = await ask('/api/auth/csrf')
  // A token without the cookie that goes with it is worth nothing.
  for (const csrfToken of ['', (JSON.parse(text) as { csrfToken: string }).csrfToken]) {
    const answer = await send('/api/auth/callback/credentials', { csrfToken, email: victim.email, password: 'seven kinds of people knock', json: 'true' })
    expect(answer.headers['set-cookie']?.join() ?? '').not.toMatch(/onramp\.session=[^;]/)
  }
  expect((await ask('/api/v1/sessions', { session: admin.session })).status).toBe(200)
})

test('asked for by our own pages each of these requests is done, or refused for a reason of its own', async () => {
  const found: unknown[] = []
  for (const { method, path, body, headers } of requests()) {
    const answer = await change(path, { method, session: admin.session, body, headers, from: '127.0.0.21' })
    found.push([method, path, answer.status])
  }
  expect(found).toEqual(requests().map(({ method, path, gets }) => [method, path, gets]))
  expect(await state()).toMatchObject({ made: { partners: 1, users: 1 }, accounts: expect.arrayContaining([expect.objectContaining({ role: 'viewer' })]) })
  await db.query('delete from partner where slug = ?', [`zz-${word}`])
})
