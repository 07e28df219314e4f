import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { connect } from '#lib/ingest/sql/connect.ts'
import { stagingSchema } from '#lib/config.ts'

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations')
// Two processes may start at once; the second waits for the first and then finds nothing to do.
const LOCK = 'onramp_migrate'
const LOCK_SECONDS = 120

// Prisma's own table, so that `prisma migrate deploy` can go on where this runner stopped.
const HISTORY = `create table if not exists _prisma_migrations (
  id varchar(36) not null primary key, checksum varchar(64) not null, finished_at datetime(3) null,
  migration_name varchar(255) not null, logs text null, rolled_back_at datetime(3) null,
  started_at datetime(3) not null default current_timestamp(3), applied_steps_count int unsigned not null default 0
) default character set utf8mb4 collate utf8mb4_unicode_ci`

type Applied = RowDataPacket & { migration_name: string; checksum: string; finished_at: Date | null }

/** Makes the database and the staging schema where they are missing. */
async function createSchemas(url: string): Promise<void> {
  const root = new URL(url)
  root.pathname = '/'
  const server = await connect(root.href)
  try {
    for (const schema of [new URL(url).pathname.slice(1), stagingSchema(url)]) {
      await server.query(`create database if not exists \`${schema.replaceAll('`', '``')}\` default character set utf8mb4 collate utf8mb4_unicode_ci`)
    }
  } finally {
    await server.end()
  }
}

/** The statements of a migration file: separated by `;` at the end of a line, comments taken out. */
function statements(text: string): string[] {
  return text
    .split('\n').filter((line) => !line.startsWith('--')).join('\n')
    .split(/;\s*$/m).map((s) => s.trim()).filter(Boolean)
}

async function apply(connection: Connection, name: string, text: string): Promise<void> {
  const id = randomUUID()
  const checksum = createHash('sha256').update(text).digest('hex')
  await connection.query('insert into _prisma_migrations (id, checksum, migration_name) values (?, ?, ?)', [id, checksum, name])
  for (const statement of statements(text)) await connection.query(statement)
  await connection.query('update _prisma_migrations set finished_at = now(3), applied_steps_count = 1 where id = ?', [id])
}

/**
 * Brings the database at `url` to the newest schema. Gives the names of the migrations applied now.
 * Throws when an applied migration was edited since, or when one stopped halfway (DDL cannot be rolled back).
 */
export async function migrate(url: string): Promise<string[]> {
  await createSchemas(url)
  const connection = await connect(url)
  try {
    const [[lock]] = await connection.query<RowDataPacket[]>('select get_lock(?, ?) as held', [LOCK, LOCK_SECONDS])
    if (lock!.held !== 1) throw new Error('Another process has been migrating this database for two minutes. Try again when it is done.')
    await connection.query(HISTORY)
    const [rows] = await connection.query<Applied[]>('select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null')
    const applied = new Map(rows.map((row) => [row.migration_name, row]))
    const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((d) => d.isDirectory()).map((d) => d.name).sort()
    const done: string[] = []
    for (const name of names) {
      const text = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8')
      const before = applied.get(name)
      if (before && !before.finished_at) throw new Error(`Migration ${name} stopped halfway. Restore the backup, or finish it by hand and set finished_at in _prisma_migrations.`)
      if (before && before.checksum !== createHash('sha256').update(text).digest('hex')) throw new Error(`Migration ${name} was changed after it was applied. Put its text back and write a new migration.`)
      if (before) continue
      await apply(connection, name, text)
      done.push(name)
    }
    return done
  } finally {
    await connection.end()
  }
}
