import { randomUUID } from 'node:crypto'
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Role } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { run } from '#lib/ingest/sql/sql.ts'
import { showNumbers } from '#lib/jobs/ledger-numbers.ts'
import type { LoadStatus } from '#lib/load-status.ts'
import { database } from './database.ts'
import { cancelLoad, rerunLoad } from './load-actions.ts'
import type { LedgerFilter, LedgerSort } from './load-ledger-sql.ts'
import { loadProgress } from './load-progress.ts'
import { ledgerQuery } from './load-query.ts'
import { getAttempt, getLoad, getLedgerRow, listLoadEvents, listLoads, type LedgerRow } from './loads.ts'
import { prisma } from './prisma.ts'

const { connection: db } = await testDatabase()
afterAll(() => Promise.all([database().end(), prisma().$disconnect()]))

const insert = async (sql: string, values: unknown[]) => ((await db.query<ResultSetHeader>(sql, values))[0]).insertId
const everything: LedgerFilter = { status: [], partner: null, shop: null, person: null, from: null, to: null, exceptions: null }
const newestFirst: LedgerSort = { by: 'started', descending: true }
const firstPage = { page: 1, size: 50 }

let partner: number
let shop: number
let support: CurrentUser
let viewer: CurrentUser

async function account(role: Role): Promise<CurrentUser> {
  const email = `${randomUUID()}@example.test`
  const id = await insert('insert into `user` (email, name, role, passwordHash) values (?, ?, ?, ?)', [email, `A ${role}`, role, 'x'])
  return { id: String(id), email, name: `A ${role}`, role, partnerId: null }
}

const newShop = (ofPartner: number) =>
  insert('insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, ?)', [ofPartner, randomUUID(), 'Elm Street Auto', 'America/New_York'])

beforeEach(async () => {
  partner = await insert('insert into partner (slug, name) values (?, ?)', [randomUUID(), 'Garage Nine'])
  shop = await newShop(partner)
  support = await account('support')
  viewer = await account('viewer')
})

type NewLoad = { status?: LoadStatus; at?: string; by?: CurrentUser; shopId?: number; errors?: number; warnings?: number; records?: number; seconds?: number; files?: boolean; attempts?: number }

/** A load with its attempts, the last of which has those numbers. Without numbers it never ran. */
async function newLoad({ status = 'completed', at = '2026-01-01', by, shopId = shop, errors, warnings = 0, records = 10, seconds = 1, files = true, attempts = 1 }: NewLoad = {}): Promise<string> {
  const ran = errors === undefined ? 0 : attempts
  const completed = status.startsWith('completed') && ran > 0 ? ran : null
  const id = await insert(
    'insert into `load` (shopId, slug, status, delivery, currentAttempt, completedAttempt, createdByUserId, createdAt) values (?, ?, ?, 1, ?, ?, ?, ?)',
    [shopId, randomUUID(), status, ran, completed, by?.id ?? null, at])
  for (let number = 1; number <= ran; number++) {
    await insert(
      "insert into attempt (loadId, number, delivery, status, startedVia, seconds, records, errors, warnings) values (?, ?, 1, ?, 'portal', ?, ?, ?, ?)",
      [id, number, status, seconds, records, number === ran ? errors : 99, warnings])
  }
  await run(db, showNumbers(id))
  if (files) await insert("insert into load_file (loadId, delivery, name, bytes, storeKey, receivedAt) values (?, 1, 'customers.csv', 3, 'loads/1/1/customers.csv', now(3))", [id])
  return String(id)
}

const list = async (filter: Partial<LedgerFilter>, sort = newestFirst, page = firstPage) => listLoads(support, { ...everything, partner: String(partner), ...filter }, sort, page)
const ids = (rows: LedgerRow[]) => rows.map(({ id }) => id)

