import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { config, dataDir } from '#lib/config.ts'
import { embeddedUrl, startEmbedded, type Embedded } from '#lib/db/embedded.ts'
import { ensureDatabase, type Database } from '#lib/db/ensure.ts'
import { UserError } from '#lib/errors.ts'
import { keptSecret } from '#lib/secret-file.ts'
import { keepRunning, type Child } from './child.ts'
import { portalProgram, workerProgram } from './programs.ts'
import { whenToldToStop } from './told-to-stop.ts'

export type Installation = {
  /** Where browsers find the portal, and where it answers on this machine. */
  address: string
  localAddress: string
  databaseUrl: string
  /** Stops portal, worker and database, in this order. */
  stop(): Promise<void>
  /** Settles when it has to end: on Ctrl-C or SIGTERM, or when a part of it died for good. */
  ended: Promise<Ending>
}
type Ending = { message: string; exitCode: number }

const root = path.resolve(import.meta.dirname, '..')
// Open event streams keep the portal's connections alive; what they show is in the database.
const PORTAL_GRACE_MS = 4_000
// A load in its write step rolls back first; its lease brings it back on the next start.
const WORKER_GRACE_MS = 30_000
const ANSWERS_WITHIN_MS = 120_000
const DATABASE_CHECK_MS = 2_000
const ANY = new Set(['0.0.0.0', '::'])

/** The secret that signs sessions: NEXTAUTH_SECRET, or one made at the first start and kept in the data folder. */
function sessionSecret(): string {
  const given = config().NEXTAUTH_SECRET
  if (given) return given
  return keptSecret(path.join(dataDir(), 'session-secret'), () => randomBytes(32).toString('base64url'))
}

async function refuseTakenPort(port: number, host: string | undefined): Promise<void> {
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
  if (!free) throw new UserError('unavailable', `Port ${port} is taken. Stop what uses it (another Onramp?), or choose another with PORT=${port + 1}.`)
}

function build(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new UserError('unavailable', 'The portal could not be built; the reason is above.')
}

async function untilItAnswers(address: string, ended: Promise<Ending>): Promise<void> {
  const deadline = Date.now() + ANSWERS_WITHIN_MS
  let ending: Ending | undefined
  void ended.then((settled) => { ending = settled })
  while (Date.now() < deadline) {
    if (ending) throw new UserError('unavailable', ending.message)
    const answer = await fetch(`${address}/login`, { signal: AbortSignal.timeout(30_000) }).catch(() => undefined)
    if (answer?.ok) return
    await sleep(200)
  }
  throw new UserError('unavailable', `The portal has not answered at ${address}/login for ${ANSWERS_WITHIN_MS / 1000} seconds.`)
}

/** Starts the private database again, on the port that portal and worker know, should it die under them. */
function watchDatabase(database: Database, giveUp: (message: string) => void): () => Promise<void> {
  let running = database.embedded
  let restart = Promise.resolve()
  const restarted: Embedded[] = []
  const check = async () => {
    if (!running || embeddedUrl() !== undefined) return
    console.error('The private MariaDB died; starting it again.')
    const again = await startEmbedded()
    restarted.push(again)
    if (again.url !== database.url) giveUp('The private MariaDB had to take another port. Start Onramp again.')
  }
  const timer = setInterval(() => {
    restart = restart.then(check).catch((error: unknown) => giveUp(`The private MariaDB died and does not start again: ${(error as Error).message}`))
  }, DATABASE_CHECK_MS)
  return async () => {
    running = false
    clearInterval(timer)
    await restart
    for (const server of restarted) await server.stop()
  }
}

/** Starts database, portal and worker of this installation. `logs`: a folder for what they print, else it goes to stderr. */
export async function startInstallation({ dev = false, logs }: { dev?: boolean; logs?: string }): Promise<Installation> {
  const { PORT: port, ONRAMP_HOST: host } = config()
  mkdirSync(dataDir(), { recursive: true, mode: 0o700 })
  if (logs) mkdirSync(logs, { recursive: true })
  await refuseTakenPort(port, host)
  if (!dev) build()
  const { promise: ended, resolve: end } = Promise.withResolvers<Ending>()
  const stopping = new AbortController()
  let isUp = false
  whenToldToStop(() => {
    end({ message: 'Stopping …', exitCode: 0 })
    stopping.abort(new UserError('unavailable', 'Stopped before the database was brought up to date.'))
  }, () => {
    if (!isUp) process.exit(1)
    console.error('Stopping already …')
  })
  const giveUp = (message: string) => end({ message, exitCode: 1 })
  const address = `http://${host === undefined || ANY.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`
  const database = await ensureDatabase(stopping.signal)
  const env = {
    ...process.env, NODE_ENV: dev ? 'development' as const : 'production' as const, NEXT_TELEMETRY_DISABLED: '1',
    ONRAMP_DATA_DIR: dataDir(), NEXTAUTH_URL: config().NEXTAUTH_URL ?? address, NEXTAUTH_SECRET: sessionSecret(),
    // Each gets the address that is its own, and no other.
    DATABASE_URL: undefined, ONRAMP_PORTAL_DATABASE_URL: undefined, ONRAMP_WORKER_DATABASE_URL: undefined,
  }
  const start = (name: string, databaseUrl: string, args: readonly string[], graceMs: number): Child =>
    keepRunning({ name, args, env: { ...env, DATABASE_URL: databaseUrl }, graceMs, logFile: logs && path.join(logs, `${name}.log`), onGivenUp: giveUp })
  const portal = start('portal', database.portalUrl, portalProgram(port, { dev, host }), PORTAL_GRACE_MS)
  const worker = start('worker', database.workerUrl, workerProgram, WORKER_GRACE_MS)
  const unwatch = watchDatabase(database, giveUp)
  const stop = async () => {
    await portal.stop()
    await worker.stop()
    await unwatch()
    await database.stop()
  }
  try {
    await untilItAnswers(address, ended)
  } catch (error) {
    await stop()
    throw error
  }
  isUp = true
  return { address: env.NEXTAUTH_URL, localAddress: address, databaseUrl: database.url, stop, ended }
}

/** Waits until it has to end, stops everything and gives the exit code. */
export async function serveUntilStopped({ stop, ended }: Installation): Promise<number> {
  const { message, exitCode } = await ended
  console.error(message)
  await stop()
  return exitCode
}
