import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { entityNames } from '#lib/contract/index.ts'
import { freePort } from '#lib/http/free-port.ts'
import { embeddedUsers } from '#lib/db/embedded-users.ts'
import { startEmbedded, type Embedded } from '#lib/db/embedded.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { FaultyLine } from '#lib/db/faulty-line.ts'
import { UserError } from '#lib/errors.ts'
import { failpoints, type Failpoint, type FailpointAction, type FailpointHit } from '#lib/ingest/failpoint.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import type { Pool } from 'mysql2/promise'
import type { Random } from '#lib/sample/random.ts'
import { portalProgram, workerProgram } from '../programs.ts'
import { runOnramp, type Ended } from '../run-onramp.ts'
import { Kept } from './kept.ts'
import { PORTAL_PLACES, WORKER_ACTIONS, WORKER_PLACES } from './kinds.ts'
import { Rotation } from './rotation.ts'
import type { Tally } from './tally.ts'

/** The least that a lease may be: a stopped worker's load is taken up after so long. */
export const LEASE_SECONDS = 5
export const WORKERS = 2
const ANSWERS_WITHIN_MS = 120_000
// The database may be away for a while, and five tries take their time.
const COMMANDS_END_WITHIN_MS = 300_000

const root = path.resolve(import.meta.dirname, '../..')
// A load that needs more of it is broken; one whose worker is to run out of it does so soon.
const WORKER_HEAP = '--max-old-space-size=256'

/** An installation of the soak's own, whose every part can be disturbed. */
export type Installation = {
  folder: string
  address: string
  /** The database as its owner, past the lines that break. */
  url: string
  db: Pool
  portal: Kept
  workers: readonly Kept[]
  /** What portal, workers and commands reach the database by. */
  portalLine: FaultyLine
  workerLine: FaultyLine
  /** While true, processes are started with a fail point now and then. */
  arming: boolean
  /** Runs the command line, by the line that breaks or, `direct`, past it. */
  onramp(args: readonly string[], options?: OnrampOptions): Promise<Ended>
  /** Kills the database and starts it again. */
  killDatabase(): Promise<void>
  databasePid(): number
  untilItAnswers(): Promise<void>
  stop(): Promise<void>
}

/** `killAfterMs`, `dies`: it is killed, or kills itself, and that is no problem. */
export type OnrampOptions = { direct?: boolean; env?: Record<string, string>; killAfterMs?: number; dies?: boolean }
export type InstallationOptions = { folder: string; dice: Random; tally: Tally; /** Kills commands that still run. */ signal: AbortSignal }

/** Where and how lives of a process end, so that each place and each way has its turn. */
class Arming {
  readonly #dice: Random
  readonly #share: number
  readonly #places: Rotation<Failpoint>
  readonly #actions: Rotation<FailpointAction>

  /** `share`: of the lives that are armed. */
  constructor(dice: Random, share: number, places: readonly Failpoint[], actions: readonly FailpointAction[]) {
    this.#dice = dice
    this.#share = share
    this.#places = new Rotation(places, dice)
    this.#actions = new Rotation(actions, dice)
  }

  next(): string | undefined {
    if (!this.#dice.chance(this.#share)) return undefined
    const [place, action] = [this.#places.next(), this.#actions.next()]
    const isEach = place.startsWith('W') && 'each' in failpoints[place]
    return `${place}${isEach && this.#dice.chance(0.5) ? `:${this.#dice.of(entityNames)}` : ''}=${action}`
  }

  hit({ place, action }: FailpointHit): void {
    this.#places.hit(place.split(':')[0] as Failpoint)
    this.#actions.hit(action)
  }
}

/** Starts database, portal and workers in an empty folder, which is this process' data folder. */
export async function openInstallation({ folder, dice, tally, signal }: InstallationOptions): Promise<Installation> {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new UserError('unavailable', 'The portal could not be built; the reason is above.')
  const logs = path.join(folder, 'logs')
  mkdirSync(logs)
  const servers: Embedded[] = [await startEmbedded()]
  const { url } = servers[0]!
  await prepareDatabase(url)
  const { portalUrl, workerUrl } = await embeddedUsers(url)
  const [portalLine, workerLine] = [await FaultyLine.to(portalUrl), await FaultyLine.to(workerUrl)]
  const port = await freePort()
  const address = `http://localhost:${port}`
  const db = pool(url, 6)
  const env: NodeJS.ProcessEnv = {
    ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', PORT: String(port), NEXTAUTH_URL: address, NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
    ONRAMP_ENVIRONMENT: 'soak', ONRAMP_LOG_LEVEL: 'info', ONRAMP_LEASE_SECONDS: String(LEASE_SECONDS), ONRAMP_WORKER_SLOTS: '2',
  }
  let [arming, stopped] = [false, false]
  const kept = (name: string, ready: string, args: readonly string[], databaseUrl: string, ends: Arming) => new Kept({
    name, ready, args, env: { ...env, DATABASE_URL: databaseUrl }, logFile: path.join(logs, `${name.replace(' ', '-')}.log`), tally,
    arm: () => (arming ? ends.next() : undefined), onHit: (hit) => ends.hit(hit),
  })
  const portal = kept('portal', 'Ready in', portalProgram(port), portalLine.url, new Arming(dice, 0.5, PORTAL_PLACES, ['kill']))
  const ends = new Arming(dice, 0.75, WORKER_PLACES, WORKER_ACTIONS)
  const workers = Array.from({ length: WORKERS }, (_, i) => kept(`worker ${i + 1}`, 'worker ready', [WORKER_HEAP, ...workerProgram], workerLine.url, ends))

  const installation: Installation = {
    folder, address, url, db, portal, workers, portalLine, workerLine,
    get arming() { return arming },
    set arming(on) { arming = on },
    async onramp(args, { direct = false, env: more = {}, killAfterMs, dies = false } = {}) {
      const ended = await runOnramp(args, { ...env as Record<string, string>, DATABASE_URL: url, ONRAMP_WORKER_DATABASE_URL: direct ? '' : workerLine.url, ...more },
        { killAfterMs: killAfterMs ?? COMMANDS_END_WITHIN_MS, signal })
      if (killAfterMs === undefined && !dies && ended.code === null) tally.problem(`onramp ${args.join(' ')} had not ended after ${COMMANDS_END_WITHIN_MS / 1000} seconds`)
      return ended
    },
    databasePid: () => servers.at(-1)!.pid,
    async killDatabase() {
      const { pid } = servers.at(-1)!
      process.kill(pid, 'SIGKILL')
      while (isThere(pid)) await sleep(20)
      if (stopped) return
      const again = await startEmbedded()
      servers.push(again)
      if (again.url !== url) throw new Error('the private database came back on another port')
    },
    async untilItAnswers() {
      const deadline = Date.now() + ANSWERS_WITHIN_MS
      while (!(await fetch(`${address}/login`, { signal: AbortSignal.timeout(10_000) }).then((answer) => answer.ok, () => false))) {
        if (Date.now() > deadline) throw new Error(`the portal has not answered for ${ANSWERS_WITHIN_MS / 1000} seconds; see ${logs}`)
        await sleep(200)
      }
    },
    async stop() {
      stopped = true
      await Promise.all([portal, ...workers].map((one) => one.end()))
      await Promise.all([portalLine.close(), workerLine.close()])
      await db.end().catch(() => undefined)
      for (const server of servers) await server.stop()
    },
  }
  try {
    await installation.untilItAnswers()
    return installation
  } catch (error) {
    await installation.stop()
    throw error
  }
}

/** A killed process that nobody has collected is gone too. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
