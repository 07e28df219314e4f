import 'server-only'
import { recordAudit } from './audit.ts'
import { prisma } from './prisma.ts'

export type SignInUser = { id: string; email: string; passwordHash: string | null; sessionVersion: number; disabled: boolean }

/** The account of an e-mail, for signing in only. */
export async function signInUser(email: string): Promise<SignInUser | undefined> {
  const user = await prisma().user.findUnique({ where: { email } })
  if (!user) return undefined
  const { id, passwordHash, sessionVersion, disabledAt } = user
  return { id: String(id), email: user.email, passwordHash, sessionVersion, disabled: disabledAt !== null }
}

/** Keeps the time of a sign-in. */
export async function noteSignIn(user: SignInUser): Promise<void> {
  await prisma().$transaction(async (tx) => {
    await tx.user.update({ where: { id: BigInt(user.id) }, data: { lastLoginAt: new Date() } })
    await recordAudit(tx, { user, action: 'login', objectType: 'user', objectId: user.id })
  })
}

/** Keeps that somebody failed to sign in to an account. What was typed for an unknown one is not kept. */
export async function noteSignInRefused(user: SignInUser | undefined): Promise<void> {
  if (user) await recordAudit(prisma(), { user: null, action: 'login_refused', objectType: 'user', objectId: user.id })
}

/** Keeps that somebody signed out. */
export async function noteSignOut(userId: string): Promise<void> {
  const user = await prisma().user.findUnique({ where: { id: BigInt(userId) } })
  if (user) await recordAudit(prisma(), { user: { id: userId, email: user.email }, action: 'logout', objectType: 'user', objectId: userId })
}
