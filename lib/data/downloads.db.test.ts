import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { unescapeFormula } from '#lib/contract/formulas.ts'
import { csvResponse } from '#lib/csv-export.ts'
import { formulas, harmless } from '#lib/fuzz/payloads.ts'
import { testInstallation, type Cells, type PackageFiles } from '#lib/jobs/testing.ts'
import { exceptionDownload, rejectedRowsDownload, type Download } from './exception-downloads.ts'

const { newShop, connection } = await testInstallation()
const { user: engineer } = await signedIn(connection, 'engineer')
const { user: viewer } = await signedIn(connection, 'viewer')

// NUL is refused whatever else is in the row.
const payloads = [...formulas, ...harmless].filter((text) => text !== '' && !text.includes('\0'))
const TOO_LONG = 'x'.repeat(300)
/** In each entity a text that a row may not be without, or may not have too long: what keeps the rows out until it is corrected. */
const broken: Record<EntityName, string> = {
  customer: 'firstName', vehicle: 'make', invoice: 'externalTechnicianName', line_item: 'partNumber', payment: 'paymentReferenceNo', inventory_part: 'partNumber', supplier: 'supplierName',
}

/** A row for each payload, which stands in every text that can hold it and in a column that the contract does not know. */
function rowsOf(name: EntityName): Cells[] {
  const e = entityOf(name)
  const columns = Object.entries(e.columns).filter(([column, { type }]) => type === 'string' && column !== e.key && column !== broken[name] && !e.parents.some((p) => p.column === column))
  return payloads.map((payload, i): Cells => {
    const texts = columns.filter(([, column]) => column.type === 'string' && [...payload].length <= column.maxLength).map(([column]) => [column, payload] as const)
    const parents = e.parents.filter((p) => p.required).map((p) => [p.column, p.entity === 'customer' ? 'C' : 'I'] as const)
    const required = Object.entries(e.columns).filter(([column, c]) => c.required && c.type !== 'string' && column !== e.key).map(([column]) => [column, '1'] as const)
    // Keys of blanks count as missing.
    return { ...Object.fromEntries([...texts, ...parents, ...required]), [e.key]: `${payload}${payload.trim() === '' ? i : ''}`.slice(0, 50), [broken[name]]: TOO_LONG, 'Their column': payload }
  })
}

async function read({ name, header, rows }: Download): Promise<{ text: string; records: Cells[]; header: string[] }> {
  const text = await csvResponse(name, header, rows).text()
  return { text, records: parse(text, { bom: true, columns: true, record_delimiter: '\r\n' }), header }
}

/** Fails when a spreadsheet could take a cell for a formula. */
function expectSafe(text: string): void {
  for (const cells of parse(text, { bom: true, record_delimiter: '\r\n' }) as string[][]) {
    for (const cell of cells) if (!/^-?\d+(\.\d+)?$/.test(cell)) expect(cell).not.toMatch(/^[\s\0]*[=+\-@\t\r\n＝＋－＠]/)
  }
}

test(`${payloads.length} hostile cells in every text column leave in no download as a formula, and come back unchanged`, { timeout: 120_000 }, async () => {
  const shop = newShop()
  const parents: PackageFiles = { customer: [{ externalCustomerId: 'C' }, ...rowsOf('customer')], invoice: [{ externalDocumentId: 'I', externalCustomerId: 'C' }, ...rowsOf('invoice')] }
  const sent = { ...Object.fromEntries(entities.map((e) => [e.name, rowsOf(e.name)])), ...parents } as Record<EntityName, Cells[]>
  const first = await shop.load(sent)
  expect(first.report.failure).toBeNull()
  const id = String(first.loadId)

  const none = { entity: null, code: null, column: null, severity: null, record: null }
  for (const user of [engineer, viewer]) {
    const all = await read(await exceptionDownload(user, id, null, none))
    expect(all.records.length).toBe(first.report.exceptionsTotal)
    expectSafe(all.text)
  }

  const corrected: Partial<Record<EntityName, { bytes: string; rows: number }>> = {}
  for (const e of entities) {
    expectSafe((await read(await rejectedRowsDownload(viewer, id, null, e.name))).text)
    const { text, records, header } = await read(await rejectedRowsDownload(engineer, id, null, e.name))
    expectSafe(text)
    expect(records.length, e.name).toBe(payloads.length)
    const wanted = rowsOf(e.name)
    for (const [i, record] of records.entries()) {
      const { _line, _reason, ...cells } = record
      expect(Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, unescapeFormula(cell)])), `${e.name} ${payloads[i]}`).toMatchObject(wanted[i]!)
    }
    const fixed = records.map((record) => ({ ...record, [broken[e.name]]: 'Fixed' }))
    corrected[e.name] = { bytes: stringify(fixed, { header: true, columns: header, quoted: true }), rows: fixed.length }
  }

  const second = await shop.load(corrected)
  expect(second.report.failure).toBeNull()
  for (const e of entities) {
    expect([e.name, second.report.entities[e.name].accepted]).toEqual([e.name, payloads.length])
    const stored = await shop.byKey(e.name)
    for (const row of rowsOf(e.name)) {
      const { 'Their column': _, ...cells } = row
      expect(stored.get(cells[e.key]!), `${e.name} ${JSON.stringify(cells[e.key])}`).toMatchObject({ ...textsOf(e.name, cells), [broken[e.name]]: 'Fixed' })
    }
  }
})

/** The texts among the cells: numbers come back as the database writes them. */
function textsOf(name: EntityName, cells: Cells): Cells {
  return Object.fromEntries(Object.entries(cells).filter(([column]) => entityOf(name).columns[column]!.type === 'string'))
}
