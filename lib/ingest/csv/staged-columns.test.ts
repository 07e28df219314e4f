import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeader } from '#lib/contract/header.ts'
import { entityOf } from '#lib/contract/index.ts'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { stagedColumns } from './staged-columns.ts'

const SUPPLIER = entityOf('supplier')
const names = (...unknown: string[]) => stagedColumns(SUPPLIER, readHeader(SUPPLIER, ['externalSupplierId', 'SUPPLIERNAME', ...unknown])).map((c) => c.staging)

test('contract columns go under the contract’s name, unknown ones under their own', () => {
  expect(names('Notes', 'a `b`; drop table x')).toEqual(['externalSupplierId', 'supplierName', 'Notes', 'a `b`; drop table x'])
})

test('names of the staging tables’ own columns are not taken', () => {
  expect(names('_record', '_hash', '_city', 'x_record')).toEqual(['externalSupplierId', 'supplierName', 'x_record', 'x_hash', 'x_city', 'x_record ~2'])
})

test('names that only differ in letter case are told apart', () => {
  expect(names('Note', 'NOTE', 'note')).toEqual(['externalSupplierId', 'supplierName', 'Note', 'NOTE ~2', 'note ~3'])
})

test('a name that the database takes for that of a contract column is another, also where the file lacks that column', () => {
  expect(names('cíty')).toEqual(['externalSupplierId', 'supplierName', 'cíty ~2'])
})

test('unknown columns have one each as long as there is room for all of them, else they share one', () => {
  const shared = (unknown: number) => stagedColumns(SUPPLIER, readHeader(SUPPLIER, ['externalSupplierId', ...Array.from({ length: unknown }, (_, i) => `u${i}`)])).filter((c) => !c.own).length
  expect([1, 60, 61, 376].map(shared)).toEqual([0, 0, 61, 376])
})

test('names are cut to what a column may be called, and stay different', () => {
  const long = 'x'.repeat(80)
  const found = names(`${long}1`, `${long}2`, `${'😀'.repeat(70)}`)
  expect(new Set(found).size).toBe(5)
  for (const name of found) expect(name.length).toBeLessThanOrEqual(64)
})

test('a letter that gets shorter in lower case does not get into a name', () => {
  expect(names('\u212Aey', 'İ', '2 \u2126')).toEqual(['externalSupplierId', 'supplierName', '?ey', '?', '2 ?'])
})

test('any header gives names that a database takes', { timeout: timesMs(30_000) }, () => {
  const header = fc.array(fc.string({ unit: fc.constantFrom('a', 'A', 'á', 'ß', 's', 'ı', 'i', '_', ' ', '~', '2', '😀', '\uD800', '\u0301', '`', '"'), maxLength: 5 }), { maxLength: 30 })
  fc.assert(fc.property(header, (cells) => {
    const columns = stagedColumns(SUPPLIER, { ...readHeader(SUPPLIER, cells), problems: [] })
    expect(new Set(columns.map((c) => c.staging.toLowerCase())).size).toBe(columns.length)
    for (const { staging } of columns) {
      expect(staging).toMatch(/^[\u0001-\uD7FF\uE000-\uFFFF]{1,64}$/)
      expect(staging).not.toMatch(/^_| $/)
    }
  }), runs(3000))
})
