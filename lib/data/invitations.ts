import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { checkPassword } from '#lib/auth/accounts.ts'
import { hashPassword } from '#lib/auth/password.ts'
import { isRole, type Role } from '#lib/auth/permissions.ts'
import { UserError } from '#lib/errors.ts'
import { accountTransaction } from './account-transaction.ts'
import { recordAudit } from './audit.ts'
import { prisma, type Db } from './prisma.ts'
import { endAllSessions } from './sessions.ts'

export const LINK_HOURS = 72

/** The token is shown once and kept nowhere; the page puts it behind the # of a link, which browsers send to nobody. */
export type NewLink = { token: string; expiresAt: string }
/** Whom a link is for. `joining`: the person has no password yet. */
export type OpenedLink = { email: string; name: string; role: Role; joining: boolean; expiresAt: string }

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const SPENT = 'This link does not work: it was used or replaced, or it is older than three days. Ask an admin of Onramp for a new one.'
const spent = () => new UserError('not_found', SPENT)

/** Makes the one link of an account, in the caller's transaction; an earlier one is worthless from now on. */
export async function makeLink(tx: Db, userId: bigint): Promise<NewLink> {
  const token = randomBytes(32).toString('base64url')
  await tx.invitation.deleteMany({ where: { userId } })
  await tx.$executeRaw`insert into invitation (userId, tokenHash, expiresAt) values (${userId}, ${hashOf(token)}, now(3) + interval ${LINK_HOURS} hour)`
  const { expiresAt } = await tx.invitation.findUniqueOrThrow({ where: { userId } })
  return { token, expiresAt: expiresAt.toISOString() }
}

type Found = { id: bigint; userId: bigint; email: string; name: string; role: string; joining: unknown; expiresAt: Date }

async function find(token: string): Promise<Found & { role: Role }> {
  const [found] = await prisma().$queryRaw<Found[]>`
    select i.id, i.userId, u.email, u.name, u.role, u.passwordHash is null as joining, i.expiresAt from invitation i join user u on u.id = i.userId
    where i.tokenHash = ${hashOf(token)} and i.expiresAt > now(3) and u.disabledAt is null`
  if (!found || !isRole(found.role)) throw spent()
  return { ...found, role: found.role }
}

/** Whom the link is for. Opening it does not use it up: programs that look at links ahead of people would. Throws `not_found`. */
export async function openLink(token: string): Promise<OpenedLink> {
  const { email, name, role, joining, expiresAt } = await find(token)
  return { email, name, role, joining: Number(joining) === 1, expiresAt: expiresAt.toISOString() }
}

/** Sets the password that the person chose and uses the link up; sessions from before end. Gives the e-mail to sign in with. */
export async function acceptLink(token: string, password: string): Promise<{ email: string }> {
  const { id, userId, email, name, joining } = await find(token)
  checkPassword(password, [email, name])
  const passwordHash = await hashPassword(password)
  return accountTransaction(async (tx) => {
    // Of several who use the link at once, the one whose delete finds it has it.
    const used = await tx.$executeRaw`delete from invitation where id = ${id} and tokenHash = ${hashOf(token)} and expiresAt > now(3)`
    const changed = used === 1 && await tx.user.updateMany({ where: { id: userId, disabledAt: null }, data: { passwordHash, mustChangePassword: false } })
    if (!changed || changed.count === 0) throw spent()
    await endAllSessions(tx, String(userId))
    const user = { id: String(userId), email }
    const action = Number(joining) === 1 ? 'user_joined' : 'password_changed'
    await recordAudit(tx, { user, action, objectType: 'user', objectId: user.id, detail: { by: 'link' } })
    return { email }
  })
}
