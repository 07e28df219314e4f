import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { connect } from '#lib/ingest/sql/connect.ts'
import { stagingSchema } from '#lib/config.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { log } from '#lib/log.ts'
import { ANNOUNCED, knownMigrations, MIGRATING_LOCK, refuseNewer, schemaState, type Migration } from './schema-version.ts'

// Two processes may start at once; the second waits for the first and then finds nothing to do.
const LOCK_SECONDS = 120

// Prisma's own table, so that `prisma migrate deploy` can go on where this runner stopped.
const HISTORY = `create table if not exists _prisma_migrations (
  id varchar(36) not null primary key, checksum varchar(64) not null, finished_at datetime(3) null,
  migration_name varchar(255) not null, logs text null, rolled_back_at datetime(3) null,
  started_at datetime(3) not null default current_timestamp(3), applied_steps_count int unsigned not null default 0
) default character set utf8mb4 collate utf8mb4_unicode_ci`

/** Makes the database and the staging schema where they are missing. */
export async function createSchemas(url: string): Promise<void> {
  const root = new URL(url)
  root.pathname = '/'
  const server = await connect(root.href)
  try {
    for (const schema of [addressOf(url).database, stagingSchema(url)]) {
      await server.query(`create database if not exists \`${schema.replaceAll('`', '``')}\` default character set utf8mb4 collate utf8mb4_unicode_ci`)
    }
  } finally {
    await server.end()
  }
}

export async function createHistory(connection: Connection): Promise<void> {
  await connection.query(HISTORY)
}

/** The statements of a migration file: separated by `;` at the end of a line, comments taken out. */
function statements(text: string): string[] {
  return text
    .split('\n').filter((line) => !line.startsWith('--')).join('\n')
    .split(/;\s*$/m).map((s) => s.trim()).filter(Boolean)
}

/** From here on workers see that a migration is under way and begin no load. Gives what `apply` needs to know it by. */
async function announce(connection: Connection, { name, checksum }: Migration): Promise<string> {
  const id = randomUUID()
  await connection.query('insert into _prisma_migrations (id, checksum, migration_name, logs) values (?, ?, ?, ?)', [id, checksum, name, ANNOUNCED])
  return id
}

/** Takes back what was announced by somebody who then went away. */
async function forgetAnnounced(connection: Connection): Promise<void> {
  await connection.query('delete from _prisma_migrations where finished_at is null and logs = ?', [ANNOUNCED])
}

const LOOK_AGAIN_MS = 250

/**
 * Waits until no load is running: those that are were written for the tables as they are. Who looked for a migration just
 * before it was announced has begun by the second look. Workers that have fallen silent are not waited for.
 * Throws the reason of `stop` when that comes first: nothing was done then.
 */
async function loadsToEnd(connection: Connection, onWaiting: (loads: number) => void, stop?: AbortSignal): Promise<void> {
  for (let quiet = 0, told = false; quiet < 2; await sleep(LOOK_AGAIN_MS)) {
    stop?.throwIfAborted()
    const running = await runningLoads(connection)
    if (running > 0 && !told) onWaiting(running)
    told ||= running > 0
    quiet = running === 0 ? quiet + 1 : 0
  }
}

const logWaiting = (loads: number) => log().warn({ loads }, 'the database has to be brought up to date; waiting for the loads that are running')

async function runningLoads(connection: Connection): Promise<number> {
  const [[found]] = await connection.query<RowDataPacket[]>("select count(*) as n from job where status = 'running' and leasedUntil >= now(3)")
  return Number(found!.n)
}

async function apply(connection: Connection, { text }: Migration, id: string): Promise<void> {
  await connection.query('update _prisma_migrations set logs = null where id = ?', [id])
  for (const statement of statements(text)) await connection.query(statement)
  await connection.query('update _prisma_migrations set finished_at = now(3), applied_steps_count = 1 where id = ?', [id])
}

/**
 * Brings the database at `url` to the newest schema, or to that of the `wanted` migrations, when the loads that are running have
 * ended; `onWaiting` hears how many those are, if there are any, and is the log if nobody else; `stop` ends the waiting. Gives the names of the migrations applied now.
 * Throws when an applied migration was edited since, when one stopped halfway (DDL cannot be rolled back), or when the
 * database is newer than this program.
 */
export async function migrate(url: string, wanted: readonly Migration[] = knownMigrations(), onWaiting: (loads: number) => void = logWaiting, stop?: AbortSignal): Promise<string[]> {
  await createSchemas(url)
  const connection = await connect(url)
  try {
    const [[lock]] = await connection.query<RowDataPacket[]>(`select get_lock(${MIGRATING_LOCK}, ?) as held`, [LOCK_SECONDS])
    if (lock!.held !== 1) throw new Error('Another process has been migrating this database for two minutes. Try again when it is done.')
    await createHistory(connection)
    await forgetAnnounced(connection)
    const state = await schemaState(connection, wanted)
    refuseNewer(state)
    const [stopped] = state.underWay
    if (stopped) throw new Error(`Migration ${stopped} stopped halfway. Restore the backup, or finish it by hand and set finished_at in _prisma_migrations.`)
    const [changed] = state.changed
    if (changed) throw new Error(`Migration ${changed} was changed after it was applied. Put its text back and write a new migration.`)
    const done = wanted.filter(({ name }) => state.missing.includes(name))
    // The first one brings the queue.
    const isInUse = done.length < wanted.length
    for (const migration of done) {
      const id = await announce(connection, migration)
      if (isInUse && migration === done[0]) {
        await loadsToEnd(connection, onWaiting, stop).catch(async (error: unknown) => {
          await forgetAnnounced(connection)
          throw error
        })
      }
      await apply(connection, migration, id)
    }
    return done.map(({ name }) => name)
  } finally {
    await connection.end()
  }
}
