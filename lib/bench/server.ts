import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { stagingSchema } from '#lib/config.ts'
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
  /** Drops the benchmark's database and makes it again, empty. Stored files go too. */
  reset(): Promise<void>
  /** Waits until the server has written to disk what it had put off, so that one measurement does not pay for the last. */
  settle(): Promise<void>
  stop(): Promise<void>
}

/** The benchmark's database, and the schema of its bare tables. No installation is called so, and both are dropped without asking. */
export const DATABASE = 'onramp_bench'
export const RAW_SCHEMA = 'onramp_bench_raw'

const SETTLED_WITHIN_MS = 120_000
const FEW_PAGES = 50
const SETTINGS = ['innodb_buffer_pool_size', 'innodb_flush_log_at_trx_commit', 'innodb_log_file_size', 'innodb_redo_log_capacity', 'innodb_doublewrite', 'log_bin', 'sync_binlog']

/** Starts the benchmark's own MariaDB below `dataDir`, or takes the server at `url`. Its database there is made anew. */
export async function openServer(dataDir: string, url?: string): Promise<BenchServer> {
  const embedded = url === undefined ? await startEmbedded({ dir: path.join(dataDir, 'mysql') }) : undefined
  const address = new URL(url ?? embedded!.url)
  address.pathname = '/'
  const connection = await connect(address.href)
  const { name, version } = await serverOf(connection)
  const pid = embedded?.pid ?? await pidOf(connection)
  const benchUrl = new URL(`/${DATABASE}`, address).href
  const schemas = [DATABASE, stagingSchema(benchUrl), RAW_SCHEMA]

  const dropAll = async () => {
    for (const schema of schemas) await run(connection, sql`drop database if exists ${ident(schema)}`)
    rmSync(path.join(dataDir, 'store'), { recursive: true, force: true })
  }
  return {
    name, version, url: benchUrl, connection,
    settings: Object.fromEntries((await rows<{ Variable_name: string; Value: string }>(connection, sql`show global variables where variable_name in (${SETTINGS})`))
      .map((setting) => [setting.Variable_name, setting.Value])),
    usage: () => (pid === null ? null : usageOf(pid)),
    async reset() {
      await dropAll()
      await migrate(benchUrl)
    },
    settle: () => settle(connection),
    async stop() {
      await dropAll()
      await connection.end()
      await embedded?.stop()
    },
  }
}

/** The process id of a server on this machine: the one in its pid file, if that is a database server. */
async function pidOf(connection: Connection): Promise<number | null> {
  const { file, folder } = (await row<{ file: string; folder: string }>(connection, sql`select @@pid_file as file, @@datadir as folder`))!
  const pidFile = path.resolve(folder, file)
  if (!existsSync(pidFile)) return null
  const pid = Number(readFileSync(pidFile, 'utf8'))
  const isServer = existsSync(`/proc/${pid}/comm`) && /^(mysqld|mariadbd)/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
  return isServer ? pid : null
}

async function settle(connection: Connection): Promise<void> {
  const before = (await row<{ pages: number }>(connection, sql`select @@global.innodb_max_dirty_pages_pct as pages`))!.pages
  await run(connection, sql`set global innodb_max_dirty_pages_pct = 0`)
  try {
    const deadline = Date.now() + SETTLED_WITHIN_MS
    while (Date.now() < deadline) {
      const dirty = await row<{ Value: string }>(connection, sql`show global status like 'Innodb_buffer_pool_pages_dirty'`)
      const unpurged = await row<{ count: number }>(connection, sql`select count from information_schema.innodb_metrics where name = 'trx_rseg_history_len'`)
      if (Number(dirty!.Value) <= FEW_PAGES && Number(unpurged?.count ?? 0) <= FEW_PAGES) return
      await sleep(100)
    }
  } finally {
    await run(connection, sql`set global innodb_max_dirty_pages_pct = ${Number(before)}`)
  }
}
