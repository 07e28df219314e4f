import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { entities, entityNames, type EntityName } from '#lib/contract/index.ts'
import { csvResponse } from '#lib/csv-export.ts'
import { rejectedRowsDownload } from '#lib/data/exception-downloads.ts'
import { honestTables, recordsIn, type Table, type Tables } from '#lib/fuzz/mutations.ts'
import { SEED } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { random, type Random } from '#lib/sample/random.ts'
import { runOnramp } from '#workers/run-onramp.ts'
import { canonicalDump, canonicalSection } from './canon.ts'
import { some } from './testing-disturbed.ts'
import { testInstallation, type Cells, type Loaded, type PackageFiles, type TestShop } from './testing.ts'

const { newShop, connection, url, dataDir } = await testInstallation()

const { user: engineer } = await signedIn(connection, 'engineer')
const idOf = async ({ partner, shop }: TestShop) => {
  const [[found]] = await connection.query<(RowDataPacket & { id: number })[]>(
    'select shop.id from shop join partner on partner.id = shop.partnerId where partner.slug = ? and shop.slug = ?', [partner, shop])
  return found!.id
}

/** Production and crosswalk as the dump has them; attempts are left out. */
async function books(shop: TestShop): Promise<string[]> {
  const dump = await canonicalDump(connection, await idOf(shop))
  return dump.split('\n').filter((line) => entityNames.some((name) => line.startsWith(`${name} `) || line.startsWith(`crosswalk_${name} `)))
}

const idsOf = async (shop: TestShop) => Promise.all(entities.map(async (e) => (await shop.rows(e.name)).map((row) => [row.id, row[e.key], row.updatedAt])))

function expectNothingNew({ report }: Loaded): void {
  for (const name of entityNames) {
    const { accepted, inserted, updated, unchanged } = report.entities[name]
    expect([name, inserted, updated, unchanged]).toEqual([name, 0, 0, accepted])
  }
}

const RERUNS = times(20)

/** A run of the load in a process of its own that the machine lets fail in the middle of writing. */
async function failing(command: 'load' | 'rerun', what: string, dice: Random): Promise<void> {
  const place = dice.of(['W12:line_item', 'W16:invoice', 'W17', 'W18:payment', 'W13'])
  const { code, stderr } = await runOnramp([command, what], { DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'silent', ONRAMP_FAILPOINT: `${place}=throw` })
  expect(code, `${place}: ${stderr}`).toBe(1)
}

test(`${RERUNS} reruns of a load that was refused first, failed then, and came in partly change nothing, and no id, also when one of them fails (SEED=${SEED})`, async () => {
  const dice = random(SEED, 'failures')
  const shop = newShop()
  const files: PackageFiles = {
    customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }, { externalCustomerId: 'C2', defaultLaborRate: 'abc' }, { externalCustomerId: 'C3' }],
    vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1', year: 'soon' }, { externalVehicleId: 'V2', externalCustomerId: 'C2' }],
    invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: 'V2', total: '10.10' }],
    line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', externalParentDatalineId: 'L2', total: '5' }, { externalDatalineId: 'L2', externalDocumentId: 'I1', total: '5.10' }],
    payment: [{ externalPaymentId: 'P1', externalDocumentId: 'I1', paymentAmount: '10.10' }],
    supplier: [{ externalSupplierId: 'S1', supplierName: 'One' }, { externalSupplierId: 'S1', supplierName: 'Two' }],
  }
  const refused = await shop.load(files, { loadId: 'again', manifest: (manifest) => ({ ...manifest, load_id: 'other' }) })
  expect(refused.report.status).toBe('failed_validation')
  expect(Object.values(await shop.counts()).every((count) => count === 0)).toBe(true)

  const folder = shop.write(files, { loadId: 'again' })
  await failing('load', folder, dice)
  expect(Object.values(await shop.counts()).every((count) => count === 0)).toBe(true)

  const first = await shop.loadFolder(folder)
  expect(first.report.status).toBe('completed_with_exceptions')
  const [made, ids] = [await books(shop), await idsOf(shop)]
  for (let i = 0; i < RERUNS; i++) {
    if (i % 20 === 10) await failing('rerun', `${shop.partner}/${shop.shop}/again`, dice)
    const again = await shop.loadFolder(first.folder)
    expectNothingNew(again)
    expect(again.report.exceptions).toEqual(first.report.exceptions)
    expect(again.report.money).toEqual(first.report.money)
  }
  expect(await books(shop)).toEqual(made)
  expect(await idsOf(shop)).toEqual(ids)
})

