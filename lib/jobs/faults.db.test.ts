import type { PoolConnection } from 'mysql2/promise'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FaultyLine, type Fault, type Packet } from '#lib/db/faulty-line.ts'
import { entityNames } from '#lib/contract/index.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times, timesMs } from '#lib/fuzz/times.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import { ident, row, rows, run, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { random } from '#lib/sample/random.ts'
import { claim, enqueue } from './queue.ts'
import { runJob, type JobRunner } from './run-job.ts'
import { disturbance, sideBySide, some, type Disturbance, type Prepared } from './testing-disturbed.ts'
import { testInstallation, told } from './testing.ts'

const installation = await testInstallation('faults')
const { runner } = installation
const db = runner.db
const seed = seedOfRun()
const AT_ONCE = 6

const sessions = pool(runner.url, 12)
afterAll(() => sessions.end())

let d: Disturbance
beforeAll(async () => { d = await disturbance(installation) })

/** A worker whose every connection goes by a line of its own. */
type Worker = { line: FaultyLine; runner: JobRunner; errors: unknown[]; close(): Promise<void> }
async function workerByLine(): Promise<Worker> {
  const line = await FaultyLine.to(runner.url)
  const errors: unknown[] = []
  const own = { ...runner, url: line.url, db: pool(line.url, 5), leaseSeconds: 2, onError: (error: unknown) => void errors.push(error) }
  const close = async () => {
    await own.db.end().catch(() => undefined)
    await line.close()
  }
  return { line, runner: own, errors, close }
}

/** Delivers the shop's second load and runs it as a worker does, until it has ended, whatever breaks on the way. */
async function runThrough(shop: Prepared, worker: Worker): Promise<void> {
  const { jobId } = await enqueue(db, { loadId: await shop.shop.deliver(shop.folder), userId: null, via: 'cli', dryRun: false })
  const ended = async () => (await row(db, sql`select 1 from job where id = ${jobId} and status in ('queued', 'running')`)) === undefined
  while (!(await ended())) {
    const job = await claim(worker.runner.db, 'by line', worker.runner.leaseSeconds, jobId).catch(() => null)
    if (job) await runJob(worker.runner, job).catch(() => null)
    else await sleep(20)
  }
}

