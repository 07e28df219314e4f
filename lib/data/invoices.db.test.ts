import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { createNativeInvoices } from '#lib/sample/native.ts'
import { getInvoice, getInvoiceLines } from './invoice.ts'
import { invoiceQuery } from './invoice-query.ts'
import { listInvoices, searchInvoices, shopToShow } from './invoices.ts'
import { searchById } from './search.ts'

const support: CurrentUser = { id: '1', email: 'sue@example.com', name: 'Sue', role: 'support', partnerId: null }
const viewer: CurrentUser = { ...support, role: 'viewer', partnerId: null }

let connection: Connection
let serial = 0
// Imported ids come from blocks below those of native rows; each test takes its own.
let nextId = 1 + Math.floor(Math.random() * 1e9) * 100

beforeAll(async () => {
  ({ connection } = await testDatabase())
})

type Values = { [column: string]: unknown }
type Shop = { shopId: number; loadId: number; attemptId: number; customerId: number; name: string }

async function insert(table: string, values: Values): Promise<number> {
  const [{ insertId }] = await connection.query<ResultSetHeader>('insert into ?? set ?', [table, values])
  return insertId
}

/** A shop with one customer and one load that ran from 10:00 to 10:05. */
async function newShop(timeZone = 'America/New_York'): Promise<Shop> {
  const name = `invoices-${process.pid}-${Date.now()}-${serial++}`
  const partnerId = await insert('partner', { slug: name, name: 'Northwind' })
  const shopId = await insert('shop', { partnerId, slug: name, name, timeZone })
  const loadId = await insert('load', { shopId, slug: `2025-08-22_${name}`, status: 'completed', completedAttempt: 1 })
  const attemptId = await newAttempt(loadId, 1, '2025-08-22 10')
  const customerId = await insert('customer', { shopId, importedLoadId: loadId, externalCustomerId: 'C-1', firstName: 'Jane', lastName: 'Roe', contactCell: '(555) 555-0100', city: 'Dayton' })
  return { shopId, loadId, attemptId, customerId, name }
}

async function newAttempt(loadId: number, number: number, hour: string): Promise<number> {
  return insert('attempt', { loadId, number, delivery: 1, status: 'completed', startedVia: 'cli', startedAt: `${hour}:00:00`, finishedAt: `${hour}:05:00` })
}

/** An invoice as the shop's load brought it at 10:03. */
async function importInvoice({ shopId, loadId, customerId }: Shop, externalDocumentId: string, values: Values = {}): Promise<number> {
  const id = nextId++
  const at = '2025-08-22 10:03:00.500'
  await insert('invoice', { id, shopId, customerId, importedLoadId: loadId, externalDocumentId, createdAt: at, updatedAt: at, state: 'paid', total: '100.00', createdOn: '2025-08-01 12:00:00', ...values })
  return id
}

const list = (user: CurrentUser, shop: Shop, query: { [name: string]: string } = {}) => {
  const { filter, sort, page } = invoiceQuery.parse({ shop: String(shop.shopId), ...query })
  return listInvoices(user, filter, sort, page)
}
const numbers = async (...asked: Parameters<typeof list>) => (await list(...asked)).rows.map((row) => row.number)

