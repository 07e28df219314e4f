import type { ResultSetHeader } from 'mysql2/promise'
import { encode } from 'next-auth/jwt'
import { expect, test } from 'vitest'
import { endOwnSession, endOwnSessions, listOwnSessions } from '#lib/data/sessions.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { CONFIRMED_SECONDS, IDLE_SECONDS, SESSION_SECONDS, sessionOfToken, sessionToken, usedSession, userOfToken } from './session.ts'
import { newSession, signedIn } from './testing.ts'

const { connection } = await testDatabase()

/** Lets time pass for a session. */
const past = (id: string, column: 'createdAt' | 'lastSeenAt' | 'confirmedAt', seconds: number) =>
  connection.query(`update session set ${column} = now(3) - interval ? second where id = ?`, [seconds, id])

test('a session is the account that the database has now', async () => {
  const { session, user, token } = await signedIn(connection, 'support')
  expect(await sessionOfToken(token)).toEqual(session)
  expect(await userOfToken(token)).toEqual(user)
})

test('the role comes from the database and not from the token', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  await connection.query("update `user` set role = 'viewer' where id = ?", [user.id])
  expect(await userOfToken(token)).toEqual({ ...user, role: 'viewer' })
})

test('the partner that somebody is limited to comes from the database with each request', async () => {
  const { user, token } = await signedIn(connection, 'viewer')
  expect(user.partnerId).toBeNull()
  const partners = await Promise.all(['one', 'two'].map(async (slug) => {
    const [made] = await connection.query<ResultSetHeader>('insert into partner (slug, name) values (?, ?)', [`${slug}-${user.id}-${Date.now()}`, slug])
    return String(made.insertId)
  }))
  for (const partnerId of [...partners, null]) {
    await connection.query('update `user` set partnerId = ? where id = ?', [partnerId, user.id])
    expect(await userOfToken(token)).toEqual({ ...user, partnerId })
  }
})

test('a disabled account is out at once', async () => {
  const { user, token } = await signedIn(connection, 'engineer')
  await connection.query('update `user` set disabledAt = now(3) where id = ?', [user.id])
  expect(await userOfToken(token)).toBeNull()
})

test('sessions end when their version is raised', async () => {
  const { user, session, token } = await signedIn(connection, 'engineer')
  await connection.query('update `user` set sessionVersion = sessionVersion + 1 where id = ?', [user.id])
  expect(await userOfToken(token)).toBeNull()
  expect(await userOfToken(await sessionToken({ sub: user.id, sid: session.id, version: 2 }))).toEqual(user)
})

test('an account with a role that does not exist may do nothing', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  await connection.query("update `user` set role = 'root' where id = ?", [user.id])
  expect(await userOfToken(token)).toBeNull()
})

test('a session ends twelve hours after signing in, however busy it is', async () => {
  const { session, token } = await signedIn(connection, 'support')
  await past(session.id, 'createdAt', SESSION_SECONDS - 60)
  expect(await usedSession(token)).not.toBeNull()
  await past(session.id, 'createdAt', SESSION_SECONDS + 1)
  expect(await usedSession(token)).toBeNull()
})

test('a session ends after thirty minutes without use, and each use begins them anew', async () => {
  const { session, token } = await signedIn(connection, 'support')
  await past(session.id, 'lastSeenAt', IDLE_SECONDS - 60)
  expect(await usedSession(token)).not.toBeNull()
  const [[{ ago }]] = (await connection.query('select timestampdiff(second, lastSeenAt, now(3)) as ago from session where id = ?', [session.id])) as unknown as [[{ ago: number }]]
  expect(ago).toBeLessThan(60)
  await past(session.id, 'lastSeenAt', IDLE_SECONDS + 1)
  expect(await usedSession(token)).toBeNull()
  expect(await listOwnSessions(session)).toEqual([])
})

test('a page that only looks again by itself does not keep a session alive', async () => {
  const { session, token } = await signedIn(connection, 'support')
  await past(session.id, 'lastSeenAt', IDLE_SECONDS - 5)
  expect(await sessionOfToken(token)).not.toBeNull()
  const [[{ ago }]] = (await connection.query('select timestampdiff(second, lastSeenAt, now(3)) as ago from session where id = ?', [session.id])) as unknown as [[{ ago: number }]]
  expect(ago).toBeGreaterThanOrEqual(IDLE_SECONDS - 5)
})

test('the password has to be given again after ten minutes', async () => {
  const { session, token } = await signedIn(connection, 'admin')
  await past(session.id, 'confirmedAt', CONFIRMED_SECONDS - 30)
  expect(await sessionOfToken(token)).toMatchObject({ confirmed: true })
  await past(session.id, 'confirmedAt', CONFIRMED_SECONDS + 1)
  expect(await sessionOfToken(token)).toMatchObject({ confirmed: false })
})

test('whoever has to change the password first has a session, and is nobody to everything else', async () => {
  const { user, token } = await signedIn(connection, 'support')
  await connection.query('update `user` set mustChangePassword = true where id = ?', [user.id])
  expect(await sessionOfToken(token)).toMatchObject({ user, mustChangePassword: true })
  expect(await userOfToken(token)).toBeNull()
})

test('a token that we did not make is nobody', async () => {
  const { user, session, token } = await signedIn(connection, 'admin')
  const { session: other } = await signedIn(connection, 'admin')
  const claims = { sub: user.id, sid: session.id, version: 1 }
  const foreign = await encode({ token: claims, secret: 'another secret of thirty-two characters' })
  for (const value of [undefined, '', 'x', 'a.b.c', foreign, `${token.slice(0, -4)}AAAA`, token.replace('.', '..'), await sessionToken(claims, -60)]) {
    expect(await userOfToken(value)).toBeNull()
  }
  for (const sub of ['0', '999999999999999', 'x', '1 or 1=1', '-1', '']) expect(await userOfToken(await sessionToken({ ...claims, sub }))).toBeNull()
  for (const sid of ['', 'x', other.id, session.id.toUpperCase(), `${session.id}x`]) expect(await userOfToken(await sessionToken({ ...claims, sid }))).toBeNull()
})

test('people see their own sessions, and end one or all of them', async () => {
  const { user, session, token } = await signedIn(connection, 'viewer')
  const second = await newSession(connection, user)
  const { session: strange, token: strangeToken } = await signedIn(connection, 'viewer')
  await past(second.session.id, 'lastSeenAt', 120)
  expect(await listOwnSessions(session)).toMatchObject([
    { id: session.id, current: true, browser: 'Firefox on Linux', address: '198.51.100.7' }, { id: second.session.id, current: false },
  ])
  await expect(endOwnSession(session, strange.id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await userOfToken(strangeToken)).not.toBeNull()

  await endOwnSession(session, second.session.id)
  expect(await userOfToken(second.token)).toBeNull()
  expect(await userOfToken(token)).toEqual(user)

  const third = await newSession(connection, user)
  expect(await endOwnSessions(session)).toBe(2)
  for (const ended of [token, third.token]) expect(await userOfToken(ended)).toBeNull()
  const [audited] = await connection.query('select action, detail from audit_event where userId = ? order by id', [user.id])
  expect(audited).toMatchObject([{ action: 'session_ended' }, { action: 'sessions_ended' }])
})
