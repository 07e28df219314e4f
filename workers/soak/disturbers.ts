import type { Pool } from 'mysql2/promise'
import type { FaultyLine } from '#lib/db/faulty-line.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import { random, type Random } from '#lib/sample/random.ts'
import { LEASE_SECONDS, type Installation } from './installation.ts'
import type { Kept } from './kept.ts'
import { PACKET_FAULTS, WORKER_SIGNALS, kindOf, type Whose } from './kinds.ts'
import { paused } from './pause.ts'
import { Rotation } from './rotation.ts'
import { persistently } from './shops.ts'
import type { Tally } from './tally.ts'

export type DisturbersOptions = { installation: Installation; seed: number; tally: Tally; /** Mean pause between two things that one disturber does. */ everyMs: number }

const STALL_MS = (LEASE_SECONDS + 3) * 1000
const STRANGERS = 3
const LOCKED_TABLES = ['customer', 'invoice', 'crosswalk_customer', 'crosswalk_invoice', 'load', 'shop']
// innodb_lock_wait_timeout of every session.
const LOCK_WAIT_MS = 10_000

/** Everything that goes wrong in a storm, side by side, until `stop` aborts. Afterwards everything is whole and runs again. */
export async function disturb(options: DisturbersOptions, storm: number, stop: AbortSignal): Promise<void> {
  const { installation, seed } = options
  const dice = (what: string) => random(seed, 'storm', storm, what)
  installation.arming = true
  breakPackets(options, installation.workerLine, 'workers', dice('packets of workers'))
  breakPackets(options, installation.portalLine, 'the portal', dice('packets of the portal'))
  try {
    await Promise.all([
      ...installation.workers.map((worker) => disturbWorker(options, worker, dice(worker.name), stop)),
      killPortal(options, dice('portal'), stop),
      killDatabase(options, dice('database'), stop),
      cutLines(options, dice('lines'), stop),
      lockRows(options, dice, stop),
      watchAudit(options, dice('audit'), stop),
    ])
  } finally {
    installation.arming = false
    for (const line of [installation.workerLine, installation.portalLine]) line.fault = () => undefined
  }
}

const pauseOf = ({ everyMs }: DisturbersOptions, dice: Random) => dice.int(everyMs / 4, everyMs * 1.75)

/** C1 to C3, B2: a worker is killed, told to stop, or stands still for longer than its lease. */
async function disturbWorker(options: DisturbersOptions, worker: Kept, dice: Random, stop: AbortSignal): Promise<void> {
  const ways = new Rotation(WORKER_SIGNALS, dice)
  while (await paused(pauseOf(options, dice), stop)) {
    const how = ways.next()
    options.tally.count(kindOf.told(how))
    if (how === 'SIGTERM' || how === 'SIGTERM twice') await worker.terminate(how)
    else worker.signal(how)
  }
}

/** Whoever stands still, by us or by its fail point, is woken when its lease is long over. */
export async function wakeStalled({ workers }: Installation, tally: Tally, stop: AbortSignal): Promise<void> {
  const since = new Map<Kept, number>()
  while (await paused(500, stop)) {
    for (const worker of workers) {
      if (worker.state !== 'T') since.delete(worker)
      else if (!since.has(worker)) since.set(worker, Date.now())
      else if (Date.now() - since.get(worker)! > STALL_MS) {
        worker.signal('SIGCONT')
        tally.count('workers woken past their lease')
        since.delete(worker)
      }
    }
  }
}

/** C5. */
async function killPortal(options: DisturbersOptions, dice: Random, stop: AbortSignal): Promise<void> {
  while (await paused(pauseOf(options, dice) * 2, stop)) {
    options.installation.portal.signal('SIGKILL')
    options.tally.count('portal: SIGKILL')
  }
}

/** C6. */
async function killDatabase(options: DisturbersOptions, dice: Random, stop: AbortSignal): Promise<void> {
  while (await paused(pauseOf(options, dice) * 3, stop)) {
    await options.installation.killDatabase()
    options.tally.count('database: SIGKILL')
  }
}