/** What a statement does and with what, in a few words: without values, columns, and the names of entities and staging tables. */
function kindOf({ text }: Packet): string {
  if (text === '') return 'data of LOAD DATA'
  const plain = text.replace(/'(?:[^'\\]|\\.|'')*'/g, '?').replace(/`[^`]*_staging`\.`l\d+_\d+_([a-z_]+)`/g, (_, rest: string) => `staging ${rest}`)
    .replace(ENTITY, 'E').replace(/external\w+/g, 'key').replace(/`|\d+/g, '')
  return plain.trim().split(/[\s(),]+/).slice(0, 5).join(' ')
}
const ENTITY = new RegExp([...entityNames].sort((a, b) => b.length - a.length).join('|'), 'g')

const breaks = ['lost', 'torn', 'unanswered', 'all'] as const
type Break = (typeof breaks)[number]

/** Breaks the line at a packet; `all`: every connection at once, as when the server goes. */
function broken(line: FaultyLine, how: Break): Fault {
  if (how !== 'all') return how
  line.cut()
  return 'lost'
}

describe('a connection that breaks', () => {
  test.concurrent('at any statement of a load, before it, in it or after it, leaves no trace: the load ends as if nothing had been', { timeout: timesMs(300_000) }, async () => {
    const dice = random(seed, 'cuts')
    const statements: { isNew: boolean; kind: string; nth: number }[] = []
    for (const isNew of [true, false]) {
      const worker = await workerByLine()
      const counts = new Map<string, number>()
      worker.line.fault = (packet) => {
        const [kind, nth] = [kindOf(packet), (counts.get(kindOf(packet)) ?? 0) + 1]
        counts.set(kind, nth)
        statements.push({ isNew, kind, nth })
        return undefined
      }
      await runThrough(await d.prepare({ isNew }), worker)
      await worker.close()
    }
    // One of each kind first; when that is done often enough, every statement of both loads, and then all of them again.
    const mixed = some(statements, statements.length, dice)
    const ofEachKind = new Set(new Map(mixed.map((statement) => [statement.kind, statement])).values())
    const order = [...ofEachKind, ...mixed.filter((statement) => !ofEachKind.has(statement))]
    expect(ofEachKind.size).toBeGreaterThan(60)
    const cuts = Array.from({ length: times(ofEachKind.size) }, (_, i) => order[i % order.length]!)
    let came = 0
    await sideBySide(cuts, AT_ONCE, async ({ isNew, kind, nth }) => {
      const how = dice.of(breaks)
      const name = `${how}: number ${nth} of ${kind}`
      const worker = await workerByLine()
      const shop = await d.prepare({ isNew })
      let seen = 0
      worker.line.fault = (packet) => {
        if (kindOf(packet) !== kind || ++seen !== nth) return undefined
        came++
        return broken(worker.line, how)
      }
      await runThrough(shop, worker)
      expect(await d.canon(shop), name).toBe(d.undisturbed(shop))
      expect((await d.attempts(shop)).length, name).toBeLessThanOrEqual(2)
      await worker.close()
    })
    // How often a load tells how far it is depends on how quick it is, so some statements come less often than before.
    expect(came, `of ${cuts.length} cuts, at ${statements.length} statements of ${ofEachKind.size} kinds`).toBeGreaterThan(cuts.length * 0.75)
  })

  test.concurrent('at the commit, sent or not, answered or not, loses nothing and doubles nothing', async () => {
    const COMMITS = times(8)
    const came: Record<string, number> = {}
    await sideBySide(Array.from({ length: COMMITS }), AT_ONCE, async (_, i) => {
      const how = breaks[i % breaks.length]!
      const worker = await workerByLine()
      const shop = await d.prepare()
      let writer = 0
      let once = false
      worker.line.fault = ({ connection, text }) => {
        if (text.includes('get_lock')) writer = connection
        if (once || connection !== writer || text.toUpperCase() !== 'COMMIT') return undefined
        once = true
        return broken(worker.line, how)
      }
      await runThrough(shop, worker)
      expect(once).toBe(true)
      expect(await d.canon(shop), how).toBe(d.undisturbed(shop))
      came[how] = (await d.attempts(shop)).length
      await worker.close()
    })
    // The attempt itself finds out what became of its commit.
    expect(came).toMatchObject({ lost: 1, torn: 1, unanswered: 1 })
  })
})

/** Another session that works on rows of a shop which the shop's second load changes too. */
class Rival {
  readonly #session: PoolConnection
  readonly #ids: Map<string, number>

  private constructor(session: PoolConnection, ids: Map<string, number>) {
    this.#session = session
    this.#ids = ids
  }

  /** `heavy`: it has written so much that the server gives up the load, and not it, when each waits for the other. */
  static async of({ shop }: Prepared, { heavy = false } = {}): Promise<Rival> {
    const found = [...await shop.rows('customer'), ...await shop.rows('invoice')]
    const session = await sessions.getConnection()
    await session.beginTransaction()
    if (heavy) await session.query('insert into heavy with recursive n as (select 1 as x union all select x + 1 from n where x < 900) select n.x from n, (select 1 union select 2 union select 3) three')
    return new Rival(session, new Map(found.map(({ id, externalDocumentId, externalCustomerId }) => [String(externalDocumentId ?? externalCustomerId), id])))
  }

  /** Changes a row as somebody in the product does, so that it is ours until we are done. */
  async touch(key: string): Promise<void> {
    await this.#session.query(`update ${key.startsWith('I') ? 'invoice' : 'customer'} set updatedAt = now(3) where id = ?`, [this.#ids.get(key)])
  }

  async done(): Promise<void> {
    await this.#session.rollback()
    this.#session.release()
  }
}
/**
 * Loads that wait for somebody else's row. The server keeps its list for a tenth of a second, and for longer when it is asked
 * more often, so one asks for all.
 */
async function untilWaitsFor({ shopId }: Prepared): Promise<void> {
  asking ??= setInterval(() => void rows<{ shopId: number }>(db, sql`
    select \`load\`.shopId from information_schema.innodb_trx trx join \`load\` on trx.trx_query like concat('%l', \`load\`.id, '\\_%')
    where trx.trx_state = 'LOCK WAIT'`).then((found) => { waiting = new Set(found.map((one) => one.shopId)) }), 150)
  await expect.poll(() => waiting.has(shopId), { timeout: 40_000, interval: 20 }).toBe(true)
}
let asking: NodeJS.Timeout | undefined
let waiting = new Set<number>()
afterAll(() => clearInterval(asking))

