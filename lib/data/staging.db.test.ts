import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { stagingSchema } from '#lib/config.ts'
import { entities, type EntityName } from '#lib/contract/index.ts'
import { unescapeFormula } from '#lib/contract/formulas.ts'
import { csvResponse } from '#lib/csv-export.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import type { Sql } from '#lib/ingest/sql/sql.ts'
import { deliverFolder } from '#lib/jobs/deliver-folder.ts'
import { runHere } from '#lib/jobs/run-here.ts'
import type { JobRunner } from '#lib/jobs/run-job.ts'
import { DiskStore } from '#lib/store/disk.ts'
import { exceptionDownload, rejectedRowsDownload, type Download } from './exception-downloads.ts'
import { exceptionGroups, exceptionPage, loadWithAttempts } from './exceptions.ts'
import { searchById } from './search.ts'
import { recordsInOrder, recordsOfAction, type StagedTable } from './staging-sql.ts'
import { getStagedLoad, recordOnLine, recordWithKey, stagedLoads, stagedRecord, stagedRecords, stagedSheet, type Verdict } from './staging.ts'

let connection: Connection
let runner: JobRunner
let engineer: CurrentUser
let viewer: CurrentUser
const folder = mkdtempSync(path.join(tmpdir(), 'onramp-staging-'))
let serial = 0

beforeAll(async () => {
  const database = await testDatabase()
  connection = database.connection
  runner = {
    url: database.url, stagingSchema: stagingSchema(database.url), store: new DiskStore(path.join(folder, 'store')), db: pool(database.url, 5),
    worker: 'test', leaseSeconds: 20, onError: (error) => { throw error },
  }
  const newUser = async (role: CurrentUser['role']): Promise<CurrentUser> => {
    const email = `${role}-${process.pid}@staging.example`
    await connection.query('insert ignore into user (email, name, role, passwordHash) values (?, ?, ?, ?)', [email, role, role, '-'])
    const [[user]] = await connection.query<RowDataPacket[]>('select id from user where email = ?', [email])
    return { id: String(user!.id), email, name: role, role, partnerId: null }
  }
  engineer = await newUser('engineer')
  viewer = await newUser('viewer')
})

afterAll(async () => {
  await runner.db.end()
  rmSync(folder, { recursive: true, force: true })
})

type Files = Partial<Record<EntityName, string>>
type Shop = { partner: string; shop: string }

/** Sends files as a new load of a shop and runs it; entities that are not given come as empty files. */
async function load(files: Files, shop: Shop = { partner: `staging-${process.pid}`, shop: String(serial++) }, { dryRun = false } = {}): Promise<{ id: string; shop: Shop }> {
  const loadId = `2025-01-01_${serial++}`
  const place = path.join(folder, loadId)
  mkdirSync(place)
  const listed = entities.map((e) => {
    const text = files[e.name] ?? ''
    writeFileSync(path.join(place, e.file), text)
    const rows = text === '' ? 0 : parse(text, { relax_column_count: true, relax_quotes: true }).length - 1
    return { name: e.file, rows, sha256: createHash('sha256').update(text).digest('hex') }
  })
  writeFileSync(path.join(place, 'manifest.json'), JSON.stringify({ load_id: loadId, files: listed }))
  const delivered = await deliverFolder(runner.db, runner.store, place, { ...shop, loadId }, 'America/New_York')
  if (delivered.kind !== 'ready') throw new Error('the load was refused')
  await rerun(String(delivered.loadId), { dryRun })
  return { id: String(delivered.loadId), shop }
}

async function rerun(id: string, { dryRun = false } = {}): Promise<void> {
  const attemptId = await runHere(runner, Number(id), { userId: null, via: 'cli', dryRun })
  const [[attempt]] = await connection.query<RowDataPacket[]>('select status, failure from attempt where id = ?', [attemptId])
  if (!attempt!.status.startsWith('completed')) throw new Error(`the attempt ${attempt!.status}: ${JSON.stringify(attempt!.failure)}`)
}

