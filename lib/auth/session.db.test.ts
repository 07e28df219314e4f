import { encode } from 'next-auth/jwt'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { SESSION_SECONDS, userOfToken } from './session.ts'
import { sessionToken, signedIn } from './testing.ts'

const { connection } = await testDatabase()

test('a session is the account that the database has now', async () => {
  const { user, token } = await signedIn(connection, 'support')
  expect(await userOfToken(token)).toEqual(user)
})

test('the role comes from the database and not from the token', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  await connection.query("update `user` set role = 'viewer' where id = ?", [user.id])
  expect(await userOfToken(token)).toEqual({ ...user, role: 'viewer' })
})

test('a disabled account is out at once', async () => {
  const { user, token } = await signedIn(connection, 'engineer')
  await connection.query('update `user` set disabledAt = now(3) where id = ?', [user.id])
  expect(await userOfToken(token)).toBeNull()
})

test('sessions end when their version is raised', async () => {
  const { user, token } = await signedIn(connection, 'engineer')
  await connection.query('update `user` set sessionVersion = sessionVersion + 1 where id = ?', [user.id])
  expect(await userOfToken(token)).toBeNull()
  expect(await userOfToken(await sessionToken({ sub: user.id, version: 2 }))).toEqual(user)
})

test('an account with a role that does not exist may do nothing', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  await connection.query("update `user` set role = 'root' where id = ?", [user.id])
  expect(await userOfToken(token)).toBeNull()
})

test('a session ends twelve hours after signing in, however often it was renewed', async () => {
  const { user } = await signedIn(connection, 'support')
  const signedInAt = Math.floor(Date.now() / 1000) - SESSION_SECONDS
  expect(await userOfToken(await sessionToken({ sub: user.id, signedInAt: signedInAt + 60 }))).toEqual(user)
  expect(await userOfToken(await sessionToken({ sub: user.id, signedInAt: signedInAt - 1 }))).toBeNull()
  expect(await userOfToken(await sessionToken({ sub: user.id }, -60))).toBeNull()
})

test('a token that we did not make is nobody', async () => {
  const { user, token } = await signedIn(connection, 'admin')
  const foreign = await encode({ token: { sub: user.id, version: 1, signedInAt: Math.floor(Date.now() / 1000) }, secret: 'another secret of thirty-two characters' })
  for (const value of [undefined, '', 'x', 'a.b.c', foreign, `${token.slice(0, -4)}AAAA`, token.replace('.', '..')]) expect(await userOfToken(value)).toBeNull()
  for (const sub of ['0', '999999999999999', 'x', '1 or 1=1', '-1', '']) expect(await userOfToken(await sessionToken({ sub }))).toBeNull()
})
