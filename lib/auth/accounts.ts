import type { Connection, Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { z } from 'zod'
import { UserError, invalidInput } from '#lib/errors.ts'
import { isGuessable } from './guessable.ts'
import { passwordProblem } from './password-rules.ts'
import { generatePassword, hashPassword } from './password.ts'
import { isRole, mayBeLimited, roles, type Role } from './permissions.ts'

export type NewAccount = {
  email: string
  name: string
  role: string
  /** The slug of the one partner that the account sees; absent: all. */
  partner?: string
  password?: string
  /** The password only serves to choose another one. */
  mustChangePassword?: boolean
}
export type CreatedAccount = { id: string; email: string; name: string; role: Role; password: string; generated: boolean }

const DUPLICATE_KEY = 1062

/**
 * Adds an account; without a password it gets a random one, which is returned and kept nowhere.
 * Throws `invalid_input` for a bad e-mail, name, role or password, a partner that there is not or that the role cannot be
 * limited to, and `conflict` when the e-mail is taken.
 */
export async function createAccount(db: Connection | Pool, account: NewAccount): Promise<CreatedAccount> {
  const { email, name, role } = checkedPerson(account)
  const password = account.password ?? generatePassword()
  checkPassword(password, [email, name])
  const partnerId = account.partner === undefined ? null : await partnerCalled(db, account.partner)
  checkLimit(role, partnerId)
  const passwordHash = await hashPassword(password)
  try {
    const [result] = await db.query<ResultSetHeader>(
      'insert into `user` (email, name, role, partnerId, passwordHash, mustChangePassword) values (?, ?, ?, ?, ?, ?)',
      [email, name, role, partnerId, passwordHash, account.mustChangePassword ?? false])
    return { id: String(result.insertId), email, name, role, password, generated: account.password === undefined }
  } catch (error) {
    if ((error as { errno?: number }).errno === DUPLICATE_KEY) {
      throw new UserError('conflict', `There is already an account with the e-mail ${email}.`, undefined, { cause: error })
    }
    throw error
  }
}

async function partnerCalled(db: Connection | Pool, slug: string): Promise<number> {
  const [[partner]] = await db.query<RowDataPacket[]>('select id from partner where slug = ?', [slug])
  if (!partner) throw wrong('partner', `There is no partner with the id ${JSON.stringify(slug)}.`)
  return partner.id
}

/** Throws `invalid_input` when an account of that role cannot be limited to a partner. */
export function checkLimit(role: string, partnerId: unknown): void {
  if (partnerId !== null && !mayBeLimited(role)) throw wrong('partnerId', LIMITED)
}

/**
 * Gives an account another password, random unless told, and ends its sessions: for whoever lost it. Part of the caller's
 * transaction. Throws `not_found`, and `invalid_input` for a bad password.
 */
export async function replacePassword(
  db: Connection, { email, password: given, mustChangePassword }: { email: string; password?: string; mustChangePassword: boolean },
): Promise<{ id: string; email: string; password: string; generated: boolean }> {
  const [[account]] = await db.query<RowDataPacket[]>('select id, email, name from `user` where email = ?', [email.trim().toLowerCase()])
  if (!account) throw new UserError('not_found', `There is no account with the e-mail ${email.trim()}.`)
  const password = given ?? generatePassword()
  checkPassword(password, [account.email, account.name])
  await db.query(
    'update `user` set passwordHash = ?, mustChangePassword = ?, sessionVersion = sessionVersion + 1 where id = ?',
    [await hashPassword(password), mustChangePassword, account.id])
  for (const table of ['session', 'invitation']) await db.query(`delete from ${table} where userId = ?`, [account.id])
  return { id: String(account.id), email: account.email, password, generated: given === undefined }
}

/** E-mail, name and role as they are kept. Throws `invalid_input`. */
export function checkedPerson({ email, name, role }: { email: string; name: string; role: string }): { email: string; name: string; role: Role } {
  const address = email.trim().toLowerCase()
  if (address.length > 254 || !z.email().safeParse(address).success) throw wrong('email', `${JSON.stringify(email)} is not an e-mail address.`)
  const called = name.trim()
  if (called.length < 1 || called.length > 200) throw wrong('name', 'The name must have 1 to 200 characters.')
  if (!isRole(role)) throw invalidInput(`${JSON.stringify(role)} is not a role. Choose one of ${roles.join(', ')}.`)
  return { email: address, name: called, role }
}

/**
 * Throws `invalid_input` for a password that is too short or too long, that repeats itself, is a row of keys, the person's
 * own name or e-mail, or easily guessed.
 */
export function checkPassword(password: string, personal: readonly string[] = []): void {
  const problem = passwordProblem(password, personal)?.message ?? (isGuessable(password, personal) ? GUESSABLE : null)
  if (problem) throw wrong('newPassword', problem)
}

const wrong = (field: string, message: string) => invalidInput(message, { fields: { [field]: message } })

const LIMITED = 'Engineers and admins see all partners. Only viewers and support can be limited to one.'
const GUESSABLE = 'The password is one of the first that would be guessed. Take a few words that have nothing to do with each other.'
