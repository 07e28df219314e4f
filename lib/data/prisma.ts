import 'server-only'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { databaseUrl } from '#lib/config.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { sessionVariables } from '#lib/ingest/sql/session-variables.ts'
import { PrismaClient } from '#lib/generated/prisma/client.ts'
import { ACQUIRE_MS } from './database.ts'
import { DATABASE_AWAY, isDatabaseUnavailable } from './unavailable.ts'

export type { Prisma } from '#lib/generated/prisma/client.ts'
export type { PrismaClient } from '#lib/generated/prisma/client.ts'
/** A client or a transaction: whatever can read and write. */
export type Db = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>

// One per process. `next dev` evaluates modules again after each change, so it is kept where that does not reach.
const kept = globalThis as { onrampPrisma?: PrismaClient }

const TRANSACTIONS = {
  // A transaction reads what is committed when it asks, as those of the pipeline do: what it then locks is not held against it as changed.
  isolationLevel: 'ReadCommitted',
  // How long it may take to begin, which is to wait for a connection and to set it up, and how long it may then take: these are
  // short changes, which at most wait for each other at the end of the audit trail.
  maxWait: 2_700,
  timeout: 5_000,
} as const

/** The one Prisma client of this process: for the portal's own reads and writes, never for bulk work. */
export function prisma(): PrismaClient {
  return (kept.onrampPrisma ??= newPrisma())
}

/** A client of its own, for whoever needs another than that. */
export function newPrisma(): PrismaClient {
  const client = new PrismaClient({ adapter: new PrismaMariaDb(options(databaseUrl())), transactionOptions: TRANSACTIONS })
  const guarded = client.$extends({
    query: {
      $allOperations: async ({ args, query }) => query(args).catch(async (error: unknown) => {
        if (codeOfDriver(error) === FILE_REQUESTED) await client.$disconnect()
        throw hushed(error)
      }),
    },
  })
  return guarded as unknown as PrismaClient
}

// What the driver says of a server that asks for a file of this machine. It is no database of ours, and the driver would go on talking to it.
const FILE_REQUESTED = '45034'
const codeOfDriver = (error: unknown) => (error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }).meta?.driverAdapterError?.cause?.originalCode

/**
 * Messages of the database and of Prisma quote values, and Next prints the errors of pages as they are. So they say
 * their code only; what code decides on (`code`, `meta`) is still there. Development keeps the whole message.
 */
function hushed(error: unknown): unknown {
  if (error instanceof Error && process.env.NODE_ENV !== 'development') {
    // Every page asks who is there first, so that it is here that a page learns of it.
    if (isDatabaseUnavailable(error)) Object.assign(error, { digest: DATABASE_AWAY })
    const code = (error as { code?: string }).code
    const places = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
    const message = `The database refused${code ? ` (${code})` : ''}.`
    Object.defineProperties(error, {
      message: { value: message, enumerable: false },
      stack: { value: [`${error.name}: ${message}`, ...places].join('\n'), enumerable: false },
      meta: { value: (error as { meta?: unknown }).meta, enumerable: false },
    })
  }
  return error
}

function options(url: string) {
  return {
    ...addressOf(url),
    connectionLimit: 10,
    connectTimeout: 2_000,
    acquireTimeout: ACQUIRE_MS,
    // A connection that was idle is asked first whether it is alive. On a busy machine that takes longer than the driver's 250 ms.
    pingTimeout: 1_000,
    // MySQL's default way of signing in needs the server's public key where the connection is not encrypted.
    allowPublicKeyRetrieval: true,
    // As in our tables; without it the server's own decides.
    collation: 'utf8mb4_unicode_ci',
    sessionVariables,
    // MySQL has no such setting, and skips the comment.
    initSql: 'set session autocommit = 1 /*M!100300 , check_constraint_checks = 1 */',
  }
}
