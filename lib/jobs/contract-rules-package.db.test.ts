import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { problemsOf, sha256Of, testInstallation, type Loaded, type PackageFiles, type PackageOptions } from './testing.ts'

const { newShop, stagingTables, connection } = await testInstallation()

const customers = [{ externalCustomerId: 'C1' }, { externalCustomerId: 'C2' }]
const nothing = { customer: 0, vehicle: 0, invoice: 0, line_item: 0, payment: 0, inventory_part: 0, supplier: 0 }

/** Loads a package that must be refused, and makes sure that nothing of it is anywhere. */
async function refused(files: PackageFiles, options: PackageOptions): Promise<Loaded> {
  const shop = newShop()
  const loaded = await shop.load(files, options)
  expect(loaded.report).toMatchObject({ status: 'failed_validation', failure: { code: 'package_refused' }, exceptions: [] })
  expect(await stagingTables(loaded.loadId)).toEqual([])
  expect(await shop.counts()).toEqual(nothing)
  for (const counts of Object.values(loaded.report.entities)) expect(counts).toMatchObject({ staged: 0, accepted: 0, inserted: 0 })
  return loaded
}

describe('Rule 1: a load is known by partner, shop and load_id, which are text', () => {
  test('the folder is the shop: 7, 07 and A, a are different ones', async () => {
    const partner = `p-${Date.now()}`
    const shops = ['7', '07', '0007', 'shop-A', 'shop-a', 'Ünit 1'].map((shop) => newShop({ partner, shop }))
    for (const [i, shop] of shops.entries()) await shop.load({ customer: customers.slice(0, 1 + (i % 2)) }, { loadId: '1' })
    for (const [i, shop] of shops.entries()) expect((await shop.rows('customer')).length).toBe(1 + (i % 2))
  })

  test('the same shop id at two partners are two shops, and the same load_id at two shops are two loads', async () => {
    const one = newShop({ shop: '0112' })
    const other = newShop({ shop: '0112' })
    const [a, b] = [await one.load({ customer: customers }, { loadId: 'same' }), await other.load({ customer: customers }, { loadId: 'same' })]
    expect(a.loadId).not.toBe(b.loadId)
    expect(a.report.entities.customer).toMatchObject({ inserted: 2 })
    expect(b.report.entities.customer).toMatchObject({ inserted: 2 })
  })

  test('load ids 7, 07 and 007 are three loads', async () => {
    const shop = newShop()
    const ids = new Set<number>()
    for (const loadId of ['7', '07', '007', 'a', 'A']) ids.add((await shop.load({}, { loadId })).loadId)
    expect(ids.size).toBe(5)
  })
})

describe('Rule 2: the manifest', () => {
  test('with a byte order mark, rows as digits, sha256 in capitals and more fields is taken', async () => {
    const { report } = await newShop().load({ customer: customers }, {
      manifest: ({ load_id, files }) => `\uFEFF${JSON.stringify({
        load_id, source_system: 'Wrench', created_at: '2025-08-22T01:02:03Z', schema_version: 'v1', note: { any: ['thing'] },
        files: files.map((f) => ({ ...f, rows: String(f.rows), sha256: f.sha256.toUpperCase() })),
      })}`,
    })
    expect(report).toMatchObject({ status: 'completed', failure: null, entities: { customer: { manifest: 2, records: 2, inserted: 2 } } })
  })

  test('may name another partner and shop than the address: the contract knows no such fields, and the address decides', async () => {
    const [shop, other] = [newShop(), newShop()]
    await other.load({})
    const of = { partner: other.partner, shop: other.shop, partner_id: other.partner, shop_id: other.shop, shopId: other.shop }
    const { report } = await shop.load({ customer: customers }, { manifest: (m) => ({ ...m, ...of }) })
    expect(report).toMatchObject({ status: 'completed', exceptions: [], partner: shop.partner, shop: shop.shop })
    expect([(await shop.rows('customer')).length, (await other.rows('customer')).length]).toEqual([2, 1])
  })

  test('may hold texts with any signs', async () => {
    const { report } = await newShop().load({ customer: customers }, { manifest: (m) => ({ ...m, note: '[{"\\'.repeat(40) }) })
    expect(report).toMatchObject({ status: 'completed', failure: null })
  })

  test('may list documents.csv for the invoices', async () => {
    const invoices = 'externalDocumentId,externalCustomerId\nI1,C1\n'
    const { report } = await newShop().load({}, {
      without: ['invoices.csv'], others: { 'documents.csv': invoices },
      manifest: ({ load_id, files }) => ({ load_id, files: files.map((f) => (f.name === 'invoices.csv' ? { name: 'documents.csv', rows: 1, sha256: sha256Of(invoices) } : f)) }),
    })
    expect(report).toMatchObject({ status: 'completed', exceptions: [], entities: { invoice: { records: 1, inserted: 1 } } })
  })
})

