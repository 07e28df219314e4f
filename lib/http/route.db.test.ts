import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { UserError } from '#lib/errors.ts'
import { CONNECTION_HEADER } from './client-address.ts'
import { isRoute, json, route, visitorRoute, type RouteHandler } from './route.ts'

// The errors below are made on purpose.
process.env.ONRAMP_LOG_LEVEL = 'silent'
const { connection } = await testDatabase()
const people = { viewer: await signedIn(connection, 'viewer'), support: await signedIn(connection, 'support') }

type Ask = { as?: keyof typeof people; method?: string; body?: unknown; headers?: Record<string, string>; query?: string; params?: Record<string, string> }

async function ask(handler: RouteHandler, { as, method = 'GET', body, headers = {}, query = '', params = {} }: Ask) {
  const own = method === 'GET' ? {} : { origin: 'http://onramp.test', 'sec-fetch-site': 'same-origin', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const sent = new Headers({ host: 'onramp.test', ...own, ...headers })
  for (const [name, value] of Object.entries(headers)) if (value === '') sent.delete(name)
  if (as) sent.set('cookie', `${sessionCookie()}=${people[as].token}`)
  const request = new NextRequest(`http://onramp.test/api/v1/things${query}`, { method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body) })
  const response = await handler(request, { params: Promise.resolve(params) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as { error?: { code: string; message: string; reference?: string; details?: unknown } } & Record<string, unknown> }
}

const hello = route({ permission: 'load:read' }, ({ user }) => json({ hello: user.name }))
let done = 0
const change = route({ permission: 'load:create', body: z.strictObject({ shop: z.string().min(1), count: z.number().int().optional() }) }, ({ body }) => {
  done++
  return json({ made: body.shop }, { status: 201 })
})

test('a signed-in person with the permission gets the answer, and no cache keeps it', async () => {
  const { status, body, headers } = await ask(hello, { as: 'viewer' })
  expect([status, body]).toEqual([200, { hello: 'A viewer' }])
  expect(headers.get('cache-control')).toBe('no-store')
})

test('without a session nothing is answered', async () => {
  expect(await ask(hello, {})).toMatchObject({ status: 401, body: { error: { code: 'not_signed_in' } } })
})

test('without the permission nothing is done', async () => {
  const before = done
  expect(await ask(change, { as: 'viewer', method: 'POST', body: { shop: 's' } })).toMatchObject({ status: 403, body: { error: { code: 'not_allowed', message: 'Your role does not allow you to start loads.' } } })
  expect(done).toBe(before)
})

test('a change from our own pages is done', async () => {
  expect(await ask(change, { as: 'support', method: 'POST', body: { shop: 's1' } })).toMatchObject({ status: 201, body: { made: 's1' } })
})

test.each<[string, Record<string, string>]>([
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a page without an origin', { origin: '' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form that pretends to be text', { 'content-type': 'text/plain' }],
])('a change asked for by %s is refused, although the cookie is there', async (_, headers) => {
  const before = done
  expect(await ask(change, { as: 'support', method: 'POST', body: { shop: 's1' }, headers })).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } })
  expect(done).toBe(before)
})

test('a body that is not as declared is refused with a word on each field', async () => {
  const { status, body } = await ask(change, { as: 'support', method: 'POST', body: { shop: '', count: 1.5, more: true } })
  expect(status).toBe(400)
  expect(body.error).toMatchObject({ code: 'invalid_input', details: { fields: { shop: expect.any(String), count: expect.any(String) } } })
})

test('a body above the limit is refused', async () => {
  expect(await ask(change, { as: 'support', method: 'POST', body: { shop: 'x'.repeat(70_000) } })).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } })
})

