import type { Socket } from 'node:net'
import { createConnection, createPool, type Connection, type Pool, type PoolOptions } from 'mysql2/promise'
import { addressOf } from './database-address.ts'
import { refuseDdlInTransaction } from './ddl-guard.ts'
import { refuseFileRequests } from './file-requests.ts'
import { assigned, sessionVariables } from './session-variables.ts'
import { breakWhenSilent } from './silence.ts'

// The lists that a step asks for (lib/ingest/steps/match.ts) are as long as group_concat_max_len.
const OF_PIPELINE = { ...sessionVariables, innodb_lock_wait_timeout: 10, group_concat_max_len: 65_536 }
// A load's connections wait as long as a large file takes to be staged, also in the transaction, and one statement writes many
// rows: a server with less patience would end every try of a large load. At least what is the default of the servers.
const patience = Object.entries({ wait_timeout: 28_800, net_read_timeout: 30, net_write_timeout: 60 }).map(([name, seconds]) => `${name} = cast(greatest(@@global.${name}, ${seconds}) as unsigned)`).join(', ')
const OF_MARIADB = { max_statement_time: 0, idle_transaction_timeout: 0, idle_write_transaction_timeout: 0, idle_readonly_transaction_timeout: 0, check_constraint_checks: 1 }
const OF_MYSQL = { max_execution_time: 0 }

/** What every session is set to, whatever the server's own settings. Each server skips the comment that is for the other. */
const SESSION = [
  'set session transaction isolation level read committed',
  `set session ${assigned(OF_PIPELINE)}, ${patience} /*M!100300 , ${assigned(OF_MARIADB)} */ /*!50708 , ${assigned(OF_MYSQL)} */`,
]

// Should this process stand still in a transaction, or its machine vanish, its locks go. MySQL cannot be told so.
const SHORT_TRANSACTIONS = 'set session autocommit = 1 /*M!100300 , idle_transaction_timeout = 30 */'

function options(url: string): PoolOptions {
  const { database, ...server } = addressOf(url)
  return {
    ...server,
    database: database || undefined,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    // Ids stay below 2^53; sums of money come back as text.
    decimalNumbers: false,
    dateStrings: false,
    connectTimeout: 10_000,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    // Without FOUND_ROWS an update reports what it changed, not what it met.
    flags: ['-FOUND_ROWS'],
  }
}

// Longer than a lock is waited for. Short statements are answered by then, or never; of long ones the server is asked.
const SILENT_MS = 30_000
// What is behind the connection must give signs of life this often, also while we wait for a long statement.
const KEEP_ALIVE_MS = 10_000

type Below = { connection: { threadId: number; stream: Socket } }
export type ConnectOptions = {
  /** Only where a step streams a file. */
  localInfile?: boolean
  /** Tells whether the server is still busy with a statement of that thread. Without it, statements may take as long as they want. */
  atWork?: (threadId: number) => Promise<boolean>
  silentMs?: number
}

/** A connection with the session settings that the pipeline relies on. */
export async function connect(url: string, { localInfile = false, atWork, silentMs = SILENT_MS }: ConnectOptions = {}): Promise<Connection> {
  const made = await createConnection({ ...options(url), flags: ['-FOUND_ROWS', localInfile ? '+LOCAL_FILES' : '-LOCAL_FILES'] })
  // One that is lost while nobody waits for an answer says so in an event, and an event that nobody hears ends the process.
  made.on('error', () => undefined)
  const { connection } = made as unknown as Below
  refuseDdlInTransaction(connection)
  refuseFileRequests(connection)
  if (atWork) breakWhenSilent(connection, silentMs, () => atWork(connection.threadId))
  try {
    for (const statement of SESSION) await made.query(statement)
    return made
  } catch (error) {
    made.destroy()
    throw error
  }
}

/** Closes a connection at once, whatever it is doing: whoever waits for its answer gets an error. The driver alone would let the answer come. */
export function abandon(connection: Connection): void {
  connection.destroy()
  ;(connection as unknown as Below).connection.stream.destroy()
}

export type PoolSettings = {
  silentMs?: number
  /** How long somebody waits for a connection before getting an error. Without it, as long as it takes. */
  acquireMs?: number
}

/** A pool for short statements (queue, progress). Sessions are set up on first use of each connection. */
export function pool(url: string, connectionLimit = 4, { silentMs = SILENT_MS, acquireMs }: PoolSettings = {}): Pool {
  const made = createPool({ ...options(url), flags: ['-FOUND_ROWS', '-LOCAL_FILES'], connectionLimit })
  if (acquireMs !== undefined) giveUpWaiting(made.pool, acquireMs)
  made.pool.on('connection', (connection) => {
    connection.on('error', () => undefined)
    refuseDdlInTransaction(connection)
    refuseFileRequests(connection)
    breakWhenSilent(connection, silentMs, async () => false)
    // Without its settings nobody may use it: whoever waits for it gets an error instead.
    for (const statement of [...SESSION, SHORT_TRANSACTIONS]) connection.query(statement, (error) => { if (error) connection.destroy() })
  })
  return made
}

/** Gives an error to whoever has waited for a connection for so long; the driver lets them wait for ever. */
function giveUpWaiting(waitedFor: Pool['pool'], acquireMs: number): void {
  const get = waitedFor.getConnection.bind(waitedFor)
  waitedFor.getConnection = (told) => {
    let gaveUp = false
    const late = setTimeout(() => {
      gaveUp = true
      told(Object.assign(new Error('no connection to the database became free in time'), { code: 'ETIMEDOUT' }), undefined as never)
    }, acquireMs)
    get((error, connection) => {
      clearTimeout(late)
      if (!gaveUp) told(error, connection)
      else if (!error) connection.release()
    })
  }
}