/** A delivery, and a second one of which one row in a hundred is another. */
async function onePercentChanged(dice: Random): Promise<void> {
  const shop = newShop()
  const customers = Array.from({ length: 300 }, (_, i): Cells => ({ externalCustomerId: `C${i}`, firstName: `First ${i}`, contactCell: '503-555-0100' }))
  const invoices = Array.from({ length: 300 }, (_, i): Cells => ({ externalDocumentId: `I${i}`, externalCustomerId: `C${i}`, total: `${i}.50`, createdOn: '2025-08-22 10:00' }))
  await shop.load({ customer: customers, invoice: invoices })
  const shopId = await idOf(shop)
  const [{ insertId: native }] = await connection.query<ResultSetHeader>("insert into invoice (shopId, customerId, state, total) values (?, ?, 'draft', 7.50)", [shopId, (await shop.rows('customer'))[0]!.id])
  await connection.query("update customer set firstName = 'Edited here' where shopId = ? and externalCustomerId = 'C7'", [shopId])
  const before = new Map((await shop.rows('invoice')).map((row) => [row.id, row]))

  // The row that was edited here is none of those that the partner has changed too.
  const changed = new Set(some(customers.map((_, i) => String(i)).filter((i) => i !== '7'), 3, dice))
  const isChanged = (key: string) => changed.has(key.slice(1))
  const { report } = await shop.load({
    customer: customers.map((row) => (isChanged(row.externalCustomerId!) ? { ...row, firstName: 'Other' } : row)),
    invoice: invoices.map((row) => (isChanged(row.externalDocumentId!) ? { ...row, total: '999.99' } : row)),
  })
  for (const name of ['customer', 'invoice'] as const) expect(report.entities[name]).toMatchObject({ inserted: 0, updated: 3, unchanged: 297, rejected: 0 })
  expect(report.money['invoice.total']).toMatchObject({ file: report.money['invoice.total']!.production })

  expect((await shop.byKey('customer')).get('C7')!.firstName).toBe('Edited here')
  const after = await shop.rows('invoice')
  expect(after).toHaveLength(301)
  for (const row of after) {
    const was = before.get(row.id)!
    // The badge stays: an imported invoice is that of a load, a native one of none.
    expect(row.importedLoadId === null).toBe(row.id === native)
    if (row.id !== native && isChanged(String(row.externalDocumentId))) expect(row.total).toBe('999.99')
    else expect(row).toEqual(was)
  }
}

test(`of a delivery with 1 % of its rows changed exactly those are updated; what the shop made or edited since stays (SEED=${SEED})`, async () => {
  for (let round = 0; round < times(1); round++) await onePercentChanged(random(SEED, 'changed', round))
})

test('run again, a load judges anew the rows that could not come in, and keeps what later loads brought', async () => {
  const shop = newShop()
  const [C1, C9] = ['C1', 'C9'].map((externalCustomerId) => ({ externalCustomerId }))
  const invoice = (id: string, total: string, customer = 'C1') => ({ externalDocumentId: id, externalCustomerId: customer, total })
  await shop.load({ customer: [C1!], invoice: [invoice('I5', '1.00'), invoice('I6', '1.00')] })
  const first = await shop.load({ customer: [C1!], invoice: [invoice('I5', '2.00', 'C9'), invoice('I6', '2.00')] })
  expect(first.report.entities.invoice).toMatchObject({ rejected: 1, updated: 1 })
  const again = await shop.loadFolder(first.folder)
  expect(again.report).toMatchObject({ status: 'completed_with_exceptions', exceptions: first.report.exceptions })
  expect(again.report.entities.invoice).toMatchObject({ rejected: 1, updated: 0, unchanged: 1 })

  await shop.load({ customer: [C1!, C9!], invoice: [invoice('I6', '3.00')] })
  const last = await shop.loadFolder(first.folder)
  expect(last.report.entities.invoice).toMatchObject({ rejected: 0, updated: 1, unchanged: 1 })
  expect(last.report.exceptions.map(({ code }) => code)).toEqual(['newer_rows_kept'])
  const [invoices, customers] = [await shop.byKey('invoice'), await shop.byKey('customer')]
  expect([invoices.get('I5')!.customerId, invoices.get('I5')!.total, invoices.get('I6')!.total]).toEqual([customers.get('C9')!.id, '2.00', '3.00'])
})

