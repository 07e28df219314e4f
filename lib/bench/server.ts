import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { startEmbedded } from '#lib/db/embedded.ts'
import { migrate } from '#lib/db/migrate.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { serverOf } from '#lib/ingest/sql/server.ts'
import { ident, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { usageOf, type ProcessUsage } from './process-usage.ts'

/** The server under test, with a database of the benchmark's own on it. */
export type BenchServer = {
  name: 'mariadb' | 'mysql'
  version: string
  /** The settings that decide on speed, as the server has them. */
  settings: Record<string, string>
  /** Address of the benchmark's database. */
  url: string
  /** A connection to that server, for what is not measured. */
  connection: Connection
  /** What the server's process has used so far; null when it runs on another machine. */
  usage(): ProcessUsage | null
  /** The data folder of the measured loads: what they store. */
  files: string
  /** Drops the benchmark's database and makes it again, empty. Stored files go too. */
  reset(): Promise<void>
  /** Waits until the server has written to disk what it had put off, so that one measurement does not pay for the last. */
  settle(): Promise<void>
  stop(): Promise<void>
}

// Of this run only, so that several can go on at the same time. No installation is called so: it is dropped without asking.
export const DATABASE = `onramp_bench_${process.pid}`
export const STAGING_SCHEMA = `${DATABASE}_staging`
/** Where bare tables are. */
export const RAW_SCHEMA = `${DATABASE}_raw`

const SETTLED_WITHIN_MS = 120_000
const FEW_PAGES = 50
/** Pages a second. */
const SETTLING_CAPACITY = 20_000
const SETTINGS = [
  'innodb_buffer_pool_size', 'innodb_flush_log_at_trx_commit', 'innodb_log_file_size', 'innodb_redo_log_capacity', 'innodb_doublewrite', 'log_bin', 'sync_binlog',
]

/** `url`: another server than one of our own. `quick`: nothing is waited for, so figures are rough. */
export type ServerOptions = { url?: string; quick?: boolean }

/** Starts the benchmark's own MariaDB below `dataDir`, or takes the server at `url`. */
export async function openServer(dataDir: string, { url, quick = false }: ServerOptions): Promise<BenchServer> {
  const embedded = url === undefined ? await startEmbedded({ dir: path.join(dataDir, 'mysql') }) : undefined
  const address = new URL(url ?? embedded!.url)
  address.pathname = '/'
  const connection = await connect(address.href)
  const { name, version } = await serverOf(connection)
  const pid = embedded?.pid ?? await pidOf(connection, address)
  const benchUrl = new URL(`/${DATABASE}`, address).href
  const files = path.join(dataDir, `files-${process.pid}`)
  await removeLeftovers(connection, dataDir)
  await row(connection, sql`select get_lock(${DATABASE}, 0)`)

  const dropAll = async () => {
    for (const schema of [DATABASE, STAGING_SCHEMA, RAW_SCHEMA]) await run(connection, sql`drop database if exists ${ident(schema)}`)
    rmSync(files, { recursive: true, force: true })
  }
  return {
    name, version, url: benchUrl, connection, files,
    settings: Object.fromEntries((await rows<{ Variable_name: string; Value: string }>(connection, sql`show global variables where variable_name in (${SETTINGS})`))
      .map((setting) => [setting.Variable_name, setting.Value])),
    usage: () => (pid === null ? null : usageOf(pid)),
    async reset() {
      await dropAll()
      mkdirSync(files)
      await migrate(benchUrl)
    },
    settle: async () => { if (!quick) await settle(connection) },
    async stop() {
      await dropAll()
      await connection.end()
      await embedded?.stop()
    },
  }
}

/** Drops what runs that were killed have left. One that lives holds a lock called like its database. */
async function removeLeftovers(connection: Connection, dataDir: string): Promise<void> {
  const found = await rows<{ name: string }>(connection, sql`select schema_name as name from information_schema.schemata`)
  for (const { name } of found) {
    const [owner] = /^onramp_bench_\d+/.exec(name) ?? []
    const free = owner && await row<{ free: number }>(connection, sql`select is_free_lock(${owner}) as free`)
    if (free && free.free === 1) await run(connection, sql`drop database if exists ${ident(name)}`)
  }
  for (const name of readdirSync(dataDir)) {
    const [, pid] = /^files-(\d+)$/.exec(name) ?? []
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(path.join(dataDir, name), { recursive: true, force: true })
  }
}

/** The process id of a server on this machine: the one that was started for this port, or the one that its pid file names. */
async function pidOf(connection: Connection, { hostname, port }: URL): Promise<number | null> {
  if (!['127.0.0.1', 'localhost'].includes(hostname)) return null
  const servers = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && /^(mysqld|mariadbd)$/.test(textOf(`/proc/${name}/comm`).trim()))
  const started = servers.find((pid) => textOf(`/proc/${pid}/cmdline`).split('\0').includes(`--port=${port}`))
  if (started) return Number(started)
  const { file, folder } = (await row<{ file: string; folder: string }>(connection, sql`select @@pid_file as file, @@datadir as folder`))!
  const named = textOf(path.resolve(folder, file)).trim()
  return servers.includes(named) ? Number(named) : null
}

/** Empty for a file that cannot be read: processes come and go. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function settle(connection: Connection): Promise<void> {
  const before = (await row<Record<'most' | 'low' | 'capacity' | 'capacityMax', number>>(connection, sql`
    select @@global.innodb_max_dirty_pages_pct as most, @@global.innodb_max_dirty_pages_pct_lwm as low,
      @@global.innodb_io_capacity as capacity, @@global.innodb_io_capacity_max as capacityMax`))!
  await run(connection, sql`set global innodb_max_dirty_pages_pct = 0`)
  // At the speed that is usual a load would take minutes to be written.
  await run(connection, sql`set global innodb_io_capacity_max = ${SETTLING_CAPACITY}`)
  await run(connection, sql`set global innodb_io_capacity = ${SETTLING_CAPACITY}`)
  try {
    const deadline = Date.now() + SETTLED_WITHIN_MS
    while (Date.now() < deadline) {
      const dirty = await row<{ Value: string }>(connection, sql`show global status like 'Innodb_buffer_pool_pages_dirty'`)
      const unpurged = await row<{ count: number }>(connection, sql`select count from information_schema.innodb_metrics where name = 'trx_rseg_history_len'`)
      if (Number(dirty!.Value) <= FEW_PAGES && Number(unpurged?.count ?? 0) <= FEW_PAGES) return
      await sleep(100)
    }
  } finally {
    await run(connection, sql`set global innodb_io_capacity = ${Number(before.capacity)}`)
    await run(connection, sql`set global innodb_io_capacity_max = ${Number(before.capacityMax)}`)
    // The second was lowered together with the first.
    await run(connection, sql`set global innodb_max_dirty_pages_pct = ${Number(before.most)}`)
    await run(connection, sql`set global innodb_max_dirty_pages_pct_lwm = ${Number(before.low)}`)
  }
}