describe('the list', () => {
  test('filters by state, origin, load and days of the shop\'s own calendar', async () => {
    const shop = await newShop()
    const load2 = await insert('load', { shopId: shop.shopId, slug: 'second', status: 'completed', completedAttempt: 1 })
    // 03:30 in UTC is still the evening of July 31 in New York.
    await importInvoice(shop, 'evening', { createdOn: '2025-08-01 03:30:00', state: 'draft' })
    await importInvoice(shop, 'noon', { createdOn: '2025-08-01 16:00:00', state: null })
    await importInvoice(shop, 'next', { createdOn: '2025-08-02 16:00:00', importedLoadId: load2 })
    await importInvoice(shop, 'undated', { createdOn: null })
    await insert('invoice', { shopId: shop.shopId, customerId: shop.customerId, createdOn: '2025-08-03 16:00:00', total: '5.00' })

    expect((await numbers(support, shop)).slice(1)).toEqual(['next', 'noon', 'evening', 'undated'])
    expect(await numbers(support, shop, { state: 'draft' })).toEqual(['evening'])
    expect((await list(support, shop, { state: 'draft', origin: 'imported' })).counts).toMatchObject({ draft: 1, none: 1, paid: 2, cancelled: 0 })
    expect(await numbers(support, shop, { state: 'draft,none', origin: 'imported' })).toEqual(['noon', 'evening'])
    expect(await numbers(support, shop, { origin: 'imported' })).toEqual(['next', 'noon', 'evening', 'undated'])
    expect(await list(support, shop, { origin: 'native' })).toMatchObject({ count: 1, total: '5.00', rows: [{ imported: null }] })
    expect(await numbers(support, shop, { load: String(load2) })).toEqual(['next'])
    expect(await numbers(support, shop, { from: '2025-08-01', to: '2025-08-01' })).toEqual(['noon'])
    expect(await numbers(support, shop, { to: '2025-07-31' })).toEqual(['evening'])
  })

  test('sorts by date or total and cuts pages without losing or doubling a row', async () => {
    const shop = await newShop()
    for (let i = 1; i <= 12; i++) await importInvoice(shop, `n${i}`, { total: `${(i * 7) % 5}.00`, createdOn: '2025-08-01 12:00:00' })
    const pages = await Promise.all(['1', '2', '3', '4'].map((page) => numbers(support, shop, { sort: 'total', size: '5', page })))
    expect(pages.map((page) => page.length)).toEqual([5, 5, 2, 0])
    expect(new Set(pages.flat()).size).toBe(12)
    expect(await numbers(support, shop, { sort: '-total', size: '100' })).toEqual(pages.flat().reverse())
    expect(await list(support, shop, { size: '5' })).toMatchObject({ count: 12, total: '26.00' })
  })

  test('shows native and imported invoices side by side, each with what was paid', async () => {
    const shop = await newShop()
    const imported = await importInvoice(shop, 'A-1')
    const [native] = await createNativeInvoices(connection, shop.shopId, 1, 7)
    for (const [paymentAmount, paymentStatus] of [['80.00', 'completed'], ['-30.00', 'refunded'], ['15.00', null], ['500.00', 'pending'], ['500.00', 'failed']]) {
      await insert('payment', { shopId: shop.shopId, invoiceId: imported, importedLoadId: shop.loadId, paymentAmount, paymentStatus })
    }
    const { rows } = await list(support, shop)
    expect(rows.map((row) => [row.id, row.number, row.imported !== null])).toEqual([[String(native), String(native), false], [String(imported), 'A-1', true]])
    expect(rows[1]).toMatchObject({
      customer: 'Jane Roe', total: '100.00', paid: '65.00', balance: '35.00',
      imported: { partner: 'Northwind', loadId: `2025-08-22_${shop.name}`, importedAt: '2025-08-22T10:05:00.000Z', changedSince: false },
    })
    expect(native).toBeGreaterThanOrEqual(1_000_000_000_000)
  })

  test('says of an invoice that a rerun brought when that was', async () => {
    const shop = await newShop()
    await newAttempt(shop.loadId, 2, '2025-08-23 10')
    await importInvoice(shop, 'first')
    await importInvoice(shop, 'rerun', { createdAt: '2025-08-23 10:03:00.500', updatedAt: '2025-08-23 10:03:00.500' })
    const { rows } = await list(support, shop)
    expect(Object.fromEntries(rows.map((row) => [row.number, row.imported!.importedAt]))).toEqual({ first: '2025-08-22T10:05:00.000Z', rerun: '2025-08-23T10:05:00.000Z' })
  })

  test('hides names and plates from viewers', async () => {
    const shop = await newShop()
    const vehicleId = await insert('vehicle', { shopId: shop.shopId, customerId: shop.customerId, year: 2014, make: 'Ford', model: 'F-150', licensePlate: 'XYZ 123' })
    await importInvoice(shop, 'A-1', { vehicleId })
    expect((await list(viewer, shop)).rows[0]).toMatchObject({ customer: 'J••• R•••', vehicle: '2014 Ford F-150 · X•••' })
    expect((await list(support, shop)).rows[0]).toMatchObject({ customer: 'Jane Roe', vehicle: '2014 Ford F-150 · XYZ 123' })
  })

  test('knows a shop that does not exist from one without invoices', async () => {
    const shop = await newShop()
    expect(await list(support, shop)).toMatchObject({ rows: [], count: 0, total: '0.00' })
    await expect(list(support, { ...shop, shopId: 987_654_321_000 })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the badge\'s "changed here"', () => {
  test('stands for an edit after the load wrote the row, not for the load\'s own update', async () => {
    const shop = await newShop()
    const second = await insert('load', { shopId: shop.shopId, slug: 'second', status: 'completed', completedAttempt: 1 })
    const updatedByLoad = await importInvoice(shop, 'by-load', { importedLoadId: second, updatedAt: '2025-08-23 10:02:00' })
    const edited = await importInvoice(shop, 'edited', { updatedAt: '2025-08-22 18:00:00' })
    const editedDuringRun = await importInvoice(shop, 'during', { updatedAt: '2025-08-23 10:01:00' })
    await importInvoice(shop, 'untouched')
    const attemptId = await newAttempt(second, 1, '2025-08-23 10')
    await insert('row_change', { attemptId, entity: 'invoice', sourceKey: Buffer.from('by-load'), rowId: updatedByLoad, before: '{}', crosswalkHash: Buffer.alloc(22) })
    await insert('ledger_line', { attemptId, entity: 'invoice', firstId: editedDuringRun + 1_000, endId: editedDuringRun + 1_001 })
    const changed = (await list(support, shop)).rows.filter((row) => row.imported!.changedSince).map((row) => row.id)
    expect(changed.sort()).toEqual([String(edited), String(editedDuringRun)].sort())
  })

  test('does not stand when the load wrote a row in two statements', async () => {
    const shop = await newShop()
    const id = await importInvoice(shop, 'linked-later', { updatedAt: '2025-08-22 10:04:00' })
    await insert('ledger_line', { attemptId: shop.attemptId, entity: 'invoice', firstId: id, endId: id + 1 })
    expect((await getInvoice(support, String(id))).imported).toMatchObject({ changedSince: false })
  })
})

describe('searching', () => {
  test('finds by the start of a number and by words of a name, for those who may see names', async () => {
    const shop = await newShop()
    const other = await insert('customer', { shopId: shop.shopId, firstName: 'José', lastName: 'García Márquez' })
    await importInvoice(shop, 'R-100')
    await importInvoice(shop, 'R-101', { customerId: other, createdOn: '2025-08-09 12:00:00' })
    const found = async (user: CurrentUser, text: string) => (await searchInvoices(user, String(shop.shopId), text)).rows.map((row) => row.number)
    expect(await found(support, 'R-10')).toEqual(['R-101', 'R-100'])
    expect(await found(support, 'garcia jose')).toEqual(['R-101'])
    expect(await found(support, 'roe')).toEqual(['R-100'])
    expect(await found(support, '%')).toEqual([])
    expect(await found(viewer, 'roe')).toEqual([])
    expect(await found(viewer, 'R-100')).toEqual(['R-100'])
  })

  test('says that there are more where too many customers have the name', async () => {
    const shop = await newShop()
    await connection.query('insert into customer (shopId, lastName) values ?', [Array.from({ length: 200 }, () => [shop.shopId, 'Common'])])
    expect(await searchInvoices(support, String(shop.shopId), 'common')).toMatchObject({ rows: [], more: false })
    await insert('customer', { shopId: shop.shopId, lastName: 'Common' })
    expect(await searchInvoices(support, String(shop.shopId), 'common')).toMatchObject({ rows: [], more: true })
  })

  test('does not reach into other shops', async () => {
    const [mine, theirs] = [await newShop(), await newShop()]
    const id = await importInvoice(theirs, 'THEIRS-1')
    for (const text of ['THEIRS', String(id), 'Roe']) expect((await searchInvoices(support, String(mine.shopId), text)).rows).toEqual([])
  })

  test('by id finds loads and invoices of all shops', async () => {
    const shop = await newShop()
    const number = `9-${shop.name}`
    const id = await importInvoice(shop, number)
    const invoice = { id: String(id), number, shop: shop.name, imported: true }
    expect(await searchById(viewer, number)).toEqual({ loads: [], invoices: [invoice] })
    expect((await searchById(viewer, String(id))).invoices).toEqual([invoice])
    expect((await searchById(viewer, `22_${shop.name}`)).loads).toMatchObject([{ id: String(shop.loadId), partner: 'Northwind', status: 'completed' }])
  })
})

describe('an invoice', () => {
  test('tells its totals, payments, balance and where it came from', async () => {
    const shop = await newShop()
    const id = await importInvoice(shop, 'A-1', { subTotal: '92.00', tax: '8.00', externalShopId: '0112', sourceAppName: 'OldShop 3', externalServiceWriterName: 'Renee', shopNote: 'Call first' })
    await insert('crosswalk_invoice', { shopId: shop.shopId, sourceKey: Buffer.from('A-1'), internalId: id, rowHash: Buffer.alloc(22), firstLoadId: shop.loadId, lastLoadId: shop.loadId })
    for (const total of ['100.00', '-8.00']) await insert('line_item', { shopId: shop.shopId, invoiceId: id, importedLoadId: shop.loadId, total })
    await insert('payment', { shopId: shop.shopId, invoiceId: id, paymentAmount: '100.00', paymentStatus: 'completed', paymentReferenceNo: 'VISA 1111' })
    const load = { id: String(shop.loadId), loadId: `2025-08-22_${shop.name}` }
    expect(await getInvoice(support, String(id))).toMatchObject({
      number: 'A-1', paid: '100.00', balance: '0.00', customer: { name: 'Jane Roe', phone: '(555) 555-0100', address: 'Dayton' }, serviceWriter: 'Renee', masked: false,
      lineCheck: { lines: '92.00', againstSubtotal: '0.00', againstTotal: '-8.00' },
      source: { partner: 'Northwind', sourceKey: 'A-1', firstLoad: load, lastLoad: load, externalShopId: '0112', sourceAppName: 'OldShop 3' },
    })
    expect(await getInvoice(viewer, String(id))).toMatchObject({
      customer: { name: 'J••• R•••', phone: '(•••', address: 'D•••' }, serviceWriter: 'R•••', note: 'C•••', payments: [{ reference: 'V•••' }], masked: true,
    })
  })

  test('has its scrambled lines in order, and says which were added here', async () => {
    const shop = await newShop()
    const id = await importInvoice(shop, 'A-1')
    const line = (values: Values) => insert('line_item', { shopId: shop.shopId, invoiceId: id, importedLoadId: shop.loadId, ...values })
    const first = await line({ datalineName: 'child 2', lineNumber: 3 })
    const parent = await line({ datalineName: 'parent', lineNumber: 1 })
    await line({ datalineName: 'child 1', lineNumber: 2, parentLineItemId: parent })
    await line({ datalineName: 'made here', lineNumber: null, importedLoadId: null })
    await connection.query('update line_item set parentLineItemId = ? where id = ?', [parent, first])
    const { lines } = await getInvoiceLines(viewer, String(id), { offset: 0, limit: 500 })
    expect(lines.map((l) => [l.name, l.depth, l.below, l.otherOrigin])).toEqual([
      ['parent', 0, 2, false], ['child 1', 1, 0, false], ['child 2', 1, 0, false], ['made here', 0, 0, true],
    ])
  })

  test('with a chain of 10,000 lines is read stretch by stretch', async () => {
    const shop = await newShop()
    const id = await importInvoice(shop, 'LONG')
    const base = nextId
    nextId += 10_000
    const rows = Array.from({ length: 10_000 }, (_, i) => [base + i, shop.shopId, id, i === 0 ? null : base + i - 1, i + 1, `line ${i}`, '1.00'])
    await connection.query('insert into line_item (id, shopId, invoiceId, parentLineItemId, lineNumber, datalineName, total) values ?', [rows])
    const stretch = await getInvoiceLines(support, String(id), { offset: 9_000, limit: 500 })
    expect(stretch).toMatchObject({ offset: 9_000, count: 10_000 })
    expect(stretch.lines).toHaveLength(500)
    expect(stretch.lines[0]).toMatchObject({ name: 'line 9000', depth: 9_000, below: 999 })
    expect((await getInvoice(support, String(id))).lineCheck.lines).toBe('10000.00')
  })

  test('that does not exist, or has an id that cannot be one, is not found', async () => {
    for (const id of ['999999999999999', 'x', '1e3', '9'.repeat(30)]) await expect(getInvoice(support, id)).rejects.toMatchObject({ code: 'not_found' })
  })
})

test('who has not chosen a shop sees the one of the load, or the latest loaded', async () => {
  const shop = await newShop()
  expect(await shopToShow(viewer, String(shop.loadId))).toBe(String(shop.shopId))
  expect(await shopToShow(viewer, null)).toMatch(/^\d+$/)
})

test('native invoices add up, and the same seed makes the same ones', async () => {
  const [one, two] = [await newShop(), await newShop()]
  const ids = await createNativeInvoices(connection, one.shopId, 20, 42)
  await createNativeInvoices(connection, two.shopId, 20, 42)
  const made = async (shop: Shop) => (await connection.query<RowDataPacket[]>('select subTotal, total, tax, state from invoice where shopId = ? and importedLoadId is null order by id', [shop.shopId]))[0]
  expect(await made(one)).toEqual(await made(two))
  for (const id of ids) {
    const invoice = await getInvoice(support, String(id))
    expect(invoice).toMatchObject({ imported: null, source: null, number: String(id), lineCheck: { againstSubtotal: '0.00' } })
    if (invoice.state === 'paid') expect(invoice.balance).toBe('0.00')
  }
})
