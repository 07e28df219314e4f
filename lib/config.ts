import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { YAMLParseError, parse } from 'yaml'
import { z } from 'zod'
import { addressOf } from '#lib/ingest/sql/database-address.ts'

/** What is wrong with the address of a database, or null. */
function addressProblem(address: string): string | null {
  const form = 'must be mysql://user:password@host:port/database'
  if (!URL.canParse(address)) return form
  const { protocol, hostname, pathname, username, password, search, hash } = new URL(address)
  if (protocol !== 'mysql:' || hostname === '' || pathname.length < 2) return form
  if (search !== '' || hash !== '') return 'has a ? or # behind the name of the database: there are no parameters, and in a password these are written as %3F and %23'
  try {
    decodeURIComponent(username + password + pathname)
    return null
  } catch {
    return 'has a % in its user, password or database that must be written as %25'
  }
}

const databaseAddress = z.string().check((context) => {
  const problem = addressProblem(context.value)
  if (problem) context.issues.push({ code: 'custom', input: context.value, message: problem })
})

/** Every setting, with its default. The environment wins over `onramp.yaml` (or the file that ONRAMP_CONFIG names; none where that is empty). */
const schema = z.object({
  /** mysql://user:password@host:port/database. Absent: Onramp runs its own MariaDB below the data folder. */
  DATABASE_URL: databaseAddress.optional(),
  /** The same database as the user of the portal and of the worker, with fewer rights (`onramp db setup`). Absent: DATABASE_URL. */
  ONRAMP_PORTAL_DATABASE_URL: databaseAddress.optional(),
  ONRAMP_WORKER_DATABASE_URL: databaseAddress.optional(),
  /** The schema for staging tables. Absent: the database's name with `_staging` behind it. */
  ONRAMP_STAGING_SCHEMA: z.string().regex(/^\w{1,64}$/).optional(),
  /** Raw files, unfinished uploads, and the private database. */
  ONRAMP_DATA_DIR: z.string().default('.data'),
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  /** The one address of this machine at which the portal listens, as 127.0.0.1. Absent: all of them. */
  ONRAMP_HOST: z.string().regex(/^[\w.:-]+$/).optional(),
  /** The portal's address as browsers see it. Absent: http://localhost:PORT, or with ONRAMP_HOST in its place. */
  NEXTAUTH_URL: z.url().optional(),
  /** Signs sessions; at least 32 characters. Absent: made once and kept in the data folder. */
  NEXTAUTH_SECRET: z.string().min(32).optional(),
  /** How many proxies of our own stand between browsers and the portal, each adding to X-Forwarded-For. */
  ONRAMP_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Keys the hashes of the audit trail; at least 32 characters. Absent: made once and kept in the data folder. */
  ONRAMP_AUDIT_KEY: z.string().min(32).optional(),
  /** Where it is written down, outside of the database, how far the audit trail goes. Absent: `audit-anchors` in the data folder. */
  ONRAMP_AUDIT_ANCHORS: z.string().optional(),
  /** Shown in the top bar, so that nobody mistakes one installation for another. */
  ONRAMP_ENVIRONMENT: z.string().max(30).default('development'),
  /** How many loads one worker process runs side by side. */
  ONRAMP_WORKER_SLOTS: z.coerce.number().int().min(1).max(16).default(2),
  /** A running load whose worker was silent for longer is taken up by another. */
  ONRAMP_LEASE_SECONDS: z.coerce.number().int().min(5).max(55).default(20),
  ONRAMP_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** The private MariaDB's buffer pool. */
  ONRAMP_BUFFER_POOL: z.string().regex(/^\d+[MG]$/).default('512M'),
})

export type Config = z.infer<typeof schema>

/** What the file of settings says. Nobody needs one, but one that is named must be there, and may hold nothing that would not be heard. */
function fromFile(): Record<string, unknown> {
  const named = process.env.ONRAMP_CONFIG
  const file = named ?? 'onramp.yaml'
  if (file === '') return {}
  if (!existsSync(/* turbopackIgnore: true */ file)) {
    if (named !== undefined) throw new Error(`There is no file ${named}, which ONRAMP_CONFIG names.`)
    return {}
  }
  const parsed = z.record(z.string(), z.unknown()).nullable().safeParse(read(file))
  if (!parsed.success) throw new Error(`${file} must hold one setting a line, as NAME: value.`)
  const settings = parsed.data ?? {}
  const unknown = Object.keys(settings).filter((name) => !Object.hasOwn(schema.shape, name))
  if (unknown.length > 0) throw new Error(`${file} has ${unknown.map((name) => (/^\w{1,60}$/.test(name) ? name : 'something')).join(', ')}, which ${unknown.length === 1 ? 'is no setting' : 'are no settings'} of Onramp.`)
  return settings
}

function read(file: string): unknown {
  try {
    return parse(readFileSync(/* turbopackIgnore: true */ file, 'utf8'))
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    // Its message quotes the line, which may hold a password.
    throw new Error(`${file} cannot be read as YAML: ${error.code} on line ${error.linePos?.[0].line ?? 1}.`)
  }
}

let loaded: Config | undefined

/** The settings of this process. Throws one readable sentence naming each wrong setting. */
export function config(): Config {
  if (loaded) return loaded
  const set = Object.entries(process.env).filter(([, value]) => value !== '')
  const result = schema.safeParse({ ...fromFile(), ...Object.fromEntries(set) })
  if (!result.success) {
    const wrong = result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`)
    throw new Error(`The configuration is not usable: ${wrong.join('; ')}`)
  }
  loaded = result.data
  return loaded
}

/** The data folder as an absolute path. */
export function dataDir(): string {
  return path.resolve(config().ONRAMP_DATA_DIR)
}

/** The database URL. Throws when none is set: whoever starts the process must have started the private one first. */
export function databaseUrl(): string {
  const url = process.env.DATABASE_URL ?? config().DATABASE_URL
  if (!url) throw new Error('DATABASE_URL is not set. Start Onramp with `npm run dev`, `npm start` or the command line, which bring their own database.')
  return url
}

/** The schema that holds the staging tables: `onramp_staging` for a database called `onramp`. */
export function stagingSchema(url: string = databaseUrl()): string {
  return config().ONRAMP_STAGING_SCHEMA ?? `${addressOf(url).database}_staging`
}