describe('Rule 3: a package fails validation, and nothing is staged or written, when', () => {
  const entry = (index: number, change: Record<string, unknown>): PackageOptions => ({
    manifest: (m) => ({ ...m, files: m.files.map((f, i) => (i === index ? { ...f, ...change } : f)) }),
  })
  const files = { customer: customers, supplier: [{ externalSupplierId: 'S1', supplierName: 'Parts' }] }
  const cases: [string, PackageOptions, (string | null)[][]][] = [
    ['the manifest is not there', { without: ['manifest.json'] }, [['manifest.json', 'manifest_missing']]],
    ['the manifest is no JSON', { manifest: () => '{"load_id": ' }, [['manifest.json', 'manifest_not_json']]],
    ['the manifest is not of this shape', { manifest: () => [] }, [['manifest.json', 'manifest_shape']]],
    ['the manifest lists no files', { manifest: (m) => ({ ...m, files: 'all' }) }, [['manifest.json', 'manifest_shape']]],
    ['its load_id is missing', { manifest: ({ files }) => ({ files }) }, [['manifest.json', 'manifest_shape']]],
    ['its load_id is no text', { manifest: (m) => ({ ...m, load_id: 1 }) }, [['manifest.json', 'manifest_shape']]],
    ['its load_id is not the folder’s', { manifest: (m) => ({ ...m, load_id: 'other' }) }, [['manifest.json', 'load_id_differs']]],
    ['its schema_version is unknown', { manifest: (m) => ({ ...m, schema_version: 'v2' }) }, [['manifest.json', 'schema_version_unknown']]],
    ['an entry is missing', { manifest: (m) => ({ ...m, files: m.files.slice(0, 6) }) }, [['manifest.json', 'entry_missing']]],
    ['an entry stands twice', { manifest: (m) => ({ ...m, files: [...m.files, m.files[1]] }) }, [['manifest.json', 'entry_twice']]],
    ['an entry is not one of the seven', { manifest: (m) => ({ ...m, files: [...m.files, { ...m.files[0], name: 'tires.csv' }] }), others: { 'tires.csv': 'x' } }, [['manifest.json', 'entry_unknown']]],
    ['an entry has a path', { manifest: (m) => ({ ...m, files: [...m.files, { ...m.files[0], name: '../customers.csv' }] }) }, [['manifest.json', 'entry_path']]],
    ['a listed file is absent', { without: ['suppliers.csv'] }, [['suppliers.csv', 'file_missing']]],
    ['a listed file without rows is absent', { without: ['payments.csv'] }, [['payments.csv', 'file_missing']]],
    ['invoices.csv and documents.csv are listed', { manifest: (m) => ({ ...m, files: [...m.files, { ...m.files[2], name: 'documents.csv' }] }), others: { 'documents.csv': '' } }, [['manifest.json', 'invoice_file_twice']]],
    ['sha256 is missing', entry(6, { sha256: undefined }), [['manifest.json', 'sha256_missing']]],
    ['sha256 differs', entry(6, { sha256: sha256Of('other') }), [['suppliers.csv', 'sha256_differs']]],
    ['the file has more records than announced', entry(0, { rows: 1 }), [['customers.csv', 'rows_differ']]],
    ['the file has fewer records than announced', entry(0, { rows: 3 }), [['customers.csv', 'rows_differ']]],
    ['a file that was left out on purpose has rows', entry(6, { rows: 0 }), [['suppliers.csv', 'rows_differ']]],
  ]
  test.each(cases)('%s', async (_, options, problems) => {
    const loaded = await refused(files, options)
    expect(problemsOf(loaded)).toEqual(problems)
    for (const problem of loaded.report.failure!.problems) expect(problem.message).toMatch(/^\S.*\.$/s)
    expect(loaded.report.failure!.message).toContain(loaded.report.failure!.problems[0]!.message)
  })

  test.each([['announced', 0], ['and rows announced', 2]])('customers.csv has no rows, %s', async (_, rows) => {
    const loaded = await refused({ customer: { bytes: 'externalCustomerId\n', rows } }, {})
    expect(problemsOf(loaded).map(([, code]) => code)).toContain('customers_empty')
  })

  test('a file that lies there unlisted is left alone, with a warning', async () => {
    const loaded = await newShop().load({}, { others: { 'notes.txt': 'hello', 'documents.csv': 'externalDocumentId\n', 'Customers.CSV': 'x', ' customers.csv': 'x', 'customers.csv ': 'x', 'notes.txt ': 'x' } })
    expect(loaded.report.status).toBe('completed')
    expect(loaded.report.exceptions.map((x) => [x.file, x.code, x.severity, x.entity]).sort()).toEqual(
      [' customers.csv', 'Customers.CSV', 'customers.csv␣', 'documents.csv', 'notes.txt', 'notes.txt␣'].map((name) => [name, 'unlisted_file', 'warning', null]).sort())
  })

  test('a listed file that is there in other letters is named', async () => {
    const shop = newShop()
    const { report } = await shop.load({ customer: customers }, { without: ['suppliers.csv'], others: { 'Suppliers.csv': 'x' } })
    expect(report.failure!.message).toContain('suppliers.csv is listed in manifest.json but is not there (“Suppliers.csv” is another name: letter case counts).')
  })

  test('a folder in the folder is no file of the package', async () => {
    const shop = newShop()
    const folder = shop.write({ customer: customers })
    rmSync(path.join(folder, 'suppliers.csv'))
    mkdirSync(path.join(folder, 'suppliers.csv'))
    mkdirSync(path.join(folder, 'more'))
    expect(problemsOf(await shop.loadFolder(folder))).toEqual([['suppliers.csv', 'file_missing']])
  })
})

