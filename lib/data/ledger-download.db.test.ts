import { randomUUID } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import type { ResultSetHeader } from 'mysql2/promise'
import { afterAll, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { csvResponse } from '#lib/csv-export.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { database } from './database.ts'
import { ledgerDownload } from './ledger-download.ts'
import type { LedgerFilter, LedgerSort } from './load-ledger-sql.ts'
import { ledgerDownloadQuery } from './load-query.ts'
import { listLoads } from './loads.ts'
import { prisma } from './prisma.ts'

const { connection: db } = await testDatabase()
afterAll(() => Promise.all([database().end(), prisma().$disconnect()]))
const insert = async (text: string, values: unknown[]) => ((await db.query<ResultSetHeader>(text, values))[0]).insertId
const everything: LedgerFilter = { status: [], partner: null, shop: null, person: null, from: null, to: null, exceptions: null }
const newestFirst: LedgerSort = { by: 'started', descending: true }
const LOADS = 1_203

const { user: viewer } = await signedIn(db, 'viewer')
const partner = await insert('insert into partner (slug, name) values (?, ?)', [randomUUID(), '=1+1'])
const shop = await insert("insert into shop (partnerId, slug, name, timeZone) values (?, '0007', 'Elm Street Auto', 'UTC')", [partner])
// Many of the same moment: the order among them must hold over the pieces that are read.
const loads = Array.from({ length: LOADS }, (_, i) => [shop, `L-${i}`, i % 3 === 0 ? 'failed' : 'completed', 1, 1, i % 3 === 0 ? null : 1, `2026-01-0${1 + (i % 5)} 10:00:00.5`, i, i % 7, 0])
await db.query('insert into `load` (shopId, slug, status, delivery, currentAttempt, completedAttempt, createdAt, records, errors, warnings) values ?', [loads])

async function download(filter: Partial<LedgerFilter>, sort = newestFirst, user = viewer): Promise<Record<string, string>[]> {
  const { name, header, rows } = await ledgerDownload(user, { ...everything, partner: String(partner), ...filter }, sort)
  const text = await csvResponse(name, header, rows).text()
  expect(name).toMatch(/^loads_\d{4}-\d\d-\d\d\.csv$/)
  return parse(text, { bom: true, columns: true, record_delimiter: '\r\n' }) as Record<string, string>[]
}

test.each<[string, Partial<LedgerFilter>, LedgerSort]>([
  ['all of a partner, newest first', {}, newestFirst],
  ['those that failed, by rows', { status: ['failed'] }, { by: 'rows', descending: false }],
  ['those of two days with rejected rows', { from: new Date('2026-01-02T00:00:00Z'), to: new Date('2026-01-04T00:00:00Z'), exceptions: 'rejected' }, { by: 'exceptions', descending: true }],
])('the download holds exactly the loads that the pages of the ledger list, in their order: %s', async (_, filter, sort) => {
  const listed: string[] = []
  for (let page = 1; ; page++) {
    const { rows } = await listLoads(viewer, { ...everything, partner: String(partner), ...filter }, sort, { page, size: 100 })
    listed.push(...rows.map(({ id }) => id))
    if (rows.length < 100) break
  }
  expect(listed.length).toBeGreaterThan(200)
  expect((await download(filter, sort)).map(({ id }) => id)).toEqual(listed)
})

test('a line says what the ledger says, with ids as text, moments in UTC and names that no spreadsheet runs', async () => {
  const [line] = await download({ status: ['completed'] }, { by: 'rows', descending: true })
  expect(line).toMatchObject({
    load_id: 'L-1202', status: 'completed', dry_run: 'no', partner_name: '\'=1+1', shop: '0007', shop_name: 'Elm Street Auto', started_by: '', started_at: '2026-01-03T10:00:00.500Z',
    rows: '1202', errors: '5', warnings: '0', attempt: '1',
  })
})

test('who downloaded what is in the audit trail', async () => {
  await download({ status: ['failed', 'completed'], exceptions: 'none' })
  const event = await row<{ actor: string; action: string; detail: string | object }>(db, sql`select actor, action, detail from audit_event where userId = ${viewer.id} order by id desc limit 1`)
  const detail = typeof event!.detail === 'string' ? JSON.parse(event!.detail) as object : event!.detail
  expect({ ...event, detail }).toEqual({
    actor: viewer.email, action: 'ledger_downloaded', detail: { status: 'failed,completed', partner: String(partner), shop: null, person: null, from: null, to: null, exceptions: 'none' },
  })
})

test('the query is that of the page’s address, of which the place in the list counts for nothing', () => {
  expect(ledgerDownloadQuery.parse({ status: 'failed', sort: '-rows', page: '7', size: '25' })).toEqual({ filter: { ...everything, status: ['failed'] }, sort: { by: 'rows', descending: true } })
  for (const wrong of [{ status: 'done' }, { shop: '1 or 1=1' }, { sort: 'slug' }]) expect(ledgerDownloadQuery.safeParse(wrong).success).toBe(false)
})
