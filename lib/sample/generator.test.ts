import { parse } from 'csv-parse/sync'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { writeSample, type SampleOptions } from './generator.ts'
import { checkDigit } from './vin.ts'

const root = mkdtempSync(path.join(tmpdir(), 'onramp-sample-'))
afterAll(() => rmSync(root, { recursive: true }))

type Row = Record<string, string>
type Manifest = { load_id: string; files: { name: string; rows: number; sha256: string }[] }
let samples = 0
async function write(options: SampleOptions) {
  const sample = await writeSample(path.join(root, String(++samples)), options)
  const rows = (name: EntityName) => parse(readFileSync(path.join(sample.folder, entityOf(name).file)), { columns: true }) as Row[]
  return { sample, rows }
}
const cents = (text: string | undefined) => Math.round(Number(text) * 100)
const sum = (rows: Row[], column: string) => rows.reduce((total, row) => total + cents(row[column]), 0)

const clean = await write({ invoices: 400, seed: 7 })

test('the manifest tells rows and sha256 of every file as they are', () => {
  const manifest = JSON.parse(readFileSync(path.join(clean.sample.folder, 'manifest.json'), 'utf8')) as Manifest
  expect(manifest.load_id).toBe(clean.sample.loadId)
  expect(manifest.files.map((file) => file.name)).toEqual(entities.map((e) => e.file))
  for (const e of entities) {
    const { rows, sha256 } = manifest.files.find((file) => file.name === e.file)!
    expect(rows).toBe(clean.rows(e.name).length)
    expect(sha256).toBe(createHash('sha256').update(readFileSync(path.join(clean.sample.folder, e.file))).digest('hex'))
  }
})

test('every file has the columns of the contract, and every row keeps to their limits and words', () => {
  for (const e of entities) {
    for (const row of clean.rows(e.name)) {
      expect(Object.keys(row)).toEqual(Object.keys(e.columns))
      for (const [name, column] of Object.entries(e.columns)) {
        if (column.required) expect(row[name], `${e.name}.${name}`).not.toBe('')
        if (column.type === 'string') expect([...row[name]!].length).toBeLessThanOrEqual(column.maxLength)
        if (column.type === 'enum' && row[name] !== '') expect(column.values).toContain(row[name])
      }
    }
  }
})

test('keys are unique and every parent is there', () => {
  for (const e of entities) {
    const keys = clean.rows(e.name).map((row) => row[e.key])
    expect(new Set(keys).size, e.name).toBe(keys.length)
    for (const parent of e.parents) {
      const known = new Set(clean.rows(parent.entity).map((row) => row[entityOf(parent.entity).key]))
      const wanted = clean.rows(e.name).map((row) => row[parent.column]).filter((key) => key !== '')
      expect(wanted.filter((key) => !known.has(key)), `${e.name}.${parent.column}`).toEqual([])
    }
  }
})

test('there are about 0.6 customers and 4.2 line items for each invoice', () => {
  expect(clean.rows('customer').length / 400).toBeCloseTo(0.6, 2)
  expect(clean.rows('line_item').length / 400).toBeGreaterThan(3.9)
  expect(clean.rows('line_item').length / 400).toBeLessThan(4.5)
})

test('lines add up to the subtotal, subtotal and tax to the total, and payments to the total of paid invoices', () => {
  const lines = Map.groupBy(clean.rows('line_item'), (row) => row.externalDocumentId)
  const payments = Map.groupBy(clean.rows('payment'), (row) => row.externalDocumentId)
  for (const invoice of clean.rows('invoice')) {
    expect(sum(lines.get(invoice.externalDocumentId) ?? [], 'total'), invoice.externalDocumentId).toBe(cents(invoice.subTotal))
    expect(cents(invoice.subTotal) + cents(invoice.tax)).toBe(cents(invoice.total))
    if (invoice.state === 'paid') expect(sum(payments.get(invoice.externalDocumentId) ?? [], 'paymentAmount')).toBe(cents(invoice.total))
  }
})

test('child lines hang on lines of the same invoice, some of which come later', () => {
  const rows = clean.rows('line_item')
  const at = new Map(rows.map((row, i) => [row.externalDatalineId, i]))
  const children = rows.flatMap((row, i) => (row.externalParentDatalineId ? [{ row, i, parent: at.get(row.externalParentDatalineId)! }] : []))
  for (const { row, parent } of children) expect(rows[parent]!.externalDocumentId).toBe(row.externalDocumentId)
  expect(children.some(({ i, parent }) => parent > i)).toBe(true)
  expect(rows.some((row) => row.datalineType === 'discount' && Number(row.total) < 0)).toBe(true)
})

test('VINs carry a right check digit', () => {
  expect(checkDigit('1M8GDM9A_KP042788'.replace('_', '0'))).toBe('X')
  for (const { vin } of clean.rows('vehicle')) {
    expect(vin).toMatch(/^[A-HJ-NPR-Z0-9]{17}$/)
    expect(vin![8]).toBe(checkDigit(vin!))
  }
})

test('the same seed gives the same bytes, another seed others', async () => {
  const files = async (seed: number) => {
    const { sample } = await write({ invoices: 50, seed })
    return entities.map((e) => readFileSync(path.join(sample.folder, e.file), 'utf8')).join()
  }
  expect(await files(3)).toBe(await files(3))
  expect(await files(3)).not.toBe(await files(4))
})

test('a dirty sample tells how many rows must be rejected, those below a rejected parent included', async () => {
  const { sample } = await write({ invoices: 400, seed: 7, dirty: 0.05, keys: 'uuid' })
  const { customer, invoice, line_item } = sample.expected
  expect(customer.accepted + customer.rejected).toBe(customer.rows)
  expect(customer.rejected).toBeGreaterThan(0)
  expect(line_item.rejected / line_item.rows).toBeGreaterThan(invoice.rejected / invoice.rows / 2)
  expect(Object.keys(sample.defects).length).toBeGreaterThan(12)
})

test('a changed sample is the same but for one cell of that share of its rows', async () => {
  const changed = await write({ invoices: 400, seed: 7, changed: 0.1 })
  for (const e of entities) {
    const [before, after] = [clean.rows(e.name), changed.rows(e.name)]
    expect(after.length).toBe(before.length)
    const cells = after.map((row, i) => Object.keys(row).filter((column) => row[column] !== before[i]![column]).length)
    expect(Math.max(...cells), e.name).toBe(1)
    if (before.length > 400) expect(cells.filter(Boolean).length / cells.length, e.name).toBeCloseTo(0.1, 1)
  }
})
