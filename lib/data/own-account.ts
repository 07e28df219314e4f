import 'server-only'
import { checkPassword } from '#lib/auth/accounts.ts'
import { forgetUnconfirmed, mayConfirm } from '#lib/auth/login-limits.ts'
import { hashPassword, verifyPassword } from '#lib/auth/password.ts'
import { authorize } from '#lib/auth/permissions.ts'
import { sessionToken, type CurrentSession } from '#lib/auth/session.ts'
import { UserError, invalidInput } from '#lib/errors.ts'
import { accountTransaction } from './account-transaction.ts'
import { recordAudit } from './audit.ts'
import { prisma } from './prisma.ts'
import { endAllSessions, openSession, type Origin } from './sessions.ts'
import { noteSignInRefused } from './users.ts'

/** Checks the password of the person whose session it is, a few times at most. Gives its hash. Throws `invalid_input`, `too_many_requests`. */
async function checkOwnPassword({ id, user }: CurrentSession, password: string): Promise<string> {
  if (!(await mayConfirm(id))) throw new UserError('too_many_requests', 'The password was wrong too often. Wait 15 minutes, or sign out and in again.')
  const { passwordHash } = await prisma().user.findUniqueOrThrow({ where: { id: BigInt(user.id) }, select: { passwordHash: true } })
  if (!(await verifyPassword(passwordHash, password))) {
    await noteSignInRefused(user)
    const message = 'This is not your password.'
    throw invalidInput(message, { fields: { currentPassword: message } })
  }
  await forgetUnconfirmed(id)
  return passwordHash!
}

/** Notes that the person gave the password just now, so that for ten minutes accounts can be changed in this session. */
export async function confirmIdentity(session: CurrentSession, password: string): Promise<void> {
  authorize(session.user, 'account:own')
  await checkOwnPassword(session, password)
  await prisma().$executeRaw`update session set confirmedAt = now(3) where id = ${session.id}`
}

/** Changes one's own password. Ends all sessions, a stolen copy of this one too, and gives the cookie of the one that goes on here. */
export async function changePassword(session: CurrentSession, current: string, next: string, origin: Origin): Promise<{ token: string; ended: number }> {
  authorize(session.user, 'account:own')
  const { user } = session
  const before = await checkOwnPassword(session, current)
  checkPassword(next, [user.email, user.name])
  if (await verifyPassword(before, next)) {
    const message = 'The new password must be another one.'
    throw invalidInput(message, { fields: { newPassword: message } })
  }
  const passwordHash = await hashPassword(next)
  const { sid, version, ended } = await accountTransaction(async (tx) => {
    const unchanged = { id: BigInt(user.id), passwordHash: before, disabledAt: null }
    const { count } = await tx.user.updateMany({ where: unchanged, data: { passwordHash, mustChangePassword: false } })
    if (count === 0) throw new UserError('conflict', 'The password was changed elsewhere meanwhile. Sign in with the new one.')
    const ended = await endAllSessions(tx, user.id)
    const { sessionVersion } = await tx.user.findUniqueOrThrow({ where: { id: BigInt(user.id) }, select: { sessionVersion: true } })
    const opened = await openSession(tx, user.id, origin)
    await recordAudit(tx, { user, action: 'password_changed', objectType: 'user', objectId: user.id, detail: { by: 'person', sessions: ended } })
    return { sid: opened, version: sessionVersion, ended }
  })
  return { token: await sessionToken({ sub: user.id, sid, version }), ended: Math.max(0, ended - 1) }
}
