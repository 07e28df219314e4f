import { beginAuditTrail } from '#lib/audit/begin.ts'
import { config } from '#lib/config.ts'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { startEmbedded } from './embedded.ts'
import { embeddedUsers } from './embedded-users.ts'
import { migrate } from './migrate.ts'
import { refuseNewer, schemaState } from './schema-version.ts'

export type Database = {
  url: string
  /** The same database with the rights that portal and worker need, and no more. */
  portalUrl: string
  workerUrl: string
  /** True when the private server was started for this process. */
  startedHere: boolean
  /** True when the server is our own, so that somebody has to keep it running. */
  embedded: boolean
  stop(): Promise<void>
}

/**
 * The database of this installation, with the newest schema: DATABASE_URL, or the private server, started where needed.
 * From here on `databaseUrl()` works in this process and in those it starts. `stop`: see `migrate`.
 */
export async function ensureDatabase(stop?: AbortSignal): Promise<Database> {
  const { DATABASE_URL: given, ONRAMP_PORTAL_DATABASE_URL: portal, ONRAMP_WORKER_DATABASE_URL: worker } = config()
  const server = given ? undefined : await startEmbedded()
  const url = given ?? server!.url
  try {
    await prepareDatabase(url, undefined, stop)
    const users = server ? await embeddedUsers(server.url) : { portalUrl: portal ?? url, workerUrl: worker ?? url }
    process.env.DATABASE_URL = url
    return { url, ...users, startedHere: server?.startedHere ?? false, embedded: !given, stop: async () => server?.stop() }
  } catch (error) {
    await server?.stop()
    throw error
  }
}

/**
 * Brings the database to the newest schema and begins its audit trail, where that was not done yet. A user without the
 * owner's rights gets along with a database that is ready. Gives the names of the migrations applied now. `onWaiting`, `stop`: see `migrate`.
 */
export async function prepareDatabase(url: string, onWaiting?: (loads: number) => void, stop?: AbortSignal): Promise<string[]> {
  const applied = (await isCurrent(url)) ? [] : await migrate(url, undefined, onWaiting, stop).catch(tellMissingRights)
  const connection = await connect(url)
  try {
    await beginAuditTrail(connection)
    return applied
  } finally {
    await connection.end()
  }
}

const NO_SUCH_DATABASE = 1049

async function isCurrent(url: string): Promise<boolean> {
  const connection = await connect(url).catch((error: unknown) => {
    if ((error as { errno?: number }).errno === NO_SUCH_DATABASE) return undefined
    throw error
  })
  if (!connection) return false
  try {
    const state = await schemaState(connection)
    refuseNewer(state)
    return [state.missing, state.underWay, state.changed].every((names) => names.length === 0)
  } finally {
    await connection.end()
  }
}

// Access denied to a database, to a command on a table, and for want of a privilege.
const DENIED = new Set([1044, 1142, 1227])

function tellMissingRights(error: unknown): never {
  if (!DENIED.has((error as { errno?: number }).errno ?? 0)) throw error
  throw new UserError('unavailable', 'The database has to be brought up to date first, and this user may not do that. Run `onramp db migrate` with the DATABASE_URL of the owner.', undefined, { cause: error })
}
