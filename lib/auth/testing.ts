import type { Connection } from 'mysql2/promise'
import { encode } from 'next-auth/jwt'
import { createAccount } from './accounts.ts'
import type { Role } from './permissions.ts'
import type { CurrentUser } from './session.ts'

let made = 0

/** For tests: an account of that role, and the value of its session cookie. */
export async function signedIn(connection: Connection, role: Role): Promise<{ user: CurrentUser; token: string }> {
  const email = `${role}-${process.pid}-${++made}@example.com`
  const { id, name } = await createAccount(connection, { email, name: `A ${role}`, role, password: 'correct horse battery' })
  return { user: { id, email, name, role }, token: await sessionToken({ sub: id }) }
}

/** For tests: the value of a session cookie with these claims. */
export async function sessionToken(claims: { sub: string; version?: number; signedInAt?: number }, maxAge = 3600): Promise<string> {
  process.env.NEXTAUTH_SECRET ??= 'a secret of at least thirty-two characters'
  const { sub, version = 1, signedInAt = Math.floor(Date.now() / 1000) } = claims
  return encode({ token: { sub, version, signedInAt }, secret: process.env.NEXTAUTH_SECRET, maxAge })
}
