import 'server-only'
import { decode, encode, type JWT } from 'next-auth/jwt'
import { cookies, headers } from 'next/headers'
import { forbidden, redirect } from 'next/navigation'
import { cache } from 'react'
import { prisma } from '#lib/data/prisma.ts'
import { sessionCookie } from './cookie.ts'
import { can, isRole, type Permission, type Role } from './permissions.ts'

export type CurrentUser = {
  id: string; email: string; name: string; role: Role
  /** The one partner that the person looks after and sees; null sees all. */
  partnerId: string | null
}

export type CurrentSession = {
  id: string
  user: CurrentUser
  /** The person signed in with a password that somebody else gave. Until it is replaced nothing else is open. */
  mustChangePassword: boolean
  /** The person gave the password a moment ago: what matters may be changed without asking for it again. */
  confirmed: boolean
}

/** A session ends this long after signing in, however busy it is. */
export const SESSION_SECONDS = 12 * 60 * 60
/** A session ends when nobody has used it for so long. */
export const IDLE_SECONDS = 30 * 60
/** For so long after giving the password it is not asked for again. */
export const CONFIRMED_SECONDS = 10 * 60
// Noting every request would be a write per request.
const NOTED_EVERY_SECONDS = 60

/** Who is asking, in which session, or null. Read once per request; always against the database, never from the token alone. */
export const currentSession = cache(async (): Promise<CurrentSession | null> => usedSession((await cookies()).get(sessionCookie())?.value))

/** Who is asking, or null. */
export const currentUser = async (): Promise<CurrentUser | null> => (await currentSession())?.user ?? null

/** For pages: who is asking. Sends visitors to the login page, and shows the "not allowed" page without the permission. */
export async function requireUser(permission?: Permission): Promise<CurrentUser> {
  const { user, mustChangePassword } = await requireSession()
  if (mustChangePassword) redirect(await withWayBack('/password'))
  if (permission && !can(user, permission)) forbidden()
  return user
}

/** For the pages of one's own account: also for somebody whose password has to be changed first. */
export async function requireSession(): Promise<CurrentSession> {
  return (await currentSession()) ?? redirect(await withWayBack('/login'))
}

async function withWayBack(page: string): Promise<string> {
  const path = (await headers()).get('x-onramp-path')
  return path && path !== '/' ? `${page}?next=${encodeURIComponent(path)}` : page
}

/** The account behind a session cookie's value, or null. Does not count as use of the session. */
export async function userOfToken(token: string | undefined): Promise<CurrentUser | null> {
  const session = await sessionOfToken(token)
  return session && !session.mustChangePassword ? session.user : null
}

/** The session behind a session cookie's value, or null. Does not count as use of the session. */
export async function sessionOfToken(token: string | undefined): Promise<CurrentSession | null> {
  return (await find(await claimsOf(token)))?.session ?? null
}

/** The session behind a session cookie's value, or null; and keeps that it was used just now. */
export async function usedSession(token: string | undefined): Promise<CurrentSession | null> {
  const found = await find(await claimsOf(token))
  if (found?.seenLongAgo) await prisma().$executeRaw`update session set lastSeenAt = now(3) where id = ${found.session.id}`
  return found?.session ?? null
}

/** The session named by a token's claims, or null. */
export async function sessionOfClaims(claims: JWT): Promise<CurrentSession | null> {
  return (await find(claims))?.session ?? null
}

async function claimsOf(token: string | undefined): Promise<JWT | null> {
  // A damaged, foreign or expired token is nobody's; there is nothing to tell about it.
  return token ? decode({ token, secret: secret() }).catch(() => null) : null
}

type Row = { email: string; name: string; role: string; partnerId: bigint | null; mustChangePassword: unknown; confirmed: unknown; seenLongAgo: unknown }

/**
 * A session as the database knows it now, by the database's clock: none when it was ended, is too old or was not used for
 * too long, and when the account was disabled or all its sessions were ended (sessionVersion).
 */
async function find(claims: JWT | null): Promise<{ session: CurrentSession; seenLongAgo: boolean } | null> {
  const { sub, sid, version } = claims ?? {}
  if (!sub || !/^\d{1,18}$/.test(sub) || typeof sid !== 'string' || typeof version !== 'number') return null
  const [row] = await prisma().$queryRaw<Row[]>`
    select u.email, u.name, u.role, u.partnerId, u.mustChangePassword, s.confirmedAt > now(3) - interval ${CONFIRMED_SECONDS} second as confirmed,
      s.lastSeenAt < now(3) - interval ${NOTED_EVERY_SECONDS} second as seenLongAgo
    from session s join user u on u.id = s.userId
    where s.id = ${sid} and u.id = ${sub} and u.sessionVersion = ${version} and u.disabledAt is null
      and s.createdAt > now(3) - interval ${SESSION_SECONDS} second and s.lastSeenAt > now(3) - interval ${IDLE_SECONDS} second`
  if (!row || !isRole(row.role)) return null
  const user = { id: sub, email: row.email, name: row.name, role: row.role, partnerId: row.partnerId === null ? null : String(row.partnerId) }
  const session = { id: sid, user, mustChangePassword: isTrue(row.mustChangePassword), confirmed: isTrue(row.confirmed) }
  return { session, seenLongAgo: isTrue(row.seenLongAgo) }
}

// Comparisons come back as 0 or 1, as a number or a BigInt.
const isTrue = (value: unknown) => Number(value) === 1

/** What a session cookie's token says; everything else is looked up by it. */
export type SessionClaims = { sub: string; sid: string; version: number }

/** The value of the session cookie. */
export function sessionToken({ sub, sid, version }: SessionClaims, maxAge = SESSION_SECONDS): Promise<string> {
  return encode({ token: { sub, sid, version }, secret: secret(), maxAge })
}

function secret(): string {
  const set = process.env.NEXTAUTH_SECRET
  if (!set) throw new Error('NEXTAUTH_SECRET is not set.')
  return set
}