describe('correcting', () => {
  /** What somebody gets who downloads the rejected rows of an entity, and sends back what `fix` made of them. */
  async function corrected({ loadId }: Loaded, entity: EntityName, fix: (cells: Cells) => Cells): Promise<{ bytes: string; rows: number }> {
    const { name, header, rows } = await rejectedRowsDownload(engineer, String(loadId), null, entity)
    const records: Cells[] = parse(await csvResponse(name, header, rows).text(), { bom: true, columns: true })
    return { bytes: stringify(records.map(fix), { header: true, columns: header, bom: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ }), rows: records.length }
  }

  async function rejectedRowsTwice(): Promise<void> {
    const shop = newShop()
    const phones = { contactCell: '+15551234567', contactHome: '-5550100', zipCode: '00501', city: '=Salem', firstName: "'Ann", lastName: "'=Lee", streetAddress2: '@home\nof cars' }
    const first = await shop.load({
      customer: [{ externalCustomerId: 'C0' }, { externalCustomerId: '+C1', defaultLaborRate: 'abc', doNotChargeTax: 'maybe', ...phones }, { externalCustomerId: '=C2', defaultLaborRate: '-1x', ...phones }],
      vehicle: [{ externalVehicleId: '-V1', externalCustomerId: '+C1', licensePlate: '-5.00' }, { externalVehicleId: 'V2', externalCustomerId: 'C0' }],
      invoice: [{ externalDocumentId: '@I1', externalCustomerId: '=C2', externalVehicleId: '-V1', total: '5.00', shopNote: '-5.00' }],
      payment: [{ externalPaymentId: 'P1', externalDocumentId: '@I1', paymentAmount: '-5.00' }],
    })
    const sum = (entity: EntityName, ...loads: Loaded[]) => loads.reduce((n, { report }) => n + report.entities[entity].accepted, 0)
    expect([sum('customer', first), sum('vehicle', first), sum('invoice', first), sum('payment', first)]).toEqual([1, 1, 0, 0])

    // The first correction forgets one of the two, so that a correction is corrected.
    const second = await shop.load({
      customer: await corrected(first, 'customer', (cells) => (cells.defaultLaborRate === 'abc' ? { ...cells, defaultLaborRate: '95.50', doNotChargeTax: 'no' } : cells)),
      vehicle: await corrected(first, 'vehicle', (cells) => cells), invoice: await corrected(first, 'invoice', (cells) => cells), payment: await corrected(first, 'payment', (cells) => cells),
    })
    expect(second.report.failure).toBeNull()
    expect([sum('customer', first, second), sum('vehicle', first, second), sum('invoice', first, second)]).toEqual([2, 2, 0])
    const third = await shop.load({
      customer: await corrected(second, 'customer', (cells) => ({ ...cells, defaultLaborRate: '1' })),
      vehicle: await corrected(second, 'vehicle', (cells) => cells), invoice: await corrected(second, 'invoice', (cells) => cells), payment: await corrected(second, 'payment', (cells) => cells),
    })
    expect(third.report.failure).toBeNull()
    for (const [entity, count] of [['customer', 3], ['vehicle', 2], ['invoice', 1], ['payment', 1]] as const) {
      expect([entity, sum(entity, first, second, third), (await shop.rows(entity)).length]).toEqual([entity, count, count])
    }
    for (const key of ['+C1', '=C2']) expect((await shop.byKey('customer')).get(key)).toMatchObject(phones)
    expect((await shop.byKey('vehicle')).get('-V1')).toMatchObject({ licensePlate: '-5.00' })
    expect((await shop.byKey('payment')).get('P1')).toMatchObject({ paymentAmount: '-5.00' })
  }

  test('only the rejected rows, twice over, brings them and their children in, as they were sent', async () => {
    for (let round = 0; round < times(1); round++) await rejectedRowsTwice()
  })
})

type Written = { separator: string; bom: string; quoteAll: boolean; lastEnd: boolean }
const plain: Written = { separator: '\n', bom: '', quoteAll: false, lastEnd: true }

