import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { config, dataDir } from '#lib/config.ts'
import { UserError } from '#lib/errors.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { keptSecret } from '#lib/secret-file.ts'
import { onlyOne } from './only-one.ts'
import { newPassword } from './users.ts'

/** What is kept in `state.json` about the private server. `keep`: started by `db start`, so only `db stop` stops it. */
type State = { pid: number; port: number; keep: boolean }

export type EmbeddedOptions = {
  /** The folder of this server. Absent: `mysql` in the data folder. */
  dir?: string
  /** Goes on after its last user has gone. */
  keep?: boolean
  /** Tests trade the last second before a power cut for speed. */
  durable?: boolean
  /** More options of the server, for tests of servers that are set up otherwise. */
  options?: readonly string[]
}

export type Embedded = {
  url: string
  pid: number
  /** False when the server was already running. */
  startedHere: boolean
  /** Gives the server back; the last of its users shuts it down. */
  stop(): Promise<void>
}

const DATABASE = 'onramp'
const USER = 'onramp'
// Crash recovery of a big buffer pool takes its time; a server that is still reading its log must not be given up.
const READY_WITHIN_MS = 180_000
const STOPPED_WITHIN_MS = 120_000
const START_TRIES = 3

const filesOf = (dir: string) => ({
  data: path.join(dir, 'data'),
  users: path.join(dir, 'users'),
  state: path.join(dir, 'state.json'),
  password: path.join(dir, 'password'),
  init: path.join(dir, 'init.sql'),
  log: path.join(dir, 'server.log'),
  // A server that starts clears away what it takes for its own remains: in a folder of several servers, tables that others work with.
  temporary: path.join(dir, 'tmp'),
  pidFile: path.join(dir, 'data', 'onramp.pid'),
})

const isRoot = process.getuid?.() === 0
// MariaDB refuses to run as root unless it is told to.
const asRoot = isRoot ? ['--user=root'] : []
/** The folder of the private server of this installation. */
export const embeddedDir = (): string => path.join(dataDir(), 'mysql')
const lockName = (dir: string) => `onramp-mysql-${createHash('sha256').update(dir).digest('hex').slice(0, 32)}`

/** Debian keeps the server in /usr/sbin, which is not on everybody's PATH. */
function program(name: string): string {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']
  const found = folders.filter(Boolean).map((folder) => path.join(folder, name)).find((file) => existsSync(file))
  if (found) return found
  throw new UserError('unavailable',
    `${name} is not installed. Run \`sudo apt-get install -y mariadb-server-core mariadb-client-core\`, or set DATABASE_URL to a server of yours.`)
}

/** The arguments of a live process; none for one that is gone (or is a zombie that nobody has collected). */
function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
  } catch {
    return []
  }
}

/** Pids are given out again, so a file's pid counts only while that process serves exactly this folder. */
const serves = (pid: number, dir: string) => isServer(argumentsOf(pid), dir)
const isServer = (args: readonly string[], dir: string) => args.includes(`--datadir=${filesOf(dir).data}`)

function readState(dir: string): State | undefined {
  try {
    return JSON.parse(readFileSync(filesOf(dir).state, 'utf8')) as State
  } catch {
    return undefined
  }
}

function writeState(dir: string, state: State): void {
  const { state: file } = filesOf(dir)
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}

/** What follows the name in /proc/<pid>/stat: its state, and more; nothing for a process that is gone. */
function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  } catch {
    return []
  }
}

/** Field 22 of /proc/<pid>/stat: with the pid it names a process for good. */
const startTicks = (pid: number): string | undefined => statOf(pid)[19]

/** Whether the server's process is over, or was followed by another with its pid. One that has just been made has no arguments yet. */
function hasEnded(pid: number, dir: string): boolean {
  const [state] = statOf(pid)
  const args = argumentsOf(pid)
  return state === undefined || state === 'Z' || (args.length > 0 && !isServer(args, dir))
}

let uses = 0

/** A file per use of the server, named after the process, so that a killed user never counts for ever. */
function enter(dir: string): string {
  const { users } = filesOf(dir)
  mkdirSync(users, { recursive: true })
  const file = path.join(users, `${process.pid}-${startTicks(process.pid)}-${++uses}`)
  writeFileSync(file, '')
  return file
}

