import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, Pool } from 'mysql2/promise'
import { entities } from '#lib/contract/index.ts'
import { failpoints, type Failpoint } from '#lib/ingest/failpoint.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import type { Random } from '#lib/sample/random.ts'
import { canonicalDump } from './canon.ts'
import type { Cells, PackageFiles } from './write-package.ts'
import type { TestInstallation, TestShop } from './testing.ts'

const root = path.resolve(import.meta.dirname, '../..')
const from = (first: number, count: number, make: (i: number) => Cells) => Array.from({ length: count }, (_, n) => make(first + n))

/**
 * The books of a small shop as they are delivered for the first time (round 0) and later: then rows are new, changed,
 * unchanged, repeated, gone, wrong, without their parent, and in circles, in every file that can have such.
 */
export function books(round: number): PackageFiles {
  const first = round * 2
  const touched = (i: number) => (i % 3 === 0 ? `round ${round}` : 'same')
  const suppliers = from(first, 4, (i) => ({ externalSupplierId: `S${i}`, supplierName: `Parts, "Inc." ${i}`, city: touched(i), Fax: '1' }))
  return {
    customer: [
      ...from(first, 10, (i) => ({ externalCustomerId: `C${i}`, firstName: touched(i), defaultLaborRate: i % 7 === 4 ? 'abc' : '95.50', contactCell: '503-555-0100' })),
      { externalCustomerId: `C${first + 1}`, firstName: 'the last one counts', defaultLaborRate: '', contactCell: '' },
    ],
    vehicle: from(first, 10, (i) => ({ externalVehicleId: `V${i}`, externalCustomerId: `C${i}`, make: touched(i), year: i % 8 === 7 ? 'new' : '2019' })),
    invoice: from(first, 12, (i) => ({
      externalDocumentId: `I${i}`, externalCustomerId: i % 9 === 8 ? 'C99' : `C${i}`, externalVehicleId: i % 5 === 0 ? 'V99' : `V${i}`, createdOn: '2025-08-22 10:00', shopNote: touched(i), tax: '0.25', total: `${i}.50`,
    })),
    line_item: from(first, 26, (i) => ({
      externalDatalineId: `L${i}`, externalDocumentId: `I${i % 12 + first}`, externalParentDatalineId: i % 4 === 1 ? `L${i % 24 < 12 ? i + 12 : i - 12}` : '',
      datalineType: i % 11 === 10 ? 'odd' : 'part', description: touched(i), total: `${i}.25`,
    })),
    payment: from(first, 6, (i) => ({ externalPaymentId: `P${i}`, externalDocumentId: `I${i}`, paymentAmount: `${i + 1}.00`, paymentNotes: touched(i) })),
    inventory_part: from(first, 5, (i) => ({ externalPartId: `X${i}`, partNumber: i % 6 === 5 ? '' : 'N-1', partDescription: touched(i), unitCost: '1.2345' })),
    supplier: [...suppliers, { ...suppliers[0]! }],
  }
}

/** A shop with one load in production, or a new one, and a load called `second` that is still a folder. */
export type Prepared = { shop: TestShop; shopId: number; folder: string; name: string; isNew: boolean }
/** What production and crosswalk of a shop hold: what was there before, the second load whole, or something that must never be seen. */
export type State = 'before' | 'after' | 'in between'

export type Disturbance = {
  prepare(options?: { isNew?: boolean }): Promise<Prepared>
  /** What the shop's rows are like now. */
  state(shop: Prepared): Promise<State>
  /** The whole dump of the shop, and what it is like at the end when nothing disturbs the loads. */
  canon(shop: Prepared): Promise<string>
  undisturbed(shop: Prepared): string
  /** Starts the command line in a process of its own, against the test's database and files; `by` another program, where that has to prepare something. */
  start(args: readonly string[], env?: Record<string, string>, nodeOptions?: readonly string[], by?: readonly string[]): Running
  /** Lets the lease of the shop's running job run out at once. */
  expire(shop: Prepared): Promise<void>
  /** The numbers and fates of the attempts at the second load, oldest first. */
  attempts(shop: Prepared): Promise<{ number: number; status: string; code: string | null }[]>
  loadStatus(shop: Prepared): Promise<string | undefined>
}

const PRODUCTION_LINES = entities.length * 2

