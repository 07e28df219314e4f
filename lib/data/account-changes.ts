import 'server-only'
import { checkLimit, checkedPerson } from '#lib/auth/accounts.ts'
import { authorize, isRole, mayBeLimited } from '#lib/auth/permissions.ts'
import type { CurrentSession, CurrentUser } from '#lib/auth/session.ts'
import { UserError, invalidInput, notAllowed, notFound } from '#lib/errors.ts'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { accountTransaction } from './account-transaction.ts'
import { recordAudit, type AuditAction, type AuditDetail } from './audit.ts'
import { makeLink, type NewLink } from './invitations.ts'
import type { Db } from './prisma.ts'
import { endAllSessions } from './sessions.ts'

type Account = { id: bigint; email: string; role: string; partnerId: bigint | null; disabledAt: Date | null; joined: unknown }

/** Asks for the password again before accounts are changed, unless it was given a moment ago. */
function authorizeChange({ user, confirmed }: CurrentSession): void {
  authorize(user, 'user:manage')
  if (!confirmed) throw new UserError('confirmation_required', 'Give your password again to change accounts.')
}

/** Holds the rows of all active admins. Throws unless this person is one of them still, whenever the request came. */
async function beAdmin(tx: Db, user: CurrentUser): Promise<void> {
  const admins = await tx.$queryRaw<{ id: bigint }[]>`
    select id from user where role = 'admin' and disabledAt is null and passwordHash is not null order by id for update`
  if (!admins.some((admin) => String(admin.id) === user.id)) throw notAllowed('manage accounts')
}

/**
 * Changes an account. Whoever does so holds the rows of all active admins and is one of them, and what would make the own
 * account less is refused: so there is always an admin left. Two who demote each other come one after the other, and the
 * second is no admin any more.
 */
async function changingAccount<T>(session: CurrentSession, id: string, change: (tx: Db, account: Account) => Promise<T>): Promise<T> {
  authorizeChange(session)
  if (!/^\d{1,18}$/.test(id)) throw notFound('This account')
  return accountTransaction(async (tx) => {
    await beAdmin(tx, session.user)
    const [account] = await tx.$queryRaw<Account[]>`
      select id, email, role, partnerId, disabledAt, passwordHash is not null as joined from user where id = ${id} for update`
    if (!account) throw notFound('This account')
    return change(tx, account)
  })
}

function refuseOwn(user: CurrentUser, account: Account, sentence: string): void {
  if (String(account.id) === user.id) throw new UserError('conflict', sentence)
}

const note = (tx: Db, user: CurrentUser, action: AuditAction, id: bigint | string, detail?: AuditDetail) =>
  recordAudit(tx, { user, action, objectType: 'user', objectId: String(id), detail })

/** The slug of the partner that an account is limited to; null when it sees all. Throws `not_found`. */
async function partnerSlug(tx: Db, id: string | bigint | null): Promise<string | null> {
  if (id === null) return null
  const partner = await tx.partner.findUnique({ where: { id: BigInt(id) }, select: { slug: true } })
  if (!partner) throw notFound('This partner')
  return partner.slug
}

export type NewPerson = { email: string; name: string; role: string; /** The one partner to see; null or absent: all. */ partnerId?: string | null }

/** Invites somebody: an account without a password, and a one-time link to choose one by. Throws `conflict` when the e-mail is taken. */
export async function inviteUser(session: CurrentSession, person: NewPerson): Promise<NewLink & { id: string }> {
  authorizeChange(session)
  const { email, name, role } = checkedPerson(person)
  const { partnerId = null } = person
  checkLimit(role, partnerId)
  try {
    return await accountTransaction(async (tx) => {
      await beAdmin(tx, session.user)
      const partner = await partnerSlug(tx, partnerId)
      const { id } = await tx.user.create({ data: { email, name, role, partnerId: partnerId === null ? null : BigInt(partnerId) } })
      const link = await makeLink(tx, id)
      await note(tx, session.user, 'user_invited', id, { email, role, partner })
      return { id: String(id), ...link }
    })
  } catch (cause) {
    const taken = `There is already an account with the e-mail ${email}.`
    const isTaken = cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2002'
    throw isTaken ? new UserError('conflict', taken, { fields: { email: taken } }, { cause }) : cause
  }
}