const LOCK_WAIT_TIMEOUT = 1205
// As often as a load tries what the database has refused (lib/ingest/run.ts).
const TRIES = 5

describe('rows that somebody else works on', () => {
  test('in the opposite order, so that each waits for the other, are left to them, and the load tries again', async () => {
    await run(db, sql`create table if not exists heavy (x int)`)
    const LOADS = times(6)
    await sideBySide(Array.from({ length: LOADS }), AT_ONCE, async () => {
      const shop = await d.prepare()
      const rival = await Rival.of(shop, { heavy: true })
      const worker = await workerByLine()
      await rival.touch('I9')
      const ended = runThrough(shop, worker)
      // The load changes customers before invoices, and of each the first of the file first. It holds these when it waits for I9 or I3.
      for (const key of ['I3', 'C6']) {
        await untilWaitsFor(shop)
        await rival.touch(key)
      }
      await rival.done()
      await ended
      expect(await d.canon(shop)).toBe(d.undisturbed(shop))
      expect(await d.attempts(shop)).toMatchObject([{ number: 1, status: 'completed_with_exceptions' }])
      expect(worker.errors).toEqual([])
      await worker.close()
    })
  })

  const patient = async () => {
    const worker = await workerByLine()
    worker.line.rewrite = (text) => text.replace('innodb_lock_wait_timeout = 10', 'innodb_lock_wait_timeout = 1 ')
    const shop = await d.prepare()
    const rival = await Rival.of(shop)
    await rival.touch('I9')
    return { worker, shop, rival, ended: runThrough(shop, worker) }
  }

  const waitedInVain = ({ worker }: { worker: Worker }) => worker.line.refusals.filter((errno) => errno === LOCK_WAIT_TIMEOUT).length

  async function heldShortAndLong(): Promise<void> {
    const [short, long] = await Promise.all([patient(), patient()])
    await untilWaitsFor(short.shop)
    await sleep(2_500)
    await short.rival.done()
    await short.ended
    expect(await d.canon(short.shop)).toBe(d.undisturbed(short.shop))
    expect(await d.attempts(short.shop)).toHaveLength(1)
    expect(waitedInVain(short)).toBeGreaterThan(0)

    await long.ended
    expect(await d.attempts(long.shop)).toEqual([{ number: 1, status: 'failed', code: 'database_error' }])
    expect(waitedInVain(long)).toBeGreaterThanOrEqual(TRIES)
    expect(await d.state(long.shop)).toBe('before')
    await long.rival.done()
    await runThrough(long.shop, long.worker)
    expect(await d.state(long.shop)).toBe('after')
    for (const { worker } of [short, long]) await worker.close()
  }

  test.concurrent('for long are waited for and tried again; for too long, the load fails with nothing written, and succeeds afterwards', async () => {
    for (let round = 0; round < times(1); round++) await heldShortAndLong()
  })
})

