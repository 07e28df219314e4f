import { ensureDatabase, type Database } from '#lib/db/ensure.ts'

/** Runs `work` with the database of this installation, and stops the private server afterwards unless others use it. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await ensureDatabase()
  try {
    return await work(database)
  } finally {
    await database.stop()
  }
}