/** D1, D2: packets are lost, torn, unanswered or late; most of all around COMMIT. */
function breakPackets({ tally }: DisturbersOptions, line: FaultyLine, whose: Whose, dice: Random): void {
  const faults = { commits: new Rotation(PACKET_FAULTS, dice), others: new Rotation(PACKET_FAULTS, dice) }
  line.fault = ({ text }) => {
    const isCommit = text.toUpperCase() === 'COMMIT'
    if (dice.chance(0.002)) {
      tally.count(kindOf.late(whose))
      return dice.int(20, 400)
    }
    if (!dice.chance(isCommit ? 0.03 : 0.0006)) return undefined
    const fault = (isCommit ? faults.commits : faults.others).next()
    tally.count(kindOf.packet(whose, isCommit, fault))
    return fault
  }
}

async function cutLines(options: DisturbersOptions, dice: Random, stop: AbortSignal): Promise<void> {
  const { workerLine, portalLine } = options.installation
  while (await paused(pauseOf(options, dice) * 2, stop)) {
    const line = dice.of([workerLine, portalLine])
    line.cut()
    options.tally.count(kindOf.cut(line === workerLine ? 'workers' : 'the portal'))
    if (!dice.chance(0.3)) continue
    line.down = true
    await paused(dice.int(500, 6_000), stop)
    line.down = false
    options.tally.count('times that nobody got through')
  }
}

/** D3, D4: sessions of others that lock rows of shops in any order, and keep them. They change nothing. */
async function lockRows(options: DisturbersOptions, dice: (what: string) => Random, stop: AbortSignal): Promise<void> {
  const strangers = pool(options.installation.url, STRANGERS)
  try {
    await Promise.all(Array.from({ length: STRANGERS }, (_, i) => lockOn(options, strangers, dice(`stranger ${i}`), stop)))
  } finally {
    await strangers.end().catch(() => undefined)
  }
}

async function lockOn({ installation, tally }: DisturbersOptions, strangers: Pool, dice: Random, stop: AbortSignal): Promise<void> {
  while (await paused(dice.int(100, 1_500), stop)) {
    const session = await persistently(() => strangers.getConnection())
    try {
      // Rows of several tables in any order, as a load never takes them: each then waits for the other.
      const [one, isMixed] = [dice.of(LOCKED_TABLES), dice.chance(0.5)]
      const found = await rows<{ id: number }>(installation.db, sql`select shop.id from shop order by id desc limit 6`)
      const shopId = found.length > 0 ? dice.of(found).id : 0
      await session.beginTransaction()
      for (let n = dice.int(1, 4); n > 0; n--) {
        const table = isMixed ? dice.of(LOCKED_TABLES) : one
        const column = table === 'shop' ? 'id' : 'shopId'
        await session.query(`select ${column} from \`${table}\` where ${column} = ? order by rand() limit ? for update`, [shopId, dice.int(1, 30)])
        await paused(dice.int(5, 200), stop)
      }
      const ms = dice.chance(0.1) ? dice.int(5_000, 14_000) : dice.int(50, 800)
      if (await paused(ms, stop) && ms > LOCK_WAIT_MS) tally.count('locks held past the patience of a load')
      tally.count('locks held by strangers')
    } catch (error) {
      const deadlock = (error as { errno?: number }).errno === 1213
      tally.count(deadlock ? 'deadlocks that a stranger lost' : 'strangers disturbed themselves')
    } finally {
      await session.rollback().catch(() => undefined)
      session.release()
    }
  }
}

/** X12: whatever happens, the trail is whole, or cannot be asked just now. */
async function watchAudit(options: DisturbersOptions, dice: Random, stop: AbortSignal): Promise<void> {
  while (await paused(pauseOf(options, dice) * 3, stop)) {
    const { code, stdout } = await options.installation.onramp(['audit', 'verify'], { direct: true })
    if (code === 2) options.tally.problem(`in a storm: ${stdout.trim()}`)
    options.tally.count(code === 0 ? 'audit trails verified' : 'audit trails not verified, the database being away')
  }
}
