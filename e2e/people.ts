import type { Connection } from 'mysql2/promise'
import { createAccount } from '../lib/auth/accounts.ts'
import { connect } from '../lib/ingest/sql/connect.ts'
import type { RoleName } from './accounts.ts'
import { ask } from './ask.ts'
import { keepSecret } from './canaries.ts'
import { onramp } from './onramp.ts'

/** Everybody who may ask for something: without an account, of each role, with an account that was closed, with a password that somebody else gave. */
export const kinds = ['visitor', 'viewer', 'support', 'engineer', 'admin', 'disabled', 'must change'] as const
export type Kind = (typeof kinds)[number]
export type Person = { id: string; email: string; session: string }

/** Of all these people. */
export const password = 'seven kinds of people knock'

/** The role that a kind of people would have. Those who may not do anything would have the most. */
export const roleOf = (kind: Kind): RoleName => (kind === 'visitor' || kind === 'disabled' || kind === 'must change' ? 'admin' : kind)

/** Where the database under test is. */
export const databaseAddress = async (): Promise<string> => (await onramp('db', 'url')).stdout.trim()

/** A connection to it. */
export const openDatabase = async (): Promise<Connection> => connect(await databaseAddress())

/** An account for one test file, signed in through the portal. */
export async function newPerson(db: Connection, kind: Exclude<Kind, 'visitor'>, name: string = kind): Promise<Person> {
  const email = `${name.replace(/\W/g, '-')}-${process.pid}-${Date.now()}@onramp.example`.toLowerCase()
  const { id } = await createAccount(db, { email, name: `The ${name}`, role: roleOf(kind), password, mustChangePassword: kind === 'must change' })
  const session = await newSession(email)
  if (kind === 'disabled') await db.query('update `user` set disabledAt = now(3) where id = ?', [id])
  return { id, email, session }
}

/** One more session of an account of `newPerson`. */
export async function newSession(email: string): Promise<string> {
  const csrf = await ask('/api/auth/csrf')
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string }
  const form = new URLSearchParams({ csrfToken, email, password, json: 'true', callbackUrl: '/' })
  const cookie = csrf.headers['set-cookie']!.map((line) => line.split(';', 1)[0]).join('; ')
  const { headers } = await ask('/api/auth/callback/credentials', { method: 'POST', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() })
  const session = headers['set-cookie']?.map((line) => /^onramp\.session=([^;]+)/.exec(line)?.[1]).find(Boolean)
  if (!session) throw new Error(`${email} could not sign in`)
  for (const secret of [session, password]) keepSecret(secret)
  return session
}

/** The session of one person of each kind; null for visitors. */
export async function onePersonOfEachKind(db: Connection): Promise<Record<Kind, string | null>> {
  const made: [Kind, string | null][] = [['visitor', null]]
  for (const kind of kinds) if (kind !== 'visitor') made.push([kind, (await newPerson(db, kind)).session])
  return Object.fromEntries(made) as Record<Kind, string | null>
}
