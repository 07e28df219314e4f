import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { embeddedUrl } from '#lib/db/embedded.ts'
import { FaultyLine } from '#lib/db/faulty-line.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { freePort } from '#lib/http/free-port.ts'
import { runOnramp } from '../workers/run-onramp.ts'
import type { Account } from './accounts.ts'
import { keepSecret } from './canaries.ts'
import { Line } from './line.ts'
import { processesOf } from './processes.ts'

const root = path.resolve(import.meta.dirname, '..')
const READY_WITHIN_MS = 3 * 60_000

export type Part = 'portal' | 'worker'
const programs: Record<Part, string> = { portal: 'next-server', worker: 'onramp.ts worker' }

/** An installation of a test's own, every line of which can be broken: browsers to portal, portal to database, worker to database. */
export type Disturbed = {
  /** Where browsers find the portal, by the line that can be broken. */
  address: string
  browsers: Line
  portalsDatabase: Line
  workersDatabase: FaultyLine
  /** The database, by a line that holds. */
  database: Connection
  pid(part: Part): number | undefined
  /** Runs the command line, by lines that hold. */
  onramp(...args: string[]): ReturnType<typeof runOnramp>
  stop(): Promise<void>
}

/** Starts one, as `npm start` does, on a database of its own in the server that all browser tests share. */
export async function startDisturbed({ email, name, role, password }: Account): Promise<Disturbed> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-disturbed-'))
  const url = new URL(process.env.DATABASE_URL ?? embeddedUrl()!)
  url.pathname = `/onramp_disturbed_${process.pid}`
  const port = await freePort()
  const [browsers, portalsDatabase, workersDatabase] = await Promise.all([Line.to(port), Line.to(Number(url.port || 3306)), FaultyLine.to(url.href)])
  const address = `http://127.0.0.1:${browsers.port}`
  const own = { ONRAMP_DATA_DIR: dataDir, PORT: String(port), NEXTAUTH_URL: address, ONRAMP_LEASE_SECONDS: '5', ONRAMP_WORKER_DATABASE_URL: '' }
  const lines = {
    DATABASE_URL: Object.assign(new URL(url), { host: `127.0.0.1:${portalsDatabase.port}` }).href,
    ONRAMP_WORKER_DATABASE_URL: workersDatabase.url,
  }
  const onramp = (...args: string[]) => runOnramp(args, { ...own, DATABASE_URL: url.href })

  const serve = spawn(process.execPath, [path.join(root, 'workers/onramp.ts'), 'serve'], { cwd: root, env: { ...process.env, ...own, ...lines }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  // Beside those of the portal under test, which are looked at when all is over.
  const log = path.join(process.env.ONRAMP_DATA_DIR!, 'disturbed.log')
  serve.stderr.on('data', (text: Buffer) => {
    said += text.toString()
    appendFileSync(log, text)
  })
  const deadline = Date.now() + READY_WITHIN_MS
  while (!said.includes('Onramp answers at')) {
    if (serve.exitCode !== null || Date.now() > deadline) throw new Error(`the installation to disturb does not start: ${said}`)
    await sleep(100)
  }
  keepSecret(readFileSync(path.join(dataDir, 'session-secret'), 'utf8').trim())
  const added = await onramp('user', 'add', '--email', email, '--name', name, '--role', role, '--password', password, '--keep-password')
  if (added.code !== 0) throw new Error(added.stderr)
  const database = await connect(url.href)
  return {
    address, browsers, portalsDatabase, workersDatabase, database, onramp,
    pid: (part) => processesOf(dataDir).find(({ command }) => command.includes(programs[part]))?.pid,
    async stop() {
      const ended = once(serve, 'exit')
      serve.kill('SIGTERM')
      await ended
      for (const schema of ['', '_staging']) await database.query(`drop database if exists \`${url.pathname.slice(1)}${schema}\``)
      await database.end()
      await Promise.all([browsers.close(), portalsDatabase.close(), workersDatabase.close()])
      rmSync(dataDir, { recursive: true })
    },
  }
}