describe('Rule 4: no rows, and every problem at once', () => {
  test.each([['zero bytes', ''], ['a header only', 'externalSupplierId,supplierName\r\n'], ['a header without an end', 'externalSupplierId,supplierName'],
    ['a byte order mark only', '\uFEFF'], ['a byte order mark and a header', '\uFEFFexternalSupplierId,supplierName\n'], ['blank lines', '\r\n\n\r']])('a file with %s means “chose not to import”', async (_, bytes) => {
    const { report } = await newShop().load({ supplier: { bytes, rows: 0 } })
    expect(report).toMatchObject({ status: 'completed', exceptionsTotal: 0, entities: { supplier: { manifest: 0, records: 0, staged: 0, accepted: 0, inserted: 0 } } })
  })

  test('a shop with rows keeps them when a later load chose not to import them', async () => {
    const shop = newShop()
    await shop.load({ supplier: [{ externalSupplierId: 'S1', supplierName: 'Parts' }] })
    expect((await shop.load({})).report.entities.supplier).toMatchObject({ records: 0, updated: 0 })
    expect((await shop.rows('supplier')).map((r) => r.supplierName)).toEqual(['Parts'])
  })

  test('what the manifest says of the files is checked also where its load_id is missing', async () => {
    const loaded = await refused({ customer: customers }, { manifest: ({ files }) => ({ schema_version: 'v2', files: files.slice(0, 6) }), without: ['payments.csv'] })
    expect(problemsOf(loaded)).toEqual([
      ['manifest.json', 'schema_version_unknown'], ['manifest.json', 'manifest_shape'], ['manifest.json', 'entry_missing'], ['payments.csv', 'file_missing']])
  })

  test('a problem of documents.csv is told under that name', async () => {
    const bytes = 'externalDocumentId\nI1\n'
    const loaded = await refused({}, {
      without: ['invoices.csv'], others: { 'documents.csv': bytes },
      manifest: ({ load_id, files }) => ({ load_id, files: files.map((f) => (f.name === 'invoices.csv' ? { name: 'documents.csv', rows: 1, sha256: sha256Of(bytes) } : f)) }),
    })
    expect(problemsOf(loaded)).toEqual([['documents.csv', 'column_missing']])
    expect(loaded.report.failure!.problems[0]!.message).toMatch(/^documents\.csv has no column “externalCustomerId”/)
  })

  test('all problems of manifest, files and headers are told together', async () => {
    const loaded = await refused({
      customer: customers,
      vehicle: { bytes: 'externalVehicleId,make\nV1,Ford\n', rows: 5 },
      invoice: { bytes: Buffer.from('externalDocumentId\nI1\n', 'utf16le'), rows: 1 },
      line_item: { bytes: 'externalDatalineId,externalDocumentId\nL1,"open\n', rows: 1 },
      payment: { bytes: 'externalPaymentId;externalDocumentId;paymentAmount\nP1;I1;5\n', rows: 1 },
      supplier: { bytes: 'externalSupplierId,supplierName,city,city\nS1,x,,\n', rows: 1 },
    }, { manifest: (m) => ({ ...m, load_id: 'x', files: m.files.map((f, i) => (i === 0 ? { ...f, sha256: sha256Of('x') } : f)) }), without: ['inventory_parts.csv'] })
    expect(problemsOf(loaded).sort()).toEqual([
      ['customers.csv', 'sha256_differs'], ['inventory_parts.csv', 'file_missing'], ['invoices.csv', 'utf16'], ['line_items.csv', 'unclosed_quote'],
      ['manifest.json', 'load_id_differs'], ['payments.csv', 'column_missing'], ['payments.csv', 'column_missing'], ['payments.csv', 'column_missing'],
      ['suppliers.csv', 'column_twice'], ['vehicles.csv', 'column_missing'], ['vehicles.csv', 'rows_differ'],
    ])
    expect(loaded.report.failure!.message).toContain('And 10 more problems.')
  })
})

