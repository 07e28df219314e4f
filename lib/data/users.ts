import 'server-only'
import { authorize, isRole, type Role } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { accountTransaction } from './account-transaction.ts'
import { recordAudit } from './audit.ts'
import { prisma } from './prisma.ts'
import { openSession, type Origin } from './sessions.ts'

export type SignInUser = { id: string; email: string; passwordHash: string | null; sessionVersion: number; disabled: boolean }

/** The account of an e-mail, for signing in only. */
export async function signInUser(email: string): Promise<SignInUser | undefined> {
  const user = await prisma().user.findUnique({ where: { email } })
  // The column takes é for e. Limits count what was typed, so each account must have one spelling only.
  if (user?.email !== email) return undefined
  const { id, passwordHash, sessionVersion, disabledAt } = user
  return { id: String(id), email: user.email, passwordHash, sessionVersion, disabled: disabledAt !== null }
}

/** Opens a session for somebody who gave the right password, and gives its id. */
export async function noteSignIn(user: SignInUser, origin: Origin): Promise<string> {
  return accountTransaction(async (tx) => {
    await tx.user.update({ where: { id: BigInt(user.id) }, data: { lastLoginAt: new Date() } })
    const session = await openSession(tx, user.id, origin)
    await recordAudit(tx, { user, action: 'login', objectType: 'user', objectId: user.id })
    return session
  })
}

/**
 * Keeps that somebody failed to sign in. What was typed for an account that does not exist is not kept, but something is:
 * otherwise the answer for an unknown account would come sooner than for a known one.
 */
export async function noteSignInRefused(user: Pick<SignInUser, 'id'> | undefined): Promise<void> {
  await recordAudit(prisma(), { user: null, action: 'login_refused', objectType: 'user', objectId: user?.id ?? 'unknown' })
}

/** Ends a session by the wish of its owner. */
export async function noteSignOut(userId: string, sessionId: string): Promise<void> {
  await accountTransaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id: sessionId, userId: BigInt(userId) } })
    if (count === 0) return
    const { email } = await tx.user.findUniqueOrThrow({ where: { id: BigInt(userId) } })
    await recordAudit(tx, { user: { id: userId, email }, action: 'logout', objectType: 'user', objectId: userId })
  })
}

export type UserState = 'active' | 'invited' | 'disabled'
export type UserRow = {
  id: string
  name: string
  email: string
  role: Role
  /** The one partner that the account sees; null sees all. */
  partner: { id: string; name: string } | null
  state: UserState
  /** The one-time link that is out: until when it works, or that it no longer does. */
  link: { expiresAt: string; expired: boolean } | null
  mustChangePassword: boolean
  lastLoginAt: string | null
  createdAt: string
}

// An internal tool has dozens. Beyond this many the page says that it does not show all.
const MOST_USERS = 2_000

/** Everybody who has an account or is invited, by name, and how many there are. */
export async function listUsers(user: CurrentUser): Promise<{ rows: UserRow[]; total: number }> {
  authorize(user, 'user:manage')
  const [users, total] = await Promise.all([
    prisma().user.findMany({ include: { invitation: true, partner: { select: { id: true, name: true } } }, orderBy: [{ name: 'asc' }, { id: 'asc' }], take: MOST_USERS }),
    prisma().user.count(),
  ])
  const now = Date.now()
  const rows = users.flatMap(({ id, name, email, role, partner, passwordHash, disabledAt, invitation, mustChangePassword, lastLoginAt, createdAt }) =>
    !isRole(role) ? [] : [{
      id: String(id), name, email, role, partner: partner && { id: String(partner.id), name: partner.name }, state: disabledAt ? 'disabled' as const : passwordHash === null ? 'invited' as const : 'active' as const,
      link: invitation && { expiresAt: invitation.expiresAt.toISOString(), expired: invitation.expiresAt.getTime() <= now },
      mustChangePassword, lastLoginAt: lastLoginAt?.toISOString() ?? null, createdAt: createdAt.toISOString(),
    }])
  return { rows, total }
}

export type PartnerChoice = { id: string; slug: string; name: string }

/** Every partner that an account can be limited to, by name. */
export async function partnerChoices(user: CurrentUser): Promise<PartnerChoice[]> {
  authorize(user, 'user:manage')
  const partners = await prisma().partner.findMany({ select: { id: true, slug: true, name: true }, orderBy: [{ name: 'asc' }, { id: 'asc' }] })
  return partners.map(({ id, slug, name }) => ({ id: String(id), slug, name }))
}
