import { randomBytes } from 'node:crypto'
import type { Connection } from 'mysql2/promise'
import { createAccount } from './accounts.ts'
import type { Role } from './permissions.ts'
import { sessionToken, type CurrentSession, type CurrentUser } from './session.ts'

process.env.NEXTAUTH_SECRET ??= 'a secret of at least thirty-two characters'

export const testPassword = 'correct horse battery'
let made = 0

/** For tests: an account of that role, limited to a partner if one is given, its session, and the value of its session cookie. */
export async function signedIn(connection: Connection, role: Role, partner: { id: string; slug: string } | null = null): Promise<{ user: CurrentUser; session: CurrentSession; token: string }> {
  const email = `${role}-${process.pid}-${++made}@example.com`
  const { id, name } = await createAccount(connection, { email, name: `A ${role}`, role, partner: partner?.slug, password: testPassword })
  const user = { id, email, name, role, partnerId: partner === null ? null : partner.id }
  return { user, ...(await newSession(connection, user)) }
}

/** For tests: another session of the account. */
export async function newSession(connection: Connection, user: CurrentUser): Promise<{ session: CurrentSession; token: string }> {
  const id = randomBytes(16).toString('base64url')
  await connection.query("insert into session (id, userId, browser, address) values (?, ?, 'Firefox on Linux', '198.51.100.7')", [id, user.id])
  const [[{ version }]] = (await connection.query('select sessionVersion as version from `user` where id = ?', [user.id])) as unknown as [[{ version: number }]]
  return { session: { id, user, mustChangePassword: false, confirmed: true }, token: await sessionToken({ sub: user.id, sid: id, version }) }
}