describe('the ledger', () => {
  test('lists the newest first and says of each who started it and how the attempt that decided ended', async () => {
    const old = await newLoad({ at: '2026-01-01', by: support, errors: 3, warnings: 2, records: 490, seconds: 12.5, attempts: 2, status: 'completed_with_exceptions' })
    const recent = await newLoad({ at: '2026-01-02', status: 'draft' })
    const { rows, total } = await list({})
    expect(ids(rows)).toEqual([recent, old])
    expect(total).toBe(2)
    expect(rows[1]).toMatchObject({
      startedBy: 'A support', attempt: 2, errors: 3, warnings: 2, records: 490, seconds: 12.5, startedAt: '2026-01-01T00:00:00.000Z',
      partner: { name: 'Garage Nine' }, shop: { name: 'Elm Street Auto' },
    })
    expect(rows[0]).toMatchObject({ startedBy: null, attempt: 0, errors: null, records: null, seconds: null })
  })

  test('a later dry run or refused delivery does not change the numbers of a completed load', async () => {
    const id = await newLoad({ errors: 0, records: 7 })
    await insert("insert into attempt (loadId, number, delivery, status, startedVia, dryRun, records, errors, warnings) values (?, 2, 1, 'completed_with_exceptions', 'cli', 1, 9, 9, 9)", [id])
    await db.query('update `load` set currentAttempt = 2 where id = ?', [id])
    await run(db, showNumbers(Number(id)))
    expect(await getLedgerRow(support, id)).toMatchObject({ records: 7, errors: 0, attempt: 2 })
  })

  test('counts every status under the other filters, also those that are not chosen', async () => {
    await Promise.all([newLoad({ status: 'failed' }), newLoad({ status: 'failed' }), newLoad({ status: 'completed' }), newLoad({ status: 'completed', shopId: await newShop(partner) })])
    const { counts, total, rows } = await list({ status: ['failed'], shop: String(shop) })
    expect(counts).toMatchObject({ failed: 2, completed: 1, running: 0 })
    expect(total).toBe(2)
    expect(rows.every(({ status }) => status === 'failed')).toBe(true)
  })

  test('several statuses widen the list', async () => {
    await Promise.all((['failed', 'failed_validation', 'completed'] as const).map((status) => newLoad({ status })))
    expect((await list({ status: ['failed', 'failed_validation'] })).total).toBe(2)
  })

  test('a partner’s loads are those of all its shops', async () => {
    const here = await newLoad({ at: '2026-01-01' })
    const there = await newLoad({ at: '2026-01-02', shopId: await newShop(partner) })
    expect(ids((await list({})).rows)).toEqual([there, here])
    expect(ids((await list({ shop: String(shop) })).rows)).toEqual([here])
  })

  test('a person’s loads are those that the person started', async () => {
    const mine = await newLoad({ by: support })
    await newLoad({ by: viewer })
    expect(ids((await list({ person: support.id })).rows)).toEqual([mine])
  })

  test('a range of moments holds its beginning but not its end', async () => {
    await newLoad({ at: '2026-03-01 00:00:00.000' })
    const within = await newLoad({ at: '2026-03-01 00:00:00.001' })
    const first = new Date('2026-03-01T00:00:00.001Z')
    expect(ids((await list({ from: first, to: new Date('2026-03-02T00:00:00Z') })).rows)).toEqual([within])
    expect(ids((await list({ to: first })).rows)).not.toContain(within)
  })

  test('exceptions filter on the attempt that decided, and leave loads out that never ran', async () => {
    const rejected = await newLoad({ errors: 1 })
    const warned = await newLoad({ errors: 0, warnings: 4 })
    const clean = await newLoad({ errors: 0, attempts: 2 })
    await newLoad({ status: 'draft' })
    expect(ids((await list({ exceptions: 'rejected' })).rows)).toEqual([rejected])
    expect(ids((await list({ exceptions: 'warnings' })).rows)).toEqual([warned])
    expect(await list({ exceptions: 'none' })).toMatchObject({ total: 1, rows: [{ id: clean }] })
  })

  test('sorts by each column in both directions, with loads that never ran at one end', async () => {
    const few = await newLoad({ errors: 1, records: 30, seconds: 9 })
    const many = await newLoad({ errors: 8, records: 20, seconds: 3 })
    const never = await newLoad({ status: 'draft' })
    const sorted = async (by: LedgerSort['by'], descending: boolean) => ids((await list({}, { by, descending })).rows)
    expect(await sorted('exceptions', true)).toEqual([many, few, never])
    expect(await sorted('exceptions', false)).toEqual([never, few, many])
    expect(await sorted('rows', true)).toEqual([few, many, never])
    expect(await sorted('duration', true)).toEqual([few, many, never])
    expect(await sorted('started', false)).toEqual([few, many, never])
  })

  test('pages neither repeat nor lose a load, even among equal moments', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => newLoad({ at: '2026-01-01' })))
    const pages = await Promise.all([1, 2, 3, 4].map(async (page) => ids((await list({}, newestFirst, { page, size: 2 })).rows)))
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1])
    expect(pages.flat().toSorted()).toEqual(made.toSorted())
  })

  test('the query of the API takes what the address of the page holds, and nothing else', () => {
    expect(ledgerQuery.parse({ status: 'failed,draft', from: '2026-01-01T05:00:00.000Z', sort: '-rows', page: '2' })).toMatchObject({
      filter: { status: ['failed', 'draft'], from: new Date('2026-01-01T05:00:00Z') }, sort: { by: 'rows', descending: true }, page: { page: 2 },
    })
    for (const wrong of [{ status: 'done' }, { shop: '1 or 1=1' }, { size: '100000' }, { sort: 'slug; drop table' }, { from: 'yesterday' }]) {
      expect(ledgerQuery.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
    }
  })
})

