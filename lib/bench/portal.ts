import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Connection } from 'mysql2/promise'
import { freePort } from '#lib/http/free-port.ts'
import { createAccount } from '#lib/auth/accounts.ts'
import { embeddedUrl } from '#lib/db/embedded.ts'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { serverOf } from '#lib/ingest/sql/server.ts'
import { ident, row, run, sql } from '#lib/ingest/sql/sql.ts'
import { machine } from './machine.ts'
import type { Setting } from './result.ts'

/** An answer, whole; `ms` from sending the request to the last byte. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer; bytes: number; ms: number }
export type Ask = { method?: string; headers?: Record<string, string>; body?: string }

/** A portal in production mode with a database of its own, and somebody who is signed in. */
export type BenchPortal = {
  address: string
  /** The database's owner. */
  db: Connection
  stagingSchema: string
  /** Of the process that answers. */
  pid: number
  /** What the session is sent with. */
  headers: Record<string, string>
  /** Sends a request on the one connection that is kept open, as a browser does. */
  ask(where: string, ask?: Ask): Promise<Answer>
  setting(): Promise<Setting>
  stop(): Promise<void>
}

const root = path.resolve(import.meta.dirname, '../..')
// The first start builds the portal.
const ANSWERS_WITHIN_MS = 900_000
const DATABASE_THERE = 'onramp_pages'

export type PortalOptions = {
  /** Its data folder, the private database included. */
  dataDir: string
  /** Another server, on which it gets a database that is dropped in the end. */
  url?: string
  signal: AbortSignal
}

/** Starts `onramp serve` and signs an engineer in. */
export async function openPortal({ dataDir, url, signal }: PortalOptions): Promise<BenchPortal> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const port = await freePort()
  const address = `http://localhost:${port}`
  const given = url && new URL(`/${DATABASE_THERE}`, url).href
  const server = spawn(process.execPath, [path.join(root, 'workers/onramp.ts'), 'serve'], {
    cwd: root, stdio: ['ignore', 'ignore', 'inherit'],
    // Empty settings are no settings: nothing of this installation's.
    env: {
      ...process.env, PORT: String(port), ONRAMP_DATA_DIR: dataDir, DATABASE_URL: given ?? '', ONRAMP_PORTAL_DATABASE_URL: '', ONRAMP_WORKER_DATABASE_URL: '', ONRAMP_STAGING_SCHEMA: '',
      NEXTAUTH_URL: '', NEXTAUTH_SECRET: '', ONRAMP_AUDIT_KEY: '', ONRAMP_ENVIRONMENT: 'benchmark', ONRAMP_LOG_LEVEL: 'warn',
    },
  })
  try {
    await untilItAnswers(address, server, signal)
    const owner = given ?? embeddedUrl(path.join(dataDir, 'mysql'))!
    const db = await connect(owner)
    const database = new URL(owner).pathname.slice(1)
    const stagingSchema = `${database}_staging`
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const headers = { origin: address, cookie: '' }
    const ask = (where: string, how: Ask = {}) => timed(agent, new URL(where, address), { ...how, headers: { 'accept-encoding': 'gzip', ...headers, ...how.headers } })
    headers.cookie = await signIn(db, ask)
    return {
      address, db, stagingSchema, pid: portalPid(server.pid!), headers, ask, setting: () => settingOf(db),
      async stop() {
        agent.destroy()
        if (given) for (const schema of [database, stagingSchema]) await run(db, sql`drop database if exists ${ident(schema)}`)
        await db.end()
        await end(server)
      },
    }
  } catch (error) {
    await end(server)
    throw error
  }
}

async function settingOf(db: Connection): Promise<Setting> {
  const { name, version } = await serverOf(db)
  const pool = await row<{ bytes: number }>(db, sql`select @@innodb_buffer_pool_size as bytes`)
  return { measuredAt: new Date().toISOString(), machine: machine(), server: { name, version, settings: { innodb_buffer_pool_size: String(pool!.bytes) } } }
}

async function untilItAnswers(address: string, server: ChildProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + ANSWERS_WITHIN_MS
  while (Date.now() < deadline) {
    signal.throwIfAborted()
    if (server.exitCode !== null || server.signalCode !== null) throw new UserError('unavailable', 'The portal did not start; the reason is above.')
    if ((await fetch(`${address}/login`).catch(() => null))?.ok) return
    await sleep(200)
  }
  throw new UserError('unavailable', `The portal has not answered at ${address} for ${ANSWERS_WITHIN_MS / 60_000} minutes.`)
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}

async function signIn(db: Connection, ask: BenchPortal['ask']): Promise<string> {
  const { email, password } = await createAccount(db, { email: `bench-${randomUUID()}@onramp.example`, name: 'Benchmark', role: 'engineer' })
  const cookies = new Map<string, string>()
  const keep = ({ headers }: Answer) => {
    for (const cookie of headers['set-cookie'] ?? []) cookies.set(cookie.slice(0, cookie.indexOf('=')), cookie.split(';', 1)[0]!)
    return [...cookies.values()].join('; ')
  }
  const csrf = await ask('/api/auth/csrf')
  const form = new URLSearchParams({ csrfToken: (JSON.parse(csrf.body.toString()) as { csrfToken: string }).csrfToken, email, password, json: 'true', callbackUrl: '/' })
  const answer = await ask('/api/auth/callback/credentials', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: keep(csrf) }, body: form.toString() })
  if (answer.status !== 200) throw new Error(`the portal did not let the benchmark in (${answer.status})`)
  return keep(answer)
}

function timed(agent: Agent, url: URL, { method = 'GET', headers, body }: Ask): Promise<Answer> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent, method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) } }, (answer) => {
      buffer(answer).then((sent) => {
        const ms = performance.now() - startedMs
        resolve({ status: answer.statusCode!, headers: answer.headers, body: answer.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent, bytes: sent.length, ms })
      }, reject)
    })
    sending.once('error', reject)
    sending.end(body)
  })
}

/** The process of Next among those that `serve` started. */
function portalPid(parent: number): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      return [{ pid: Number(name), parent: Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }]
    } catch {
      // Ended while we looked.
      return []
    }
  })
  const below = (pid: number): typeof processes => processes.filter((one) => one.parent === pid).flatMap((one) => [one, ...below(one.pid)])
  const found = below(parent).find(({ command }) => command.startsWith('next-server'))
  if (!found) throw new Error('the process of the portal was not found')
  return found.pid
}
