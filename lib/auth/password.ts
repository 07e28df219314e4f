import { randomInt } from 'node:crypto'
import { hash, verify, type Options } from '@node-rs/argon2'
import { MAX_PASSWORD_LENGTH } from './password-rules.ts'

// OWASP's first choice for argon2id. Existing hashes carry their own numbers, so a change concerns new ones only.
const ARGON2ID: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

// What nobody can have chosen is not worth the work of hashing it.
const LONGEST_TRIED = 2 * MAX_PASSWORD_LENGTH

/** The hash to keep for a password. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), ARGON2ID)
}

let decoy: Promise<string> | undefined

/** Whether the password is the one of that hash. Without a hash it takes the same time and is false. */
export async function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password')
  const tried = password.normalize('NFKC')
  const matches = await verify(passwordHash ?? (await decoy), tried.slice(0, LONGEST_TRIED))
  return Boolean(passwordHash) && tried.length <= LONGEST_TRIED && matches
}

// Without the letters and digits that look alike, so that a password can be read out.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A random password of four groups, about 98 bits: `xxxxx-xxxxx-xxxxx-xxxxx`. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
