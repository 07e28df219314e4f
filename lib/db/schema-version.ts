import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '#lib/errors.ts'
import { raw, rows, sql, type Db } from '#lib/ingest/sql/sql.ts'

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations')

export type Migration = { name: string; text: string; checksum: string }

/** Held by whoever is migrating the database that the session uses; others on the server need not wait for it. */
export const MIGRATING_LOCK = "concat('onramp ', left(database(), 32), ' migrate')"

/** In the history, of a migration of which nothing has been done yet: it waits for loads to end, unless who announced it has gone. */
export const ANNOUNCED = 'announced'

/**
 * `missing`: migrations that this program knows and the database has not; `unknown`: the reverse; `underWay`: announced, or begun
 * and not ended; `changed`: their text is another now.
 */
export type SchemaState = { missing: string[]; unknown: string[]; underWay: string[]; changed: string[] }

let known: Migration[] | undefined

/** The migrations that came with this program, in order. */
export function knownMigrations(): readonly Migration[] {
  return (known ??= readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => {
    const text = readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8')
    return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
  }).sort((a, b) => (a.name < b.name ? -1 : 1)))
}

const NO_SUCH_TABLE = 1146

/** How the database's tables compare with those that this program was written for. Reads, and needs no rights beyond that. */
export async function schemaState(db: Db, wanted: readonly Migration[] = knownMigrations()): Promise<SchemaState> {
  const applied = await rows<{ name: string; checksum: string; finished: number; announced: number }>(db, sql`
    select migration_name as name, checksum, finished_at is not null as finished, finished_at is null and logs <=> ${ANNOUNCED} as announced from _prisma_migrations
    where rolled_back_at is null and not (finished_at is null and logs <=> ${ANNOUNCED} and is_used_lock(${raw(MIGRATING_LOCK)}) is null)`)
    .catch((error: unknown) => {
      if ((error as { errno?: number }).errno === NO_SUCH_TABLE) return []
      throw error
    })
  const there = new Map(applied.filter(({ announced }) => !announced).map((migration) => [migration.name, migration]))
  const names = new Set(wanted.map(({ name }) => name))
  return {
    missing: [...names].filter((name) => !there.has(name)),
    unknown: [...there.keys()].filter((name) => !names.has(name)).sort(),
    underWay: applied.filter(({ finished }) => !finished).map(({ name }) => name),
    changed: wanted.filter(({ name, checksum }) => there.has(name) && there.get(name)!.checksum !== checksum).map(({ name }) => name),
  }
}

/** Throws unless the tables are those that this program was written for: a program that is older than its database must not write. */
export function refuseNewer({ unknown }: SchemaState): void {
  if (unknown.length === 0) return
  throw new UserError('unavailable', `The database was brought to a newer version (migration ${unknown.at(-1)}) than this Onramp knows. Update Onramp on this machine; nothing was touched.`)
}
