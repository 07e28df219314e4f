import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultSetHeader } from 'mysql2/promise'
import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { GET as follow } from '../../app/api/v1/loads/[id]/events/route.ts'
import { GET as look } from '../../app/api/v1/loads/[id]/route.ts'
import { POST as password } from '../../app/api/v1/account/password/route.ts'
import { DELETE as signOutEverywhere, GET as sessions } from '../../app/api/v1/sessions/route.ts'
import { sessionCookie } from '#lib/auth/cookie.ts'
import type { CurrentSession } from '#lib/auth/session.ts'
import { newSession, signedIn, testPassword } from '#lib/auth/testing.ts'
import { changeRole, disableUser, endSessionsOf, makePasswordLink } from '#lib/data/account-changes.ts'
import { acceptLink } from '#lib/data/invitations.ts'
import { endOwnSession } from '#lib/data/sessions.ts'
import { noteSignOut } from '#lib/data/users.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { BACKGROUND_HEADER } from './background.ts'
import type { RouteHandler } from './route.ts'

const { connection } = await testDatabase()
const insert = async (statement: string, values: unknown[]) => (await connection.query<ResultSetHeader>(statement, values))[0].insertId
const { session: admin } = await signedIn(connection, 'admin')

// A load that nobody runs: whoever follows it does so until told otherwise.
const partner = await insert('insert into partner (slug, name) values (?, ?)', [randomUUID(), 'Garage Nine'])
const shop = await insert("insert into shop (partnerId, slug, name, timeZone) values (?, '0112', 'Elm Street Auto', 'UTC')", [partner])
const load = await insert("insert into `load` (shopId, slug, status) values (?, '2026-01-01_nine', 'queued')", [shop])

const ask = (handler: RouteHandler, token: string, { method = 'GET', body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) =>
  handler(new NextRequest('http://onramp.test/api/v1/things', {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { host: 'onramp.test', origin: 'http://onramp.test', 'content-type': 'application/json', cookie: `${sessionCookie()}=${token}`, ...headers },
  }), { params: Promise.resolve({ id: String(load) }) })

/** What the stream says until it ends, and after how long. */
async function untilTheEnd(answer: Response, since: () => number): Promise<{ text: string; afterMs: number }> {
  let text = ''
  for await (const chunk of answer.body!) text += new TextDecoder().decode(chunk)
  return { text, afterMs: Date.now() - since() }
}

type Person = { session: CurrentSession; token: string }
const next = 'velvet tractor sings at noon'
const ways: [string, (person: Person) => Promise<unknown>][] = [
  ['being disabled', ({ session }) => disableUser(admin, session.user.id)],
  ['another role', ({ session }) => changeRole(admin, session.user.id, 'viewer')],
  ['a new password', ({ token }) => ask(password, token, { method: 'POST', body: { currentPassword: testPassword, newPassword: next } })],
  ['a new password elsewhere', async ({ session }) => ask(password, (await newSession(connection, session.user)).token, { method: 'POST', body: { currentPassword: testPassword, newPassword: next } })],
  ['a new password by a link', async ({ session }) => acceptLink((await makePasswordLink(admin, session.user.id)).token, next)],
  ['signing out everywhere', ({ token }) => ask(signOutEverywhere, token, { method: 'DELETE' })],
  ['being signed out by an admin', ({ session }) => endSessionsOf(admin, session.user.id)],
  ['ending the session from another one', async ({ session }) => endOwnSession((await newSession(connection, session.user)).session, session.id)],
  ['signing out', ({ session }) => noteSignOut(session.user.id, session.id)],
  ['half an hour without use', ({ session }) => connection.query('update session set lastSeenAt = now(3) - interval 31 minute where id = ?', [session.id])],
  ['twelve hours', ({ session }) => connection.query('update session set createdAt = now(3) - interval 12 hour where id = ?', [session.id])],
]

test('whatever ends a session, the next request is refused and an open stream of events ends within five seconds', async () => {
  await Promise.all(ways.map(async ([way, end]) => {
    const person = await signedIn(connection, 'support')
    const stream = await ask(follow, person.token)
    expect([stream.status, (await ask(look, person.token)).status], way).toEqual([200, 200])
    let endedAt = 0
    const following = untilTheEnd(stream, () => endedAt)
    await end(person)
    endedAt = Date.now()
    for (const handler of [look, follow, sessions]) expect((await ask(handler, person.token)).status, way).toBe(401)
    const { text, afterMs } = await following
    expect(text, way).toContain('event: signed_out')
    expect(afterMs, way).toBeLessThan(5_000)
  }))
})

test('a changed password gives this browser a cookie that works, signing out everywhere takes it away', async () => {
  const { token } = await signedIn(connection, 'support')
  const changed = await ask(password, token, { method: 'POST', body: { currentPassword: testPassword, newPassword: next } })
  const [, renewed] = /^onramp\.session=([^;]+); Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/.exec(changed.headers.get('set-cookie')!)!
  expect((await ask(look, renewed!)).status).toBe(200)
  const out = await ask(signOutEverywhere, renewed!, { method: 'DELETE' })
  expect(out.headers.get('set-cookie')).toMatch(/^onramp\.session=; Path=\/; Max-Age=0;/)
  expect((await ask(look, renewed!)).status).toBe(401)
})

test('whoever has to change the password first may do that, and nothing else', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  await connection.query('update `user` set mustChangePassword = true where id = ?', [user.id])
  for (const handler of [look, follow, sessions]) {
    const answer = await ask(handler, token)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: { code: 'password_change_required' } })
  }
  expect((await ask(password, token, { method: 'POST', body: { currentPassword: testPassword, newPassword: next } })).status).toBe(200)
})

test('requests keep a session alive, those that a page makes by itself do not', async () => {
  const { session, token } = await signedIn(connection, 'support')
  const seen = async () => ((await connection.query('select timestampdiff(second, lastSeenAt, now(3)) as ago from session where id = ?', [session.id]))[0] as [{ ago: number }])[0].ago
  await connection.query('update session set lastSeenAt = now(3) - interval 20 minute where id = ?', [session.id])
  expect((await ask(look, token, { headers: { [BACKGROUND_HEADER]: '1' } })).status).toBe(200)
  const stream = await ask(follow, token)
  await sleep(50)
  await stream.body!.cancel()
  expect(await seen()).toBeGreaterThanOrEqual(1_200)
  await ask(look, token)
  expect(await seen()).toBeLessThan(60)
})
