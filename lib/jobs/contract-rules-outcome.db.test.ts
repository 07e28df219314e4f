import { describe, expect, test } from 'vitest'
import { entities } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { ident, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { testInstallation, type Cells, type Loaded, type PackageFiles, type TestShop } from './testing.ts'

const { newShop, runner, stagingTables } = await testInstallation()
const db = runner.db

/** A small shop's books: two customers, a vehicle, three invoices with lines and payments, a part and a supplier. */
const books = (): { -readonly [E in keyof PackageFiles]-?: Cells[] } => ({
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann', defaultLaborRate: '95.50' }, { externalCustomerId: 'C2', firstName: 'Bob', defaultLaborRate: '80' }],
  vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1', make: 'Ford' }],
  invoice: [
    { externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: 'V1', total: '110.50', tax: '10.50', shopNote: 'brakes' },
    { externalDocumentId: 'I2', externalCustomerId: 'C2', externalVehicleId: '', total: '0.29', tax: '0.01', shopNote: '' },
    { externalDocumentId: 'I3', externalCustomerId: 'C2', externalVehicleId: '', total: '$1,000.00', tax: '', shopNote: '' },
  ],
  line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', total: '100.00', datalineType: 'part' }, { externalDatalineId: 'L2', externalDocumentId: 'I1', total: '-5.25', datalineType: 'discount' }],
  payment: [{ externalPaymentId: 'P1', externalDocumentId: 'I1', paymentAmount: '110.50' }],
  inventory_part: [{ externalPartId: 'X1', partNumber: 'N1' }],
  supplier: [{ externalSupplierId: 'S1', supplierName: 'Parts' }],
})

function closes({ entities: counted }: Report): void {
  for (const [entity, c] of Object.entries(counted)) {
    expect(c.records, entity).toBe(c.accepted + c.rejected + c.superseded + c.identical)
    expect(c.accepted, entity).toBe(c.inserted + c.updated + c.unchanged)
    expect(c.staged, entity).toBe(c.records)
  }
}

async function everything(shop: TestShop) {
  return Object.fromEntries(await Promise.all(entities.map(async (e) => [e.name, await shop.rows(e.name)] as const)))
}

const changesOf = (loaded: Loaded) => rows<{ entity: string; sourceKey: string; before: string | Record<string, unknown> }>(db, sql`
  select entity, convert(sourceKey using utf8mb4) as sourceKey, \`before\` from row_change join attempt on attempt.id = row_change.attemptId
  where attempt.loadId = ${loaded.loadId} and attempt.number = ${loaded.report.attempt} order by entity, sourceKey`)

const stopped = async (loaded: Loaded) => new Map((await rows<{ entity: string; stopped: number }>(db, sql`
  select entity, stopped from ledger_line join attempt on attempt.id = ledger_line.attemptId where attempt.loadId = ${loaded.loadId} and attempt.number = ${loaded.report.attempt}`)).map((l) => [l.entity, Number(l.stopped)]))

describe('Rule 22: counts close, and money is summed in cents', () => {
  test('for the file, for what was accepted and for production', async () => {
    const files = books()
    files.invoice.push(
      { externalDocumentId: 'I4', externalCustomerId: 'C9', total: '7.77', tax: '0.77' }, // no such customer
      { externalDocumentId: 'I5', externalCustomerId: 'C1', total: '5.55', tax: '1.11', state: 'odd' }, // rejected by a value
      { externalDocumentId: 'I6', externalCustomerId: 'C1', total: '1.00', tax: '0.10' }, { externalDocumentId: 'I6', externalCustomerId: 'C1', total: '2.00', tax: '0.20' }, // superseded
      { externalDocumentId: 'I7', externalCustomerId: 'C1', total: '3.00' }, { externalDocumentId: 'I7', externalCustomerId: 'C1', total: '3.00' }, // identical
      { externalDocumentId: 'I8', externalCustomerId: 'C1', total: 'abc', tax: '9.00' }, // no number, and rejected for it
      { externalDocumentId: 'I9', externalCustomerId: 'C1', total: '0.005' }, // rounded to 0.01
    )
    files.line_item.push({ externalDatalineId: 'L3', externalDocumentId: 'I4', total: '50' }, { externalDatalineId: 'L4', externalDocumentId: 'I2', total: '0.1' }, { externalDatalineId: 'L5', externalDocumentId: 'I2', total: '0.2' })
    files.payment.push({ externalPaymentId: 'P2', externalDocumentId: 'I1', paymentAmount: '-10.50', paymentStatus: 'refunded' }, { externalPaymentId: 'P3', externalDocumentId: 'I99', paymentAmount: '4' })
    const { report } = await newShop().load(files)
    closes(report)
    expect(report.status).toBe('completed_with_exceptions')
    expect(report.entities.invoice).toMatchObject({ manifest: 11, records: 11, accepted: 6, rejected: 3, superseded: 1, identical: 1 })
    expect(report.money).toEqual({
      'invoice.total': { file: '1133.12', accepted: '1115.80', production: '1115.80' },
      'invoice.tax': { file: '21.69', accepted: '10.71', production: '10.71' },
      'line_item.total': { file: '145.05', accepted: '95.05', production: '95.05' },
      'payment.paymentAmount': { file: '104.00', accepted: '100.00', production: '100.00' },
    })
  })

  test('no cent is lost over many rows of the largest amounts', async () => {
    const line_item = Array.from({ length: 3000 }, (_, i) => ({ externalDatalineId: `L${i}`, externalDocumentId: 'I1', datalineType: 'discount', total: i % 3 === 0 ? '-9999999999.99' : '9999999999.99' }))
    const { report } = await newShop().load({ ...books(), line_item })
    expect(report.money['line_item.total']).toEqual({ file: '9999999999990.00', accepted: '9999999999990.00', production: '9999999999990.00' })
  })

  test('a load whose equations do not close is failed, and nothing of it is in production', async () => {
    const shop = newShop()
    // Something behind the pipeline's back: a trigger that eats a cent of each payment.
    await run(db, sql`create trigger eat_a_cent before insert on payment for each row set new.paymentAmount = new.paymentAmount - if(new.paymentNotes = 'eaten', 0.01, 0)`)
    try {
      const files = books()
      files.payment.push({ externalPaymentId: 'P2', externalDocumentId: 'I1', paymentAmount: '1.00', paymentNotes: 'eaten' })
      const { report } = await shop.load(files)
      expect(report).toMatchObject({ status: 'failed', failure: { code: 'not_reconciled', message: expect.stringContaining('payment.paymentAmount') } })
      expect(await shop.counts()).toEqual({ customer: 0, vehicle: 0, invoice: 0, line_item: 0, payment: 0, inventory_part: 0, supplier: 0 })
    } finally {
      await run(db, sql`drop trigger eat_a_cent`)
    }
  })
})

describe('Rule 23: the status', () => {
  test('is completed with warnings, and with exceptions when at least one row is rejected', async () => {
    expect((await newShop().load({ ...books(), supplier: [{ externalSupplierId: 'S1', supplierName: 'x', emailAddress: 'odd', Fax: '1' }] })).report).toMatchObject({ status: 'completed', exceptionsTotal: 2 })
    expect((await newShop().load({ ...books(), supplier: [{ externalSupplierId: 'S1', supplierName: '' }] })).report.status).toBe('completed_with_exceptions')
  })

  test('is failed_validation when the package or a file is refused, and production stays exactly as before', async () => {
    const shop = newShop()
    const { loadId } = await shop.load(books())
    const before = await everything(shop)
    const files = books()
    files.customer[0]!.firstName = 'Changed'
    const refused = await shop.load({ ...files, supplier: { bytes: 'supplierName\nx\n', rows: 1 } })
    expect(refused.report.status).toBe('failed_validation')
    expect(await everything(shop)).toEqual(before)
    expect(await stagingTables(refused.loadId)).toEqual([])
    expect(refused.loadId).not.toBe(loadId)
  })

  test('is failed when the machine fails, and production stays exactly as before', async () => {
    const shop = newShop()
    await shop.load(books())
    const before = await everything(shop)
    await run(db, sql`create trigger no_more_suppliers before insert on supplier for each row begin if new.supplierName = 'refused' then signal sqlstate '45000' set message_text = 'disk on fire'; end if; end`)
    try {
      const files = books()
      files.customer[0]!.firstName = 'Changed'
      files.supplier.push({ externalSupplierId: 'S2', supplierName: 'refused' })
      await expect(shop.load(files, { loadId: 'burning' })).rejects.toThrow('disk on fire')
    } finally {
      await run(db, sql`drop trigger no_more_suppliers`)
    }
    expect(await everything(shop)).toEqual(before)
    const attempt = await row<{ status: string; failure: string }>(db, sql`select attempt.status, attempt.failure from attempt join \`load\` on \`load\`.id = attempt.loadId
      join shop on shop.id = \`load\`.shopId where shop.slug = ${shop.shop} and \`load\`.slug = 'burning'`)
    expect(attempt!.status).toBe('failed')
    expect(JSON.stringify(attempt!.failure)).not.toContain('disk on fire')
  })
})

describe('Rule 24: what a later load changes', () => {
  test('the same rows again change nothing: 0 inserted, 0 updated, ids and times as before, the same exceptions', async () => {
    const shop = newShop()
    const files = books()
    files.vehicle.push({ externalVehicleId: 'V2', externalCustomerId: 'C9', vin: '' }, { externalVehicleId: 'V3', externalCustomerId: 'C1', vin: 'odd' })
    files.invoice[2]!.externalVehicleId = 'V9'
    const first = await shop.load(files, { loadId: 'L' })
    const before = await everything(shop)
    for (const again of [await shop.loadFolder(first.folder), await shop.load(files), await shop.loadFolder(first.folder)]) {
      closes(again.report)
      for (const [entity, c] of Object.entries(again.report.entities)) expect(c, entity).toMatchObject({ inserted: 0, updated: 0, unchanged: first.report.entities[entity as 'customer'].accepted })
      expect(again.report.exceptions).toEqual(first.report.exceptions)
      expect(again.report.money).toEqual(first.report.money)
      expect(await changesOf(again)).toEqual([])
      expect(await everything(shop)).toEqual(before)
    }
  })

  test('nor do they when the staging tables are gone: the files are staged anew', async () => {
    const shop = newShop()
    const first = await shop.load(books(), { loadId: 'L' })
    const tables = await stagingTables(first.loadId)
    await run(db, sql`drop table ${ident(runner.stagingSchema, tables[0]!)}, ${ident(runner.stagingSchema, tables.find((name) => name.endsWith('supplier_work'))!)}`)
    const again = await shop.loadFolder(first.folder)
    expect(again.report).toMatchObject({ status: 'completed', entities: { customer: { unchanged: 2 }, supplier: { unchanged: 1 } } })
  })

  test('only changed rows are updated, with what they were before; ids stay', async () => {
    const shop = newShop()
    await shop.load(books())
    const before = await everything(shop)
    const files = books()
    files.customer[1]!.firstName = 'Robert'
    files.invoice[0]!.total = '120.00'
    files.invoice[0]!.externalVehicleId = ''
    files.supplier.push({ externalSupplierId: 'S2', supplierName: 'New' })
    const loaded = await shop.load(files)
    closes(loaded.report)
    expect(loaded.report.entities).toMatchObject({ customer: { updated: 1, unchanged: 1, inserted: 0 }, invoice: { updated: 1, unchanged: 2 }, supplier: { inserted: 1, unchanged: 1 }, vehicle: { unchanged: 1 } })
    expect(loaded.report.money['invoice.total']).toEqual({ file: '1120.29', accepted: '1120.29', production: '1120.29' })
    const changes = (await changesOf(loaded)).map((c) => ({ ...c, before: typeof c.before === 'string' ? JSON.parse(c.before) as Record<string, unknown> : c.before }))
    expect(changes).toMatchObject([
      { entity: 'customer', sourceKey: 'C2', before: { firstName: 'Bob', defaultLaborRate: '80.00', lastName: null, importedLoadId: String(before.customer![1]!.importedLoadId) } },
      { entity: 'invoice', sourceKey: 'I1', before: { total: '110.50', shopNote: 'brakes', vehicleId: String(before.vehicle![0]!.id), customerId: String(before.customer![0]!.id) } },
    ])
    const after = await everything(shop)
    expect(after.customer).toMatchObject([before.customer![0]!, { id: before.customer![1]!.id, firstName: 'Robert', importedLoadId: loaded.loadId }])
    expect(after.invoice![0]).toMatchObject({ id: before.invoice![0]!.id, total: '120.00', vehicleId: null })
    expect(after.vehicle).toEqual(before.vehicle)
  })

  test('an empty cell, or a column left out, clears the field', async () => {
    const shop = newShop()
    await shop.load(books())
    const files = books()
    files.invoice = files.invoice.map(({ shopNote: _, ...rest }) => ({ ...rest }))
    files.customer[0]!.defaultLaborRate = ''
    const { report } = await shop.load(files)
    // A column left out reads as empty: only the invoice that had a note has changed.
    expect(report.entities).toMatchObject({ invoice: { updated: 1, unchanged: 2 }, customer: { updated: 1, unchanged: 1 } })
    expect((await shop.byKey('invoice')).get('I1')!.shopNote).toBeNull()
    expect((await shop.byKey('customer')).get('C1')!.defaultLaborRate).toBeNull()
  })

  test('rows that stop coming are kept and counted', async () => {
    const shop = newShop()
    await shop.load(books())
    const before = await everything(shop)
    const files = books()
    const loaded = await shop.load({ ...files, customer: files.customer.slice(0, 1), invoice: files.invoice.slice(0, 1), payment: [], supplier: [{ externalSupplierId: 'S1', supplierName: '' }] })
    expect(await everything(shop)).toEqual(before)
    // A row that is sent but rejected still comes.
    expect(Object.fromEntries(await stopped(loaded))).toEqual({ customer: 1, vehicle: 0, invoice: 2, line_item: 0, payment: 1, inventory_part: 0, supplier: 0 })
  })

  test('an unchanged row does not overwrite what the shop has edited since, and the load still reconciles', async () => {
    const shop = newShop()
    const first = await shop.load(books(), { loadId: 'L' })
    const invoice = (await shop.byKey('invoice')).get('I1')!
    await run(db, sql`update invoice set total = 999.99, shopNote = 'edited in the shop' where id = ${invoice.id}`)
    const again = await shop.loadFolder(first.folder)
    expect(again.report).toMatchObject({ status: 'completed', entities: { invoice: { updated: 0, unchanged: 3 } } })
    expect(again.report.money['invoice.total']).toEqual({ file: '1110.79', accepted: '1110.79', production: '2000.28' })
    expect((await shop.byKey('invoice')).get('I1')).toMatchObject({ total: '999.99', shopNote: 'edited in the shop' })
    // A row that the partner did change is written, and what the shop had is kept.
    const files = books()
    files.invoice[0]!.total = '120.00'
    const later = await shop.load(files)
    expect(later.report.entities.invoice).toMatchObject({ updated: 1, unchanged: 2 })
    expect(JSON.stringify(await changesOf(later))).toContain('edited in the shop')
    expect((await shop.byKey('invoice')).get('I1')).toMatchObject({ total: '120.00', shopNote: 'brakes' })
  })

  test('a load run again after a later one leaves what that one brought, and says so', async () => {
    const shop = newShop()
    const first = await shop.load({ ...books(), supplier: [{ externalSupplierId: 'S1', supplierName: 'Old' }, { externalSupplierId: 'S2', supplierName: 'Same' }] })
    await shop.load({ ...books(), supplier: [{ externalSupplierId: 'S1', supplierName: 'New' }, { externalSupplierId: 'S2', supplierName: 'Same' }] })
    const before = await shop.rows('supplier')
    const again = await shop.loadFolder(first.folder)
    expect(again.report).toMatchObject({ status: 'completed', entities: { supplier: { inserted: 0, updated: 0, unchanged: 2, warnings: 0 } } })
    expect(again.report.exceptions.map(({ entity, file, line, code }) => ({ entity, file, line, code }))).toEqual([{ entity: 'supplier', file: 'suppliers.csv', line: null, code: 'newer_rows_kept' }])
    expect(await shop.rows('supplier')).toEqual(before)
    // Sent under a new id the old values are a new delivery.
    const anew = await shop.load({ ...books(), supplier: [{ externalSupplierId: 'S1', supplierName: 'Old' }, { externalSupplierId: 'S2', supplierName: 'Same' }] })
    expect(anew.report.entities.supplier).toMatchObject({ updated: 1, unchanged: 1 })
  })

  test('rows made in the product are not touched, whatever their keys', async () => {
    const shop = newShop()
    const { loadId } = await shop.load(books())
    const shopId = (await row<{ id: number }>(db, sql`select shopId as id from \`load\` where id = ${loadId}`))!.id
    for (const key of ['C1', 'C3', null]) await run(db, sql`insert into customer (shopId, firstName, externalCustomerId) values (${shopId}, 'native', ${key})`)
    const native = (await shop.rows('customer')).filter((c) => c.firstName === 'native')
    expect(native).toHaveLength(3)
    const files = books()
    files.customer[0]!.firstName = 'Anna'
    files.customer.push({ externalCustomerId: 'C3', firstName: 'imported' })
    expect((await shop.load(files)).report.entities.customer).toMatchObject({ inserted: 1, updated: 1, unchanged: 1 })
    expect((await shop.rows('customer')).filter((c) => c.importedLoadId === null)).toEqual(native)
    expect((await shop.rows('customer')).filter((c) => c.externalCustomerId === 'C3')).toHaveLength(2)
  })

  test('two shops and two partners with the same keys do not mix', async () => {
    const shops = [newShop({ partner: 'p-mix-1', shop: 's1' }), newShop({ partner: 'p-mix-1', shop: 's2' }), newShop({ partner: 'p-mix-2', shop: 's1' })]
    for (const [i, shop] of shops.entries()) {
      const files = books()
      files.customer[0]!.firstName = `of ${i}`
      expect((await shop.load(files)).report.entities.customer).toMatchObject({ inserted: 2 })
    }
    const files = books()
    files.customer[0]!.firstName = 'changed'
    await shops[1]!.load(files)
    expect(await Promise.all(shops.map(async (shop) => (await shop.byKey('customer')).get('C1')!.firstName))).toEqual(['of 0', 'changed', 'of 2'])
    for (const shop of shops) {
      const [customers, invoices] = [await shop.byKey('customer'), await shop.byKey('invoice')]
      expect(invoices.get('I1')!.customerId).toBe(customers.get('C1')!.id)
    }
  })

  test('the crosswalk knows each key’s row, its first load and the last that wrote it', async () => {
    const shop = newShop()
    const first = await shop.load(books())
    const files = books()
    files.customer[1]!.firstName = 'Robert'
    const second = await shop.load(files)
    for (const e of entities) {
      const found = await rows<{ key: string; internalId: number; firstLoadId: number; lastLoadId: number }>(db, sql`
        select convert(sourceKey using utf8mb4) as ${ident('key')}, internalId, firstLoadId, lastLoadId from ${ident(`crosswalk_${e.name}`)} where shopId = (select shopId from \`load\` where id = ${first.loadId})`)
      const production = await shop.byKey(e.name)
      expect(found.map((f) => [f.key, f.internalId]).sort()).toEqual([...production].map(([key, r]) => [key, r.id]).sort())
      for (const f of found) expect(f.firstLoadId).toBe(first.loadId)
      if (e.name === 'customer') expect(found.find((f) => f.key === 'C2')!.lastLoadId).toBe(second.loadId)
    }
  })
})