test('parameters and query reach the handler as declared, repeated names as a list', async () => {
  const find = route(
    { permission: 'load:read', params: z.object({ id: z.string().regex(/^\d+$/) }), query: z.object({ status: z.array(z.string()).default([]), page: z.coerce.number().int().min(1).default(1) }) },
    ({ params, query }) => json({ ...params, ...query }),
  )
  expect((await ask(find, { as: 'viewer', params: { id: '7' }, query: '?status=a&status=b&page=2' })).body).toEqual({ id: '7', status: ['a', 'b'], page: 2 })
  expect(await ask(find, { as: 'viewer', params: { id: 'x' } })).toMatchObject({ status: 400, body: { error: { details: { fields: { id: expect.any(String) } } } } })
  expect(await ask(find, { as: 'viewer', params: { id: '7' }, query: '?page=0' })).toMatchObject({ status: 400, body: { error: { details: { fields: { page: expect.any(String) } } } } })
})

test('an error that a person can mend is passed on with its facts', async () => {
  const refuse = route({ permission: 'load:read' }, () => {
    throw new UserError('load_id_reused', 'That load id is taken.', { loadId: '12' })
  })
  expect(await ask(refuse, { as: 'viewer' })).toMatchObject({ status: 409, body: { error: { code: 'load_id_reused', message: 'That load id is taken.', details: { loadId: '12' } } } })
})

test('any other error becomes a neutral sentence with a reference', async () => {
  const broken = route({ permission: 'load:read' }, () => {
    throw new TypeError("Duplicate entry 'ana@example.com'")
  })
  const { status, body } = await ask(broken, { as: 'viewer' })
  expect(status).toBe(500)
  expect(body.error).toMatchObject({ code: 'internal_error', reference: expect.stringMatching(/^[0-9a-f]{10}$/) })
  expect(JSON.stringify(body)).not.toContain('ana@')
})

test('a database that does not answer is said to be that', async () => {
  const cut = route({ permission: 'load:read' }, () => {
    throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:3306'), { code: 'ECONNREFUSED' })
  })
  const { status, body, headers } = await ask(cut, { as: 'viewer' })
  expect([status, body.error!.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '5'])
})

test('too many requests of one person are refused for a while, other people are not held up', async () => {
  const few = route({ permission: 'load:read', perMinute: 3 }, () => json({}))
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(few, { as: 'viewer' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429])
  expect(Number(answers.find(({ status }) => status === 429)!.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await ask(few, { as: 'support' })).status).toBe(200)
})

test('a handler for visitors answers without a session, our own pages only, and few of one address', async () => {
  let opened = 0
  const open = visitorRoute({ body: z.strictObject({ token: z.string() }) }, async ({ body, address }) => {
    opened++
    return json({ token: body.token, address })
  })
  expect(isRoute(open)).toBe(true)
  const from = (address: string, headers: Record<string, string> = {}) => ask(open, { method: 'POST', body: { token: 't' }, headers: { [CONNECTION_HEADER]: address, ...headers } })
  expect((await from('203.0.113.1')).body).toEqual({ token: 't', address: '203.0.113.1' })
  expect((await from('203.0.113.1')).headers.get('cache-control')).toBe('no-store')
  for (const headers of [{ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, { origin: '' }, { 'content-type': 'text/plain' }] as Record<string, string>[]) {
    expect(await from('203.0.113.1', headers)).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } })
  }
  expect(opened).toBe(2)
  expect(await ask(open, { method: 'POST', body: { token: 7, more: 1 } })).toMatchObject({ status: 400 })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => from('203.0.113.2', { 'x-forwarded-for': `198.51.100.${i}` })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(30)
  expect((await from('203.0.113.3')).status).toBe(200)
})

test('a handler of uploads gets the stream of the body as it is', async () => {
  const receive = route({ permission: 'load:create', raw: true }, async ({ request }) => json({ bytes: (await request.arrayBuffer()).byteLength }))
  const { body } = await ask(receive, { as: 'support', method: 'PATCH', body: 'x'.repeat(100_000), headers: { 'content-type': 'application/offset+octet-stream' } })
  expect(body).toEqual({ bytes: 100_002 })
})
