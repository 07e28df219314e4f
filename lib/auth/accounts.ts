import type { Connection, Pool, ResultSetHeader } from 'mysql2/promise'
import { z } from 'zod'
import { UserError, invalidInput } from '#lib/errors.ts'
import { generatePassword, hashPassword, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password.ts'
import { isRole, roles, type Role } from './permissions.ts'

export type NewAccount = { email: string; name: string; role: string; password?: string }
export type CreatedAccount = { id: string; email: string; name: string; role: Role; password: string; generated: boolean }

const DUPLICATE_KEY = 1062

/**
 * Adds an account; without a password it gets a random one, which is returned and kept nowhere.
 * Throws `invalid_input` for a bad e-mail, name, role or password, and `conflict` when the e-mail is taken.
 */
export async function createAccount(db: Connection | Pool, account: NewAccount): Promise<CreatedAccount> {
  const { email, name, role } = checked(account)
  const password = account.password ?? generatePassword()
  checkPassword(password, [email, name])
  const passwordHash = await hashPassword(password)
  try {
    const [result] = await db.query<ResultSetHeader>(
      'insert into `user` (email, name, role, passwordHash) values (?, ?, ?, ?)', [email, name, role, passwordHash])
    return { id: String(result.insertId), email, name, role, password, generated: account.password === undefined }
  } catch (error) {
    if ((error as { errno?: number }).errno === DUPLICATE_KEY) {
      throw new UserError('conflict', `There is already an account with the e-mail ${email}.`, undefined, { cause: error })
    }
    throw error
  }
}

function checked({ email, name, role }: NewAccount): { email: string; name: string; role: Role } {
  const address = email.trim().toLowerCase()
  if (address.length > 254 || !z.email().safeParse(address).success) throw invalidInput(`${JSON.stringify(email)} is not an e-mail address.`)
  const called = name.trim()
  if (called.length < 1 || called.length > 200) throw invalidInput('The name must have 1 to 200 characters.')
  if (!isRole(role)) throw invalidInput(`${JSON.stringify(role)} is not a role. Choose one of ${roles.join(', ')}.`)
  return { email: address, name: called, role }
}

/** Throws `invalid_input` for a password that is short, endless, one character over and over, or the person's own name. */
export function checkPassword(password: string, personal: readonly string[] = []): void {
  const length = [...password].length
  if (length < MIN_PASSWORD_LENGTH) throw invalidInput(`The password must have at least ${MIN_PASSWORD_LENGTH} characters.`)
  if (length > MAX_PASSWORD_LENGTH) throw invalidInput(`The password must have at most ${MAX_PASSWORD_LENGTH} characters.`)
  if (new Set(password).size < 5) throw invalidInput('The password must have at least 5 different characters.')
  if (personal.some((word) => word.toLowerCase() === password.toLowerCase())) throw invalidInput('The password must not be the e-mail or the name.')
}
