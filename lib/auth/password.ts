import { randomInt } from 'node:crypto'
import { hash, verify, type Options } from '@node-rs/argon2'

// OWASP's first choice for argon2id. Existing hashes carry their own numbers, so a change concerns new ones only.
const ARGON2ID: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const MIN_PASSWORD_LENGTH = 15
// Long enough for any pass phrase; hashing more would only help somebody who wants to keep the server busy.
export const MAX_PASSWORD_LENGTH = 256

/** The hash to keep for a password. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), ARGON2ID)
}

let decoy: Promise<string> | undefined

/** Whether the password is the one of that hash. Without a hash it takes the same time and is false. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password')
  const matches = await verify(passwordHash ?? (await decoy), password.normalize('NFKC').slice(0, MAX_PASSWORD_LENGTH))
  return passwordHash !== undefined && matches
}

// Without the letters and digits that look alike, so that a password can be read out.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A random password of four groups, about 98 bits: `xxxxx-xxxxx-xxxxx-xxxxx`. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
