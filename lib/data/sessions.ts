import 'server-only'
import { randomBytes } from 'node:crypto'
import { authorize } from '#lib/auth/permissions.ts'
import { IDLE_SECONDS, SESSION_SECONDS, type CurrentSession } from '#lib/auth/session.ts'
import { notFound } from '#lib/errors.ts'
import { accountTransaction } from './account-transaction.ts'
import { recordAudit } from './audit.ts'
import { prisma, type Db } from './prisma.ts'

/** Where somebody signed in from, roughly. */
export type Origin = { browser: string; address: string }
export type OwnSession = Origin & { id: string; createdAt: string; lastSeenAt: string; current: boolean }

/** Adds a session of the account, in the caller's transaction, and gives its id. Those that are over make room. */
export async function openSession(tx: Db, userId: string, { browser, address }: Origin): Promise<string> {
  await tx.$executeRaw`delete from session where userId = ${userId} and lastSeenAt < now(3) - interval ${IDLE_SECONDS} second`
  const id = randomBytes(16).toString('base64url')
  await tx.$executeRaw`insert into session (id, userId, browser, address) values (${id}, ${userId}, ${browser}, ${address})`
  return id
}

/** Ends every session of the account, in the caller's transaction, and gives how many there were. */
export async function endAllSessions(tx: Db, userId: string): Promise<number> {
  await tx.$executeRaw`update user set sessionVersion = sessionVersion + 1 where id = ${userId}`
  return tx.$executeRaw`delete from session where userId = ${userId}`
}

/** One's own sessions that can still be used, the last used first. */
export async function listOwnSessions({ id: currentId, user }: CurrentSession): Promise<OwnSession[]> {
  authorize(user, 'account:own')
  const sessions = await prisma().$queryRaw<(Origin & { id: string; createdAt: Date; lastSeenAt: Date })[]>`
    select id, browser, address, createdAt, lastSeenAt from session
    where userId = ${user.id} and lastSeenAt > now(3) - interval ${IDLE_SECONDS} second and createdAt > now(3) - interval ${SESSION_SECONDS} second
    order by lastSeenAt desc, id limit 100`
  return sessions.map(({ id, browser, address, createdAt, lastSeenAt }) =>
    ({ id, browser, address, createdAt: createdAt.toISOString(), lastSeenAt: lastSeenAt.toISOString(), current: id === currentId }))
}

/** Ends one of one's own sessions. Throws `not_found`. */
export async function endOwnSession({ user }: CurrentSession, id: string): Promise<void> {
  authorize(user, 'account:own')
  await accountTransaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id, userId: BigInt(user.id) } })
    if (count === 0) throw notFound('This session')
    await recordAudit(tx, { user, action: 'session_ended', objectType: 'user', objectId: user.id })
  })
}

/** Ends all of one's own sessions, the present one too. Gives how many there were. */
export async function endOwnSessions({ user }: CurrentSession): Promise<number> {
  authorize(user, 'account:own')
  return accountTransaction(async (tx) => {
    const sessions = await endAllSessions(tx, user.id)
    await recordAudit(tx, { user, action: 'sessions_ended', objectType: 'user', objectId: user.id, detail: { sessions } })
    return sessions
  })
}