describe('what a cell may hold', () => {
  const dice = random(seed, 'cells')
  const SIGNS = ['\\', '\\N', '\\0', '"', '""', "'", '\t', '\n', '\r', '\r\n', ',', '%', '_', '`', ';', '\u001a', '\u0001', '\u007f', '\u0085', '\u00a0', '\u2028', '\ufeff', '\uffff', 'ﬁ', 'é', 'e\u0301', '😀', '𠜎', '\u202e', 'NULL', '=1+1', '0']
  const cells = [
    ...SIGNS, ...SIGNS.map((sign) => `a${sign}`), ...SIGNS.map((sign) => `${sign}a`), ...SIGNS.map((sign) => ` ${sign} `),
    ...Array.from({ length: times(80) }, () => Array.from({ length: dice.int(1, 12) }, () => dice.of(SIGNS)).join('')),
  ]

  const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase()

  /** Where the suppliers of a load are staged: the table, and the column for the file's `Note`, which the contract does not know. */
  async function stagedSuppliers(loadId: number): Promise<{ table: Sql; note: Sql }> {
    const staged = await row<{ tableName: string; columns: string | { header: string; staging: string }[] }>(db, sql`select tableName, \`columns\` from staged_file where loadId = ${loadId} and entity = 'supplier'`)
    const columns = typeof staged!.columns === 'string' ? JSON.parse(staged!.columns) as { header: string; staging: string }[] : staged!.columns
    return { table: ident(runner.stagingSchema, staged!.tableName), note: ident(columns.find((column) => column.header === 'Note')!.staging) }
  }

  test(`is in staging and production byte for byte as it was sent: ${cells.length} nasty ones, and of 64 KiB`, async () => {
    const shop = installation.newShop()
    const long = SIGNS.map((sign) => sign.repeat(Math.ceil(65_536 / Buffer.byteLength(sign)))).slice(0, 12)
    const suppliers = [...cells.map((cell) => ({ supplierName: cell, Note: cell })), ...long.map((cell) => ({ supplierName: 'long', Note: cell }))]
    const { report, loadId } = await shop.load({ supplier: suppliers.map((row, i) => ({ externalSupplierId: `S${i}`, ...row })) })
    expect(report.entities.supplier).toMatchObject({ records: suppliers.length, accepted: suppliers.length })
    const { table, note } = await stagedSuppliers(loadId)
    const found = await rows<{ name: string; note: string; kept: string }>(db, sql`
      select hex(staged.supplierName) as name, hex(staged.${note}) as note, hex(produced.supplierName) as kept
      from ${table} staged join supplier produced on cast(produced.externalSupplierId as binary) = cast(staged.externalSupplierId as binary) and produced.importedLoadId = ${loadId}
      order by staged._record`)
    expect(found).toEqual(suppliers.map(({ supplierName, Note }) => ({ name: hex(supplierName), note: hex(Note), kept: hex(supplierName) })))
  })

  test('and a NUL that came with it is in staging where it was sent, and keeps its row out of production', async () => {
    const shop = installation.newShop()
    const suppliers = ['\0', 'a\0', '\0a', 'a\0b', '\0\0', '\\\0', '\0\\N', '"\0"', '\0😀', ...cells.slice(-20).map((cell) => `${cell}\0${cell}`), `${'x'.repeat(32_768)}\0${'x'.repeat(32_767)}`]
      .flatMap((cell) => [{ supplierName: cell, Note: 'plain' }, { supplierName: 'plain', Note: cell }])
    const { report, loadId } = await shop.load({ supplier: [...suppliers.map((one, i) => ({ externalSupplierId: `S${i}`, ...one })), { externalSupplierId: 'clean', supplierName: 'clean', Note: '' }] })
    expect(report.entities.supplier).toMatchObject({ records: suppliers.length + 1, rejected: suppliers.length, accepted: 1 })
    const { table, note } = await stagedSuppliers(loadId)
    const found = await rows<{ name: string; note: string }>(db, sql`select hex(supplierName) as name, hex(${note}) as note from ${table} where _verdict <> 0 order by _record`)
    expect(found).toEqual(suppliers.map(({ supplierName, Note }) => ({ name: hex(supplierName), note: hex(Note) })))
    expect(told({ report }, 'supplier', 'error').filter(([, , code]) => code === 'nul_character').map(([key]) => key)).toEqual(suppliers.map((_, i) => `S${i}`))
    expect((await shop.rows('supplier')).map(({ supplierName }) => supplierName)).toEqual(['clean'])
  })
})