/** What the tests of kills, races and faults share: prepared shops with these books, the undisturbed result, and processes to disturb. */
export async function disturbance({ newShop, runner, url, dataDir }: TestInstallation, booksOf = books): Promise<Disturbance> {
  const production = (dump: string) => dump.split('\n').slice(0, PRODUCTION_LINES).join('\n')
  const prepare = async ({ isNew = false } = {}): Promise<Prepared> => {
    const shop = newShop()
    const { insertId: partnerId } = await run(runner.db, sql`insert into partner (slug, name) values (${shop.partner}, 'Partner')`)
    const { insertId: shopId } = await run(runner.db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partnerId}, ${shop.shop}, 'Shop', 'America/New_York')`)
    if (!isNew) await shop.load(booksOf(0), { loadId: 'first' })
    return { shop, shopId, folder: shop.write(booksOf(1), { loadId: 'second' }), name: `${shop.partner}/${shop.shop}/second`, isNew }
  }
  const canon = ({ shopId }: Prepared) => canonicalDump(url, shopId)
  const model = async (isNew: boolean) => {
    const shop = await prepare({ isNew })
    const before = production(await canon(shop))
    await shop.shop.loadFolder(shop.folder)
    const whole = await canon(shop)
    return { before, after: production(whole), whole }
  }
  const [known, fresh] = [await model(false), await model(true)]
  const modelOf = ({ isNew }: Prepared) => (isNew ? fresh : known)
  return {
    prepare, canon, undisturbed: (shop) => modelOf(shop).whole,
    async state(shop) {
      const found = production(await atOneMoment(runner.db, (connection) => canonicalDump(connection, shop.shopId)))
      const { before, after } = modelOf(shop)
      return found === before ? 'before' : found === after ? 'after' : 'in between'
    },
    start(args, env = {}, nodeOptions = [], by = []) {
      const [program, ...rest] = [...by, process.execPath, ...nodeOptions, path.join(root, 'workers/onramp.ts'), ...args]
      return new Running(spawn(program!, rest, {
        cwd: root, stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LEASE_SECONDS: '5', ONRAMP_LOG_LEVEL: 'silent', ...env },
      }))
    },
    async expire({ shopId }) {
      await run(runner.db, sql`update job set leasedUntil = now(3) - interval 1 second where shopId = ${shopId} and status = 'running'`)
    },
    attempts: ({ shopId }) => rows(runner.db, sql`
      select attempt.number, attempt.status, json_value(attempt.failure, '$.code') as code from attempt join \`load\` on \`load\`.id = attempt.loadId
      where \`load\`.shopId = ${shopId} and \`load\`.slug = 'second' order by attempt.number`),
    loadStatus: async ({ shopId }) => (await row<{ status: string }>(runner.db, sql`select status from \`load\` where shopId = ${shopId} and slug = 'second'`))?.status,
  }
}

/** Reads all of it as it is at one moment: sessions see each statement's own otherwise, and a commit between two of them. */
async function atOneMoment<T>(db: Pool, read: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await db.getConnection()
  try {
    await connection.query('set transaction isolation level repeatable read')
    await connection.query('start transaction with consistent snapshot')
    const found = await read(connection)
    await connection.rollback()
    return found
  } finally {
    connection.release()
  }
}

const started = new Set<Running>()

/** Kills what a test left running. */
export function killStarted(): void {
  for (const one of started) one.signal('SIGKILL')
}

/** A process that a test disturbs. */
export class Running {
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  stderr = ''
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
    started.add(this)
    child.stderr?.on('data', (text: Buffer) => { this.stderr += text.toString() })
    this.ended = once(child, 'close').then(([code, signal]) => {
      started.delete(this)
      return { code: code as number | null, signal: signal as NodeJS.Signals | null }
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until the process has stopped itself at its fail point. Throws when it ended instead. */
  async stopped(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`the process ended before its fail point: ${this.stderr.slice(-500)}`)
      if (stateOf(this.#child.pid!) === 'T') return
      await sleep(10)
    }
  }
}

/** `R`, `S`, `T` (stopped) …, from /proc. */
function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)![0]
  } catch {
    return undefined
  }
}

/** Every place of that kind in a load: one, or one for each entity. */
export function placesOf(point: Failpoint): string[] {
  return 'each' in failpoints[point] ? entities.map((e) => `${point}:${e.name}`) : [point]
}

/** So many as the dice fall; none comes again before all have come. */
export function some<T>(list: readonly T[], count: number, dice: Random): T[] {
  const left: T[] = []
  return Array.from({ length: count }, () => {
    if (left.length === 0) left.push(...list)
    return left.splice(dice.int(0, left.length - 1), 1)[0]!
  })
}

/** Works through a list, `atOnce` at a time. */
export async function sideBySide<T>(list: readonly T[], atOnce: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let i = next++; i < list.length; i = next++) await work(list[i]!, i)
  }))
}