const customers = (...rows: string[]) => ['externalCustomerId,firstName,lastName,doNotChargeTax,contactEmail', ...rows, ''].join('\n')
const everything = { verdict: null, cursor: { after: 0 } } as const
const verdictsOf = async (id: string, verdict: Verdict | null = null) =>
  (await stagedRecords(engineer, id, 'customer', null, { verdict, cursor: { after: 0 } })).rows.map((row) => [row.record, row.verdict])

const seven = customers(
  'C-1,Ana,Ruiz,yes,ana@shop.example',
  'C-2,Bo,Li,maybe,',
  'C-3,Cy,Old,,',
  'C-4,"Di\nana", Fox ,0,nowhere',
  'C-3,Cy,New,,',
  'C-5,Ed',
  'C-6,Flo,Gray,,',
  'C-6,Flo,Gray,,',
)

describe('a staged file', () => {
  test('shows every record as sent with what became of it, and finds those of one verdict', async () => {
    const { id } = await load({ customer: seven })
    expect(await verdictsOf(id)).toEqual([
      [1, 'new'], [2, 'rejected'], [3, 'superseded'], [4, 'new'], [5, 'new'], [6, 'rejected'], [7, 'identical'], [8, 'new'],
    ])
    expect(await verdictsOf(id, 'new')).toEqual([[1, 'new'], [4, 'new'], [5, 'new'], [8, 'new']])
    expect(await verdictsOf(id, 'rejected')).toEqual([[2, 'rejected'], [6, 'rejected']])
    expect(await verdictsOf(id, 'superseded')).toEqual([[3, 'superseded']])
    expect(await verdictsOf(id, 'identical')).toEqual([[7, 'identical']])
    expect(await verdictsOf(id, 'unchanged')).toEqual([])
    const { counts } = await stagedSheet(engineer, id, 'customer', null)
    expect(counts).toEqual({ new: 4, changed: 0, unchanged: 0, rejected: 2, superseded: 1, identical: 1 })
  })

  test('keeps empty and blank apart, marks the cells with exceptions, and shows a record without cells whole', async () => {
    const { id } = await load({ customer: seven })
    const { rows } = await stagedRecords(engineer, id, 'customer', null, everything)
    expect(rows[3]).toMatchObject({ record: 4, line: 5, cells: ['C-4', 'Di\nana', ' Fox ', '0', 'nowhere'], marks: { 4: 'warning' } })
    expect(rows[1]).toMatchObject({ cells: ['C-2', 'Bo', 'Li', 'maybe', null], marks: { 3: 'error' } })
    expect(rows[5]).toMatchObject({ record: 6, raw: 'C-5,Ed', line: 8 })
  })

  test('says after a rerun of the same bytes that everything is unchanged, and after a dry run that nothing was matched', async () => {
    const { id } = await load({ customer: customers('C-1,Ana,Ruiz,yes,', 'C-2,Bo,Li,maybe,') })
    await rerun(id)
    expect(await verdictsOf(id)).toEqual([[1, 'unchanged'], [2, 'rejected']])
    expect(await verdictsOf(id, 'unchanged')).toEqual([[1, 'unchanged']])
    expect(await stagedSheet(engineer, id, 'customer', 2)).toMatchObject({ stagedByAttempt: 1, verdictsOf: { number: 2 }, counts: { unchanged: 1, rejected: 1 } })

    await rerun(id, { dryRun: true })
    expect(await stagedSheet(engineer, id, 'customer', null)).toMatchObject({ verdictsOf: { number: 3, dryRun: true }, counts: null })
    expect(await verdictsOf(id)).toEqual([[1, 'valid'], [2, 'rejected']])
    expect(await verdictsOf(id, 'valid')).toEqual([[1, 'valid']])
    expect(await verdictsOf(id, 'rejected')).toEqual([[2, 'rejected']])
    expect(await verdictsOf(id, 'new')).toEqual([])
  })

  test('is turned over by record number, forwards and backwards, also within one verdict', async () => {
    const { id } = await load({ customer: customers(...Array.from({ length: 130 }, (_, i) => `C-${i},Ana,Ruiz,${i % 2 ? 'yes' : 'maybe'},`)) })
    for (const [verdict, count] of [[null, 130], ['rejected', 65], ['new', 65]] as const) {
      const pages: number[][] = []
      for (let after: number | null = 0; after !== null;) {
        const page = await stagedRecords(engineer, id, 'customer', null, { verdict, cursor: { after } })
        pages.push(page.rows.map((row) => row.record))
        after = page.next
      }
      expect(pages.flat()).toHaveLength(count)
      expect(pages.flat()).toEqual([...new Set(pages.flat())].sort((a, b) => a - b))
      const back = await stagedRecords(engineer, id, 'customer', null, { verdict, cursor: { before: pages[1]![0]! } })
      expect(back.rows.map((row) => row.record)).toEqual(pages[0])
      expect([back.previous, back.next]).toEqual([null, pages[0]!.at(-1)])
    }
  })

  test('shows each cell of a very wide file below its own header, also where headers are empty, and as older staging kept them', async () => {
    // Two columns without a name among eighty that the contract does not know, and one that it knows behind them.
    const extra = Array.from({ length: 80 }, (_, i) => (i === 12 || i === 20 ? '' : i === 30 ? '7' : `extra ${i}`))
    const wide = extra.map((_, i) => (i % 7 === 6 || i === 20 || i === 30 ? `"cell ""${i}"""` : i % 7 === 3 ? `cell ${i}` : ''))
    const { id } = await load({ customer: [`externalCustomerId,${extra.join()},firstName`, `C-1,${wide.join()},Ana`, `C-2,${extra.map(() => '').join()},Bo`, ''].join('\n') })
    const asSent = [['C-1', ...wide.map((cell) => (cell === '' ? null : (parse(cell) as string[][])[0]![0]!)), 'Ana'], ['C-2', ...extra.map(() => null), 'Bo']]
    const shown = async () => (await stagedRecords(engineer, id, 'customer', null, everything)).rows.map(({ cells }) => cells)
    expect(await shown()).toEqual(asSent)

    const older = JSON.stringify(asSent[0]!.flatMap((cell, i) => (i > 0 && i <= extra.length && cell !== null ? [[extra[i - 1], cell]] : [])))
    await connection.query(`update \`${runner.stagingSchema}\`.\`l${id}_1_customer\` set _more = ? where _record = 1`, [older])
    // Which of the columns without a name had the cell is not known of those.
    expect(await shown()).toEqual([asSent[0]!.map((cell, i) => (i === 13 ? asSent[0]![21] : i === 21 ? null : cell)), asSent[1]])
  })

  test('finds a record by its line, also inside a cell of several lines, and by its exact key', async () => {
    const { id } = await load({ customer: seven })
    const lines = await Promise.all([1, 2, 5, 6, 7, 1_000].map((line) => recordOnLine(engineer, id, 'customer', null, line)))
    expect(lines).toEqual([null, 1, 4, 4, 5, 8])
    expect(await recordWithKey(engineer, id, 'customer', null, 'C-4')).toBe(4)
    expect(await recordWithKey(engineer, id, 'customer', null, 'c-4')).toBeNull()
    expect(await recordWithKey(engineer, id, 'customer', null, 'C-4 ')).toBeNull()
  })

  test('may name its columns like anything and have very many of them', async () => {
    const extra = ['constructor', '__proto__', 'action', '_record', 'a`b', ...Array.from({ length: 80 }, (_, i) => `extra ${i}`)]
    const { id } = await load({ customer: `externalCustomerId,${extra.join(',')}\nC-1,${extra.map((_, i) => `v${i}`).join(',')}\n` })
    const sheet = await stagedSheet(engineer, id, 'customer', null)
    expect(sheet.columns.map((c) => c.header)).toEqual(['externalCustomerId', ...extra])
    const cells = ['C-1', ...extra.map((_, i) => `v${i}`)]
    expect((await stagedRecords(engineer, id, 'customer', null, everything)).rows[0]!.cells).toEqual(cells)
    const { cells: compared } = await stagedRecord(engineer, id, 'customer', null, 1)
    expect(compared.slice(0, cells.length).map((cell) => cell.sent)).toEqual(cells)
  })

  test('is for engineers only', async () => {
    const { id } = await load({ customer: customers('C-1,Ana,Ruiz,,') })
    for (const role of ['viewer', 'support'] as const) {
      const person = { ...viewer, role }
      for (const reading of [stagedLoads(person, null), getStagedLoad(person, id), stagedSheet(person, id, 'customer', null), stagedRecords(person, id, 'customer', null, everything),
        stagedRecord(person, id, 'customer', null, 1), recordOnLine(person, id, 'customer', null, 2), recordWithKey(person, id, 'customer', null, 'C-1')]) {
        await expect(reading).rejects.toMatchObject({ code: 'not_allowed' })
      }
    }
  })

  test('says when its rows were purged', async () => {
    const { id } = await load({ customer: customers('C-1,Ana,Ruiz,,') })
    await connection.query("update staged_file set purgedAt = '2026-01-02 03:04:05' where loadId = ?", [id])
    expect((await stagedSheet(engineer, id, 'customer', null)).purgedAt).toBe('2026-01-02T03:04:05.000Z')
    await expect(stagedRecords(engineer, id, 'customer', null, everything)).rejects.toMatchObject({ code: 'not_found' })
    await expect(rejectedRowsDownload(engineer, id, null, 'customer')).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('no longer kept') })
  })

  test('is not there for a load or an entity that was never staged', async () => {
    await expect(stagedSheet(engineer, '999999999', 'customer', null)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getStagedLoad(engineer, 'x; drop table')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('says with its load whether that was only tried out so far, as the search for it does', async () => {
    const { id } = await load({ customer: customers('C-1,Ana,Ruiz,,') }, undefined, { dryRun: true })
    const { slug, dryRun } = await getStagedLoad(engineer, id)
    expect(dryRun).toBe(true)
    expect((await searchById(engineer, slug)).loads).toMatchObject([{ id, dryRun: true }])
    await rerun(id)
    expect(await getStagedLoad(engineer, id)).toMatchObject({ status: 'completed', dryRun: false })
    expect((await searchById(engineer, slug)).loads).toMatchObject([{ id, dryRun: false }])
  })

  test('is listed with its load, newest first', async () => {
    const [older, newer] = [await load({ customer: customers('C-1,Ana,Ruiz,,') }), await load({ customer: customers('C-1,Ana,Ruiz,,') })]
    const { loads } = await stagedLoads(engineer, null)
    expect(loads.slice(0, 2).map((l) => l.id)).toEqual([newer.id, older.id])
    expect(loads[0]!.entities.map((e) => [e.entity, e.records])).toEqual(entities.map((e) => [e.name, e.name === 'customer' ? 1 : 0]))
    const further = await stagedLoads(engineer, { after: newer.id })
    expect(further.loads[0]!.id).toBe(older.id)
    expect((await stagedLoads(engineer, { before: older.id })).loads.map((l) => l.id)).toEqual([newer.id])
  })
})

describe('a staged record', () => {
  test('stands beside what it loads as and the production row, with the differing values marked', async () => {
    const { id, shop } = await load({ customer: customers('C-1,Ana,Ruiz,YES,ana@shop.example') })
    expect(await stagedRecord(engineer, id, 'customer', null, 1)).toMatchObject({
      verdict: 'new', key: 'C-1', production: { imported: true }, exceptions: [],
      cells: expect.arrayContaining([
        { header: 'doNotChargeTax', column: 'doNotChargeTax', sent: 'YES', typed: 'true', production: 'true', differs: false },
        { header: null, column: 'city', sent: null, typed: null, production: null, differs: false },
      ]),
    })
    // Edited in the shop since; and a later load whose row is rejected.
    await connection.query("update customer c join crosswalk_customer x on x.internalId = c.id set c.lastName = 'Ruiz-Fox' where x.sourceKey = 'C-1' and x.lastLoadId = ?", [id])
    const edited = await stagedRecord(engineer, id, 'customer', null, 1)
    expect(edited.cells.filter((cell) => cell.differs).map((cell) => [cell.column, cell.typed, cell.production])).toEqual([['lastName', 'Ruiz', 'Ruiz-Fox']])
    const later = await load({ customer: customers('C-1,Ana,Ruiz,perhaps,', 'C-2,Bo,Li,,') }, shop)
    const rejected = await stagedRecord(engineer, later.id, 'customer', null, 1)
    expect(rejected).toMatchObject({ verdict: 'rejected', production: { imported: true } })
    expect(rejected.cells.map(({ typed, differs }) => [typed, differs])).toEqual(rejected.cells.map(() => [undefined, false]))
    expect(rejected.cells.map((cell) => cell.production)).toContain('Ruiz-Fox')
    expect(rejected.exceptions.map((x) => [x.code, x.column])).toEqual([['invalid_boolean', 'doNotChargeTax']])
  })

  test('of which nothing is in production stands alone', async () => {
    const { id } = await load({ customer: customers('C-1,Ana,Ruiz,,', 'C-2,Bo,Li,maybe,') })
    const { production, cells } = await stagedRecord(engineer, id, 'customer', null, 2)
    expect(production).toBeNull()
    expect(cells.some((cell) => cell.differs)).toBe(false)
    await expect(stagedRecord(engineer, id, 'customer', null, 3)).rejects.toMatchObject({ code: 'not_found' })
  })
})

async function read({ name, header, rows }: Download): Promise<string[][]> {
  const text = await csvResponse(name, header, rows).text()
  return parse(text, { bom: true, record_delimiter: '\r\n' })
}

describe('downloads', () => {
  const vehicles = ['externalVehicleId,externalCustomerId,year,licensePlate,vin', 'V-1,C-2,2001,=PLATE,', 'V-2,C-1,2002,7ABC123,', 'V-3,C-9,2003,,', ''].join('\n')

  test('give rejected rows back with their columns as sent, the line and the reason', async () => {
    const { id } = await load({ customer: seven, vehicle: vehicles })
    const [header, ...rows] = await read(await rejectedRowsDownload(engineer, id, null, 'vehicle'))
    expect(header).toEqual(['externalVehicleId', 'externalCustomerId', 'year', 'licensePlate', 'vin', '_line', '_reason'])
    expect(rows.map((cells) => cells.slice(0, 6).map(unescapeFormula))).toEqual([['V-1', 'C-2', '2001', '=PLATE', '', '2'], ['V-3', 'C-9', '2003', '', '', '4']])
    expect(rows.map((cells) => cells[6])).toEqual([expect.stringContaining('“C-2” was left out'), expect.stringContaining('“C-9” is neither in a row of this load')])
    expect(rows[0]![3]).toBe("'=PLATE")
    const [, ...customerRows] = await read(await rejectedRowsDownload(engineer, id, null, 'customer'))
    expect(customerRows.at(-1)).toEqual(['', '', '', '', '', '8', expect.stringContaining('As sent: C-5,Ed')])
  })

  test('mask personal values for viewers, in cells, values and sentences, and are noted in the audit log', async () => {
    const { id } = await load({ customer: seven, vehicle: vehicles })
    const [, vehicle] = await read(await rejectedRowsDownload(viewer, id, null, 'vehicle'))
    expect(vehicle!.slice(0, 4)).toEqual(['V-1', 'C-2', '2001', "'=•••"])
    const all = { entity: null, code: null, column: null, severity: null, record: null }
    const exceptions = await read(await exceptionDownload(viewer, id, null, all))
    expect(JSON.stringify(exceptions)).not.toContain('nowhere')
    expect(exceptions.find((cells) => cells[5] === 'contactEmail')!.slice(6)).toEqual(['invalid_email', 'warning', 'n•••', expect.stringContaining('“n•••”')])
    const [audited] = await connection.query<RowDataPacket[]>("select actor, detail from audit_event where action = 'exceptions_downloaded' and objectId = ? order by id", [id])
    expect(audited.map(({ actor }) => actor)).toEqual([viewer.email, viewer.email])
    expect(JSON.stringify(audited)).not.toContain('nowhere')
  })

  test('hold every exception once, cascades included', async () => {
    const { id } = await load({ customer: seven, vehicle: vehicles })
    const { attempt } = await loadWithAttempts(engineer, id, null)
    const groups = await exceptionGroups(engineer, attempt!.id)
    const all = { entity: null, code: null, column: null, severity: null, record: null }
    const [header, ...rows] = await read(await exceptionDownload(engineer, id, null, all))
    expect(header).toEqual(['entity', 'file', 'line', 'record', 'key', 'column', 'code', 'severity', 'value', 'sentence'])
    expect(rows).toHaveLength(groups.reduce((sum, { count }) => sum + count, 0))
    const only = await read(await exceptionDownload(engineer, id, null, { ...all, entity: 'vehicle', code: 'parent_missing' }))
    expect(only.slice(1).map((cells) => cells.slice(0, 8))).toEqual([['vehicle', 'vehicles.csv', '4', '3', 'V-3', 'externalCustomerId', 'parent_missing', 'error']])
    const page = await exceptionPage(engineer, attempt!.id, { ...all, entity: 'customer', record: 2 })
    expect(page.rows[0]!.below).toEqual([{ entity: 'vehicle', count: 1 }])
  })
})

describe('with many records', () => {
  const table: StagedTable = { schema: '', name: 'bulk' }

  beforeAll(async () => {
    table.schema = runner.stagingSchema
    const at = `\`${table.schema}\``
    await connection.query(`drop table if exists ${at}.bulk, ${at}.bulk_work`)
    await connection.query(`create table ${at}.bulk (_record int primary key, _line int, _verdict tinyint, _raw mediumtext, _more mediumtext, name mediumtext)`)
    await connection.query(`create table ${at}.bulk_work (_record int primary key, action enum('new', 'changed', 'rejected', 'superseded', 'identical'), id bigint)`)
    await connection.query<ResultSetHeader>(`insert into ${at}.bulk with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000)
      select (a.i - 1) * 1000 + b.i, (a.i - 1) * 1000 + b.i + 1, 0, null, null, 'Oil filter' from n a join n b where a.i <= 20`)
    await connection.query(`insert into ${at}.bulk_work select _record, if(_record % 100 = 0, 'changed', 'new'), _record from ${at}.bulk`)
    await connection.query(`analyze table ${at}.bulk, ${at}.bulk_work`)
  })

  test('a page is read from the primary key on, without sorting', async () => {
    const plans = async ({ text, values }: Sql) => (await connection.query<RowDataPacket[]>(`explain format=traditional ${text}`, [...values]))[0]
    for (const beyond of [{ record: 15_000, backwards: false }, { record: 15_000, backwards: true }]) {
      for (const statement of [recordsInOrder(table, ['name'], beyond, 51, 161), recordsOfAction(table, 'changed', null, ['name'], beyond, 51, 161)]) {
        const [driving, joined] = await plans(statement)
        expect(driving).toMatchObject({ type: 'range', key: 'PRIMARY' })
        expect(joined).toMatchObject({ type: 'eq_ref', key: 'PRIMARY' })
        expect(driving!.Extra).not.toMatch(/temporary|filesort/)
      }
    }
  })
})
