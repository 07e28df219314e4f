import 'server-only'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { databaseUrl } from '#lib/config.ts'
import { PrismaClient } from '#lib/generated/prisma/client.ts'

export type { Prisma } from '#lib/generated/prisma/client.ts'
export type { PrismaClient } from '#lib/generated/prisma/client.ts'
/** A client or a transaction: whatever can read and write. */
export type Db = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>

// One per process. `next dev` evaluates modules again after each change, so it is kept where that does not reach.
const kept = globalThis as { onrampPrisma?: PrismaClient }

/** The one Prisma client of this process: for the portal's own reads and writes, never for bulk work. */
export function prisma(): PrismaClient {
  return (kept.onrampPrisma ??= new PrismaClient({ adapter: new PrismaMariaDb(options(databaseUrl())) }))
}

function options(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    connectionLimit: 10,
    connectTimeout: 2_000,
    // How long a request waits for a connection before it says that the database does not answer.
    acquireTimeout: 3_000,
    // MySQL's default way of signing in needs the server's public key where the connection is not encrypted.
    allowPublicKeyRetrieval: true,
    sessionVariables: { time_zone: '+00:00', sql_mode: 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION' },
  }
}
