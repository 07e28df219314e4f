import { config } from '#lib/config.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'

export type Database = {
  url: string
  /** True when the private server was started for this process. */
  startedHere: boolean
  /** True when the server is our own, so that somebody has to keep it running. */
  embedded: boolean
  stop(): Promise<void>
}

/**
 * The database of this installation, with the newest schema: DATABASE_URL, or the private server, started where needed.
 * From here on `databaseUrl()` works in this process and in those it starts.
 */
export async function ensureDatabase(): Promise<Database> {
  const given = config().DATABASE_URL
  const server = given ? undefined : await startEmbedded()
  const url = given ?? server!.url
  try {
    await migrate(url)
  } catch (error) {
    await server?.stop()
    throw error
  }
  process.env.DATABASE_URL = url
  return { url, startedHere: server?.startedHere ?? false, embedded: !given, stop: async () => server?.stop() }
}