describe('a load', () => {
  test('comes with its attempts, newest first, and what the person may do', async () => {
    const id = await newLoad({ errors: 2, attempts: 2, status: 'completed_with_exceptions' })
    const load = await getLoad(support, id)
    expect(load).toMatchObject({ status: 'completed_with_exceptions', currentAttempt: 2, completedAttempt: 2, files: 1, rerun: { allowed: true }, mayDownload: true, mayBrowseStaging: false })
    expect(load.attempts.map(({ number, errors }) => [number, errors])).toEqual([[2, 2], [1, 99]])
    expect(await getLoad(viewer, id)).toMatchObject({ rerun: null, cancel: null, mayDownload: false })
  })

  test('that does not exist, or cannot, is not found', async () => {
    for (const id of ['999999999', '0', 'abc', '1e3', '-1', '9'.repeat(40)]) {
      await expect(getLoad(support, id), id).rejects.toMatchObject({ code: 'not_found' })
      await expect(loadProgress(support, id), id).rejects.toMatchObject({ code: 'not_found' })
    }
    const id = await newLoad({ errors: 0 })
    await expect(getAttempt(support, id, 2)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('tells counts in load order and sums to the cent', async () => {
    const id = await newLoad({ errors: 1 })
    const [[attempt]] = await db.query<RowDataPacket[]>('select id from attempt where loadId = ?', [id])
    for (const entity of ['supplier', 'vehicle', 'customer']) await db.query('insert into ledger_line (attemptId, entity, records, accepted, rejected, stopped) values (?, ?, 3, 2, 1, 4)', [attempt!.id, entity])
    await db.query("insert into money_line (attemptId, measure, `file`, accepted, production) values (?, 'invoice.total', '90071992547409.93', '-0.50', '0')", [attempt!.id])
    const { lines, money } = await getAttempt(viewer, id, 1)
    expect(lines.map(({ entity }) => entity)).toEqual(['customer', 'vehicle', 'supplier'])
    expect(lines[0]).toMatchObject({ records: 3, accepted: 2, rejected: 1, stopped: 4 })
    expect(money).toEqual([{ measure: 'invoice.total', file: '90071992547409.93', accepted: '-0.50', production: '0.00' }])
  })
})

describe('progress', () => {
  const steps = async (id: string) => {
    const [[attempt]] = await db.query<RowDataPacket[]>('select id from attempt where loadId = ? order by number desc limit 1', [id])
    return attempt!.id as number
  }

  test('its version changes with a step or a status, and not with the clock', async () => {
    const id = await newLoad({ status: 'running', errors: 0 })
    const attemptId = await steps(id)
    await db.query("insert into step (attemptId, name, entity, status, startedAt) values (?, 'stage', 'customer', 'running', now(3))", [attemptId])
    const first = await loadProgress(support, id)
    expect((await loadProgress(support, id)).version).toBe(first.version)
    await db.query('update step set `rows` = 250 where attemptId = ?', [attemptId])
    const second = await loadProgress(support, id)
    expect(second.version).not.toBe(first.version)
    expect(second.steps).toMatchObject([{ name: 'stage', entity: 'customer', state: 'running', rows: 250 }])
    await db.query("update `load` set status = 'completed' where id = ?", [id])
    expect((await loadProgress(support, id)).version).not.toBe(second.version)
  })

  test('a worker is lost when its lease has run out, on the database’s clock', async () => {
    const id = await newLoad({ status: 'running', errors: 0 })
    const job = await insert("insert into job (loadId, shopId, status, worker, leasedUntil, runningShopId, requestedVia) values (?, ?, 'running', 'w1', now(3) + interval 15 second, ?, 'portal')", [id, shop, shop])
    expect((await loadProgress(support, id)).worker).toMatchObject({ worker: 'w1', lost: false })
    await db.query('update job set leasedUntil = now(3) - interval 5 second where id = ?', [job])
    const { worker } = await loadProgress(support, id)
    expect(worker).toMatchObject({ lost: true })
    expect(worker!.silentSeconds).toBeGreaterThan(5)
  })

  test('a waiting load says whether its shop is busy', async () => {
    const running = await newLoad({ status: 'running', errors: 0 })
    await insert("insert into job (loadId, shopId, status, leasedUntil, runningShopId, requestedVia) values (?, ?, 'running', now(3) + interval 20 second, ?, 'portal')", [running, shop, shop])
    const waiting = await newLoad({ status: 'queued' })
    const job = await insert("insert into job (loadId, shopId, status, requestedVia) values (?, ?, 'queued', 'portal')", [waiting, shop])
    expect(await loadProgress(support, waiting)).toMatchObject({ queue: { shopIsBusy: true }, worker: null, elapsedSeconds: null })

    // Claimed, and its attempt not begun: it is no other load that keeps the shop busy.
    await db.query("update job set status = 'done', runningShopId = null where loadId = ?", [running])
    await db.query("update job set status = 'running', leasedUntil = now(3) + interval 20 second, runningShopId = ? where id = ?", [shop, job])
    expect(await loadProgress(support, waiting)).toMatchObject({ status: 'queued', queue: { shopIsBusy: false } })
  })
})

test('who is limited to a partner is told how many loads of that partner are ahead, and of others only that there are some', async () => {
  const other = await newShop(await insert('insert into partner (slug, name) values (?, ?)', [randomUUID(), 'Other']))
  const queue = async (shopId: number) => {
    const id = await newLoad({ status: 'queued', shopId })
    await insert("insert into job (loadId, shopId, status, requestedVia) values (?, ?, 'queued', 'portal')", [id, shopId])
    return id
  }
  const limited = { ...support, partnerId: String(partner) }
  const first = await queue(shop)
  const { queue: before } = await loadProgress(support, first)
  await queue(other)
  const last = await queue(shop)
  expect((await loadProgress(support, last)).queue).toMatchObject({ ahead: before!.ahead + 2, othersAhead: false })
  expect((await loadProgress(limited, last)).queue).toMatchObject({ ahead: 1, othersAhead: true })
})

describe('running again', () => {
  const jobs = async (id: string) => {
    const [rows] = await db.query<RowDataPacket[]>('select status, requestedByUserId, requestedVia from job where loadId = ? order by id', [id])
    return rows
  }

  test('queues one job, names who asked for it, and notes it', async () => {
    const id = await newLoad({ errors: 0 })
    await rerunLoad(support, id)
    expect(await jobs(id)).toMatchObject([{ status: 'queued', requestedByUserId: Number(support.id), requestedVia: 'portal' }])
    expect(await getLoad(support, id)).toMatchObject({ status: 'queued', rerun: { allowed: false } })
    expect(await listLoadEvents(support, id)).toMatchObject([{ action: 'load_rerun', actor: 'A support' }])
  })

  test('of five presses at once one queues the load and the others are told that it waits', async () => {
    const id = await newLoad({ errors: 0 })
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => rerunLoad(support, id)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(answers.filter((a) => a.status === 'rejected').map((a) => a.reason.code)).toEqual(Array.from({ length: 4 }, () => 'load_running'))
    expect(await jobs(id)).toHaveLength(1)
    expect(await listLoadEvents(support, id)).toHaveLength(1)
  })

  test('a running load is refused at once, although its worker holds the row of the load', async () => {
    const id = await newLoad({ status: 'running', errors: 0 })
    await db.query('start transaction')
    await db.query('select id from `load` where id = ? for update', [id])
    const startedMs = Date.now()
    await expect(rerunLoad(support, id)).rejects.toMatchObject({ code: 'load_running' })
    expect(Date.now() - startedMs).toBeLessThan(2_000)
    await db.query('rollback')
  })

  test('is refused with the reason while files are missing or no longer kept', async () => {
    await expect(rerunLoad(support, await newLoad({ status: 'uploading' }))).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not all arrived') })
    await expect(rerunLoad(support, await newLoad({ errors: 0, files: false }))).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('no longer kept') })
  })

  test('and cancelling is not for viewers', async () => {
    const id = await newLoad({ errors: 0 })
    await expect(rerunLoad(viewer, id)).rejects.toMatchObject({ code: 'not_allowed' })
    await rerunLoad(support, id)
    await expect(cancelLoad(viewer, id)).rejects.toMatchObject({ code: 'not_allowed' })
    expect(await jobs(id)).toHaveLength(1)
  })

  test('a waiting load can be cancelled, and run again after that', async () => {
    const id = await newLoad({ errors: 0 })
    await rerunLoad(support, id)
    expect(await cancelLoad(support, id)).toEqual({ id, status: 'completed' })
    expect(await getLoad(support, id)).toMatchObject({ status: 'completed', completedAttempt: 1, rerun: { allowed: true } })
    await expect(cancelLoad(support, id)).rejects.toMatchObject({ code: 'conflict' })
    await rerunLoad(support, id)
    expect((await jobs(id)).map(({ status }) => status)).toEqual(['cancelled', 'queued'])
    expect((await listLoadEvents(support, id)).map(({ action }) => action)).toEqual(['load_rerun', 'load_cancelled', 'load_rerun'])
  })

  test('a load that is cancelled is what its files had led to before it waited', async () => {
    const left = async (id: string) => {
      await rerunLoad(support, id)
      return (await cancelLoad(support, id)).status
    }
    const failed = await newLoad({ status: 'failed', errors: 0 })
    expect(await left(failed)).toBe('failed')
    await insert("insert into load_file (loadId, delivery, name, bytes, storeKey, receivedAt) values (?, 2, 'customers.csv', 3, 'loads/1/2/customers.csv', now(3))", [failed])
    await db.query('update `load` set delivery = 2 where id = ?', [failed])
    expect(await left(failed), 'other files, which never ran').toBe('cancelled')
    const tried = await newLoad({ status: 'draft' })
    await insert("insert into attempt (loadId, number, delivery, status, startedVia, dryRun) values (?, 1, 1, 'completed', 'cli', 1)", [tried])
    expect(await left(tried)).toBe('draft')
    const done = await newLoad({ status: 'completed_with_exceptions', errors: 2 })
    await insert("insert into attempt (loadId, number, delivery, status, startedVia, dryRun) values (?, 2, 1, 'failed', 'cli', 1)", [done])
    expect(await left(done)).toBe('completed_with_exceptions')
    await insert("insert into load_file (loadId, delivery, name, bytes, storeKey, receivedAt) values (?, 2, 'customers.csv', 3, 'loads/1/2/customers.csv', now(3))", [done])
    await db.query('update `load` set delivery = 2 where id = ?', [done])
    expect(await left(done), 'the same files, sent once more').toBe('completed_with_exceptions')
  })
})