/** A new one-time link for somebody who is invited or who lost the password. The one before it works no longer. */
export function makePasswordLink(session: CurrentSession, id: string): Promise<NewLink> {
  return changingAccount(session, id, async (tx, account) => {
    refuseOwn(session.user, account, 'Change your own password on the page of your account.')
    if (account.disabledAt) throw new UserError('conflict', 'This account is disabled. Enable it first.')
    const link = await makeLink(tx, account.id)
    await note(tx, session.user, 'password_link_made', account.id)
    return link
  })
}

/** Makes the link that is out worthless. Throws `not_found` when there is none. */
export function revokePasswordLink(session: CurrentSession, id: string): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    const { count } = await tx.invitation.deleteMany({ where: { userId: account.id } })
    if (count === 0) throw new UserError('not_found', 'There is no link to revoke: it was used or revoked meanwhile.')
    await note(tx, session.user, 'password_link_revoked', account.id)
  })
}

/** Takes back an invitation that was never accepted, and its account with it. Throws `conflict` for people who joined. */
export function removeInvited(session: CurrentSession, id: string): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    if (Number(account.joined) === 1) throw new UserError('conflict', 'This person has accepted the invitation, so the account can only be disabled.')
    await tx.invitation.deleteMany({ where: { userId: account.id } })
    await tx.user.delete({ where: { id: account.id } })
    await note(tx, session.user, 'user_removed', account.id, { email: account.email })
  })
}

/** Gives somebody else another role, and ends their sessions. Throws `conflict` for the own account, and for a role that sees all while the account is limited. */
export function changeRole(session: CurrentSession, id: string, role: string): Promise<void> {
  if (!isRole(role)) throw invalidInput(`${JSON.stringify(role)} is not a role.`)
  return changingAccount(session, id, async (tx, account) => {
    if (account.role === role) return
    refuseOwn(session.user, account, 'Nobody can change their own role. Ask another admin.')
    if (account.partnerId !== null && !mayBeLimited(role)) throw new UserError('conflict', 'Engineers and admins see all partners, and this account is limited to one. Let it see all partners first.')
    await tx.user.update({ where: { id: account.id }, data: { role } })
    await endAllSessions(tx, String(account.id))
    await note(tx, session.user, 'role_changed', account.id, { from: account.role, to: role })
  })
}

/**
 * Limits somebody else to one partner, or lets them see all (null). It counts from their next request on, so their sessions go on.
 * Throws `invalid_input` for a role that sees all, `not_found` for a partner that there is not.
 */
export function changePartner(session: CurrentSession, id: string, partnerId: string | null): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    const before = account.partnerId === null ? null : String(account.partnerId)
    if (before === partnerId) return
    checkLimit(account.role, partnerId)
    const [from, to] = [await partnerSlug(tx, before), await partnerSlug(tx, partnerId)]
    await tx.user.update({ where: { id: account.id }, data: { partnerId: partnerId === null ? null : BigInt(partnerId) } })
    await note(tx, session.user, 'partner_limit_changed', account.id, { from: from ?? ALL, to: to ?? ALL })
  })
}

// As the audit trail says it.
const ALL = 'all partners'

/** Closes somebody else's account: ends the sessions, and lets nobody in. Throws `conflict` for the own account. */
export function disableUser(session: CurrentSession, id: string): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    if (account.disabledAt) return
    refuseOwn(session.user, account, 'Nobody can disable their own account. Ask another admin.')
    await tx.$executeRaw`update user set disabledAt = now(3) where id = ${account.id}`
    await tx.invitation.deleteMany({ where: { userId: account.id } })
    const sessions = await endAllSessions(tx, String(account.id))
    await note(tx, session.user, 'user_disabled', account.id, { sessions })
  })
}

/** Opens a closed account again, with its role and its password. */
export function enableUser(session: CurrentSession, id: string): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    if (!account.disabledAt) return
    await tx.user.update({ where: { id: account.id }, data: { disabledAt: null } })
    await note(tx, session.user, 'user_enabled', account.id)
  })
}

/** Signs somebody out everywhere. */
export function endSessionsOf(session: CurrentSession, id: string): Promise<void> {
  return changingAccount(session, id, async (tx, account) => {
    const sessions = await endAllSessions(tx, String(account.id))
    await note(tx, session.user, 'sessions_ended', account.id, { sessions })
  })
}
