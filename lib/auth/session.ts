import 'server-only'
import { decode, type JWT } from 'next-auth/jwt'
import { cookies, headers } from 'next/headers'
import { forbidden, redirect } from 'next/navigation'
import { cache } from 'react'
import { prisma } from '#lib/data/prisma.ts'
import { sessionCookie } from './cookie.ts'
import { can, isRole, type Permission, type Role } from './permissions.ts'

export type CurrentUser = { id: string; email: string; name: string; role: Role }

/** A session ends this long after signing in, however busy it is. */
export const SESSION_SECONDS = 12 * 60 * 60

/** Who is asking, or null. Read once per request; always against the database, never from the token alone. */
export const currentUser = cache(async (): Promise<CurrentUser | null> => userOfToken((await cookies()).get(sessionCookie())?.value))

/** For pages: who is asking. Sends visitors to the login page, and shows the "not allowed" page without the permission. */
export async function requireUser(permission?: Permission): Promise<CurrentUser> {
  const user = await currentUser()
  if (!user) redirect(loginPath((await headers()).get('x-onramp-path')))
  if (permission && !can(user, permission)) forbidden()
  return user
}

function loginPath(path: string | null): string {
  return path && path !== '/' ? `/login?next=${encodeURIComponent(path)}` : '/login'
}

/** The account behind a session cookie's value, or null. */
export async function userOfToken(token: string | undefined): Promise<CurrentUser | null> {
  if (!token) return null
  const secret = process.env.NEXTAUTH_SECRET
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set.')
  // A damaged, foreign or expired token is nobody's; there is nothing to tell about it.
  const claims = await decode({ token, secret }).catch(() => null)
  return claims ? userOfClaims(claims) : null
}

/**
 * The account named by a token's claims, as the database knows it now; null when it was disabled, when its sessions were
 * ended since (sessionVersion), or when the sign-in is too long ago.
 */
export async function userOfClaims(claims: JWT): Promise<CurrentUser | null> {
  const { sub, version, signedInAt } = claims
  if (!sub || !/^\d{1,18}$/.test(sub) || typeof signedInAt !== 'number') return null
  if (Date.now() / 1000 - signedInAt > SESSION_SECONDS) return null
  const user = await prisma().user.findUnique({ where: { id: BigInt(sub) } })
  if (!user || user.disabledAt || user.sessionVersion !== version || !isRole(user.role)) return null
  return { id: sub, email: user.email, name: user.name, role: user.role }
}