/** How many live processes use the server; forgets those that ended without saying so. */
function liveUses(dir: string): number {
  const { users } = filesOf(dir)
  if (!existsSync(users)) return 0
  return readdirSync(users).filter((name) => {
    const [pid, ticks] = name.split('-')
    const live = startTicks(Number(pid)) === ticks
    if (!live) rmSync(path.join(users, name), { force: true })
    return live
  }).length
}

const ownerPassword = (dir: string) => keptSecret(filesOf(dir).password, newPassword)
const urlOf = (dir: string, port: number) => `mysql://${USER}:${ownerPassword(dir)}@127.0.0.1:${port}/${DATABASE}`

/**
 * Makes the system tables. Under another name first, so that a set-up cut short is not taken for a whole one. The script splits
 * at blanks what it hands on to the server, so no path is among that; and told of a user in its own way, it would change the
 * owner of files of the machine.
 */
function install(dir: string): void {
  const { data, temporary } = filesOf(dir)
  mkdirSync(temporary, { recursive: true })
  if (existsSync(data)) return
  const fresh = `${data}.new`
  rmSync(fresh, { recursive: true, force: true })
  const made = spawnSync(program('mariadb-install-db'), [
    '--no-defaults', `--datadir=${fresh}`, ...(isRoot ? ['-uroot'] : []), '--skip-test-db', '--skip-name-resolve',
    '--auth-root-authentication-method=socket', '--auth-root-socket-user=root',
  ], { encoding: 'utf8', env: { ...process.env, TMPDIR: temporary } })
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.error?.message ?? (made.stderr || made.stdout).trim().slice(-2000)}`)
  renameSync(fresh, data)
}

// A server that was killed lets go of its port a moment after it is gone.
const PORT_FREE_WITHIN_MS = 3_000

/** The wanted port where it is free or becomes so, else any free one. */
async function freePort(wanted: number): Promise<number> {
  const deadline = Date.now() + PORT_FREE_WITHIN_MS
  while (wanted !== 0 && Date.now() < deadline) {
    if (await canListen(wanted)) return wanted
    await sleep(50)
  }
  return (await canListen(0))!
}

/** The port, or for 0 one that the kernel chose; undefined when it is taken. */
function canListen(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => (port === 0 ? reject(error) : resolve(undefined)))
    probe.listen(port, '127.0.0.1', () => {
      const { port: found } = probe.address() as { port: number }
      probe.close(() => resolve(found))
    })
  })
}

/** The redo log holds half of what the pool does: with less, a large load waits while changed pages are written out early, and more than once. */
function memoryFor(pool: string): string[] {
  const megabytes = Number.parseInt(pool, 10) * (pool.endsWith('G') ? 1024 : 1)
  return [`--innodb-buffer-pool-size=${pool}`, `--innodb-log-file-size=${Math.max(64, Math.floor(megabytes / 2))}M`]
}

function launch(dir: string, port: number, durable: boolean, options: readonly string[]): number {
  const { data, init, log, temporary } = filesOf(dir)
  const password = ownerPassword(dir)
  writeFileSync(init, [
    `create user if not exists '${USER}'@'127.0.0.1' identified by '${password}';`,
    `alter user '${USER}'@'127.0.0.1' identified by '${password}';`,
    `grant all privileges on *.* to '${USER}'@'127.0.0.1' with grant option;`,
  ].join('\n') + '\n', { mode: 0o600 })
  const output = openSync(log, 'a', 0o600)
  // Detached: Ctrl-C reaches a whole process group, and the database must outlive those who still write to it.
  const child = spawn(program('mariadbd'), [
    '--no-defaults', ...asRoot, `--datadir=${data}`, `--tmpdir=${temporary}`, `--init-file=${init}`,
    '--bind-address=127.0.0.1', `--port=${port}`,
    // Relative to the data folder, into which the server changes: a socket's path may have 107 characters only.
    '--socket=onramp.sock', '--pid-file=onramp.pid',
    '--skip-name-resolve', '--skip-log-bin', '--local-infile=1', '--performance-schema=0',
    '--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci', '--default-time-zone=+00:00',
    '--max-connections=200', '--max-allowed-packet=64M',
    ...memoryFor(config().ONRAMP_BUFFER_POOL),
    `--innodb-flush-log-at-trx-commit=${durable ? 1 : 0}`, ...options,
  ], { detached: true, stdio: ['ignore', output, output], cwd: dir })
  closeSync(output)
  child.on('error', () => {})
  child.unref()
  if (!child.pid) throw new Error('mariadbd could not be started')
  return child.pid
}

async function answers(url: string): Promise<boolean> {
  try {
    const connection = await createConnection({ ...addressOf(url), database: undefined, connectTimeout: 2_000 })
    await connection.query('select 1')
    await connection.end()
    return true
  } catch {
    return false
  }
}

async function waitUntilReady(dir: string, state: State): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (Date.now() < deadline) {
    if (await answers(urlOf(dir, state.port))) return true
    if (hasEnded(state.pid, dir)) return false
    await sleep(100)
  }
  throw new Error(`the private MariaDB has not answered for ${READY_WITHIN_MS / 1000} seconds; see ${filesOf(dir).log}`)
}

async function startServer(dir: string, { keep, durable, options }: { keep: boolean; durable: boolean; options: readonly string[] }): Promise<State> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  install(dir)
  let wanted = readState(dir)?.port ?? 0
  for (let attempt = 1; attempt <= START_TRIES; attempt++) {
    const port = await freePort(wanted)
    const state = { pid: launch(dir, port, durable, options), port, keep }
    writeState(dir, state)
    if (await waitUntilReady(dir, state)) return state
    wanted = 0
  }
  const { log } = filesOf(dir)
  throw new Error(`the private MariaDB does not start. The end of ${log}:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`)
}

/** The running server of this folder: the one in the state file, or, should that be lost, in the server's own pid file. */
function live(dir: string): State | undefined {
  const state = readState(dir)
  const { pidFile } = filesOf(dir)
  const own = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
  const pid = [state?.pid ?? 0, own].find((candidate) => candidate > 0 && serves(candidate, dir))
  if (!pid) return undefined
  const port = argumentsOf(pid).find((argument) => argument.startsWith('--port='))!
  return { pid, port: Number(port.slice('--port='.length)), keep: state?.pid === pid && state.keep }
}

async function shutDown(dir: string, pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  const deadline = Date.now() + STOPPED_WITHIN_MS
  while (serves(pid, dir)) {
    if (Date.now() > deadline) throw new Error(`the private MariaDB (pid ${pid}) does not stop; see ${filesOf(dir).log}`)
    await sleep(50)
  }
}

const locked = <T>(dir: string, work: () => Promise<T>) => onlyOne(lockName(dir), READY_WITHIN_MS, work)

/** Starts the private MariaDB, or joins the one that runs. Safe when several processes do so at once. */
export async function startEmbedded({ dir = embeddedDir(), keep = false, durable = true, options = [] }: EmbeddedOptions = {}): Promise<Embedded> {
  if (process.platform !== 'linux') throw new UserError('unavailable', 'The private database needs Linux. Set DATABASE_URL to a MariaDB or MySQL server.')
  return locked(dir, async () => {
    const running = live(dir)
    if (running) {
      if (!(await waitUntilReady(dir, running))) throw new Error('the private MariaDB stopped just now; try again')
      if (keep && !running.keep) writeState(dir, { ...running, keep })
    }
    const state = running ?? (await startServer(dir, { keep, durable, options }))
    const use = keep ? undefined : enter(dir)
    return {
      url: urlOf(dir, state.port), pid: state.pid, startedHere: !running,
      async stop() {
        if (!use) return
        await locked(dir, async () => {
          rmSync(use, { force: true })
          const now = live(dir)
          if (now && !now.keep && liveUses(dir) === 0) await shutDown(dir, now.pid)
        })
      },
    }
  })
}

/** Shuts the private MariaDB down, whoever uses it. False when it was not running. */
export async function stopEmbedded(dir: string = embeddedDir()): Promise<boolean> {
  return locked(dir, async () => {
    const state = live(dir)
    if (state) await shutDown(dir, state.pid)
    return state !== undefined
  })
}

/** The address of the private MariaDB while it runs. */
export function embeddedUrl(dir: string = embeddedDir()): string | undefined {
  const state = live(dir)
  return state && urlOf(dir, state.port)
}