function bytesOf(table: Table, { separator, bom, quoteAll, lastEnd }: Written): string {
  const quoted = (cell: string) => (quoteAll || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return bom + table.map((row) => row.map(quoted).join(',')).join(separator) + (lastEnd ? separator : '')
}

function shuffled<T>(list: readonly T[], dice: Random): T[] {
  return list.map((item) => [dice.next(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item)
}

function permuted(table: Table, dice: Random): Table {
  const order = shuffled(table[0]!.map((_, i) => i), dice)
  return table.map((row) => order.map((i) => row[i]!))
}

/** Ways to write the same books, which must all be read as the same. */
const ways: Record<string, (table: Table, dice: Random) => [Table, Written]> = {
  'the records in another order': ([header, ...rows], dice) => [[header!, ...shuffled(rows, dice)], plain],
  'the columns in another order': (table, dice) => [permuted(table, dice), plain],
  'lines that end in CRLF': (table) => [table, { ...plain, separator: '\r\n' }],
  'lines that end in CR': (table) => [table, { ...plain, separator: '\r' }],
  'a byte order mark': (table) => [table, { ...plain, bom: '\uFEFF' }],
  'quotes around every cell': (table) => [table, { ...plain, quoteAll: true }],
  'no end of the last line': (table) => [table, { ...plain, lastEnd: false }],
  'headers in other letters': ([header, ...rows], dice) => [[header!.map((name) => (dice.chance(0.5) ? name.toUpperCase() : name.toLowerCase())), ...rows], plain],
}

const BASES = times(3)
const ODD = ['abc', '-1', '1e5', 'maybe', '03/04/25', 'x'.repeat(300), 'NULL', '99999999999', '2025-02-30', '  5 ', '0.005', 'é😀', '']

/** Honest books with a dozen odd cells, so that something is refused and something is warned about. */
function oddTables(dice: Random): Tables {
  const tables = honestTables(dice)
  for (let n = 0; n < 12; n++) {
    const table = tables[dice.of(entityNames)]
    const row = dice.of(table.slice(1))
    row[dice.int(1, row.length - 1)] = dice.of(ODD)
  }
  return tables
}

const packageOf = (tables: Tables, way: (table: Table, dice: Random) => [Table, Written], dice: Random): PackageFiles => Object.fromEntries(entityNames.map((name) => {
  const bytes = Buffer.from(bytesOf(...way(tables[name], dice)))
  return [name, { bytes, rows: recordsIn(bytes) }]
}))

/** Everything that a load made; of exceptions not where the row stood. */
async function outcome(shop: TestShop, anyOrder: boolean): Promise<unknown> {
  const shopId = await idOf(shop)
  const dump = (await canonicalDump(connection, shopId)).split('\n')
  if (!anyOrder) return dump
  const exceptions = (await canonicalSection(connection, 'load_exception', shopId)).map((row) => {
    const [, slug, , , entity, file, , , key, column, code, severity, value, detail, causeEntity] = JSON.parse(row) as unknown[]
    return JSON.stringify([slug, entity, file, key, column, code, severity, value, code === 'parent_rejected' ? null : detail, causeEntity])
  }).sort()
  return [...dump.filter((line) => !line.startsWith('load_exception ')), ...exceptions]
}

describe(`the same books written otherwise (SEED=${SEED})`, () => {
  const bases = Array.from({ length: BASES }, (_, i) => oddTables(random(SEED, 'books', i)))
  const asWritten = bases.map(async (tables) => {
    const shop = newShop()
    const loaded = await shop.load(packageOf(tables, (table) => [table, plain], random(SEED)))
    expect(loaded.report.entities.customer.accepted).toBeGreaterThan(0)
    return { same: await outcome(shop, false), anyOrder: await outcome(shop, true) }
  })

  test.each(Object.entries(ways))('with %s make the same rows, counts and exceptions', async (name, way) => {
    const anyOrder = name.startsWith('the records')
    for (const [i, tables] of bases.entries()) {
      const shop = newShop()
      await shop.load(packageOf(tables, way, random(SEED, name, i)))
      const expected = await asWritten[i]!
      expect(await outcome(shop, anyOrder), `SEED=${SEED}, books ${i}`).toEqual(anyOrder ? expected.anyOrder : expected.same)
    }
  })
})