describe('Rule 5: the same load_id again', () => {
  test('after a failure takes other bytes, and the failed attempt stays in the ledger', async () => {
    const shop = newShop()
    const failed = await shop.load({ customer: customers }, { loadId: 'L', without: ['suppliers.csv'] })
    expect(failed.report).toMatchObject({ attempt: 1, status: 'failed_validation' })
    const second = await shop.load({ customer: [{ externalCustomerId: 'C9' }] }, { loadId: 'L' })
    expect(second.loadId).toBe(failed.loadId)
    expect(second.report).toMatchObject({ attempt: 2, status: 'completed', failure: null, entities: { customer: { inserted: 1 } } })
    expect((await shop.rows('customer')).map((r) => r.externalCustomerId)).toEqual(['C9'])
    const load = await row<{ status: string; delivery: number; completedAttempt: number }>(connection, sql`select status, delivery, completedAttempt from \`load\` where id = ${second.loadId}`)
    expect(load).toEqual({ status: 'completed', delivery: 2, completedAttempt: 2 })
  })

  test('after completion with the same bytes is a rerun', async () => {
    const shop = newShop()
    const first = await shop.load({ customer: customers }, { loadId: 'L' })
    const again = await shop.loadFolder(first.folder)
    expect(again.report).toMatchObject({ attempt: 2, status: 'completed', entities: { customer: { inserted: 0, updated: 0, unchanged: 2 } } })
  })

  test('after completion with other bytes is refused with what differs, and the load stays as it was', async () => {
    const shop = newShop()
    const first = await shop.load({ customer: customers, supplier: [{ externalSupplierId: 'S1', supplierName: 'Parts' }] }, { loadId: 'L', others: { 'notes.txt': 'x' } })
    const folder = shop.write({ customer: [...customers, { externalCustomerId: 'C3' }], supplier: [{ externalSupplierId: 'S1', supplierName: 'Parts' }] }, { loadId: 'L' })
    const { report } = await shop.loadFolder(folder)
    expect(report).toMatchObject({ attempt: 2, status: 'failed_validation', failure: { code: 'load_id_reused' } })
    expect(problemsOf({ report })).toEqual([['customers.csv', 'load_id_reused'], ['manifest.json', 'load_id_reused']])
    expect(report.failure!.problems[0]!.message).toMatch(/^customers\.csv has sha256 [0-9a-f]{64} with 3 rows; the completed load was made of [0-9a-f]{64} with 2 rows\.$/)
    expect(await shop.counts()).toMatchObject({ customer: 2, supplier: 1 })
    const load = await row(connection, sql`select status, delivery, completedAttempt from \`load\` where id = ${first.loadId}`)
    expect(load).toEqual({ status: 'completed', delivery: 1, completedAttempt: 1 })
    // The files that completed it are still there to run again.
    expect((await shop.loadFolder(first.folder)).report).toMatchObject({ attempt: 3, status: 'completed', entities: { customer: { unchanged: 2 } } })
  })

  test.each([['a file is gone', (folder: string) => rmSync(path.join(folder, 'suppliers.csv')), 'suppliers.csv'],
    ['the manifest is gone', (folder: string) => rmSync(path.join(folder, 'manifest.json')), 'manifest.json'],
    ['the manifest is broken', (folder: string) => writeFileSync(path.join(folder, 'manifest.json'), '{'), 'manifest.json'],
    ['a file is changed', (folder: string) => writeFileSync(path.join(folder, 'suppliers.csv'), 'externalSupplierId,supplierName\n'), 'suppliers.csv']] as const)('after completion is refused when %s', async (_, change, file) => {
    const shop = newShop()
    const first = await shop.load({ customer: customers }, { loadId: 'L' })
    change(first.folder)
    expect(problemsOf(await shop.loadFolder(first.folder))).toEqual([[file, 'load_id_reused']])
  })

  test('after completion is a rerun whatever lies beside the files that the manifest lists', async () => {
    const shop = newShop()
    const beside = (folder: string) => path.join(folder, 'documents.csv')
    const first = await shop.load({ customer: customers }, { loadId: 'L', others: { 'documents.csv': 'x' } })
    for (const change of [() => writeFileSync(beside(first.folder), 'other'), () => rmSync(beside(first.folder)), () => writeFileSync(beside(first.folder), '')]) {
      change()
      expect((await shop.loadFolder(first.folder)).report).toMatchObject({ status: 'completed', entities: { customer: { unchanged: 2 } } })
    }
  })
})
