import { describe, expect, test } from 'vitest'
import { readHeader } from './header.ts'
import { entities, entityOf, requiredColumns } from './index.ts'

const supplier = entityOf('supplier')
const read = (...cells: string[]) => readHeader(supplier, cells)
const codes = (...cells: string[]) => read(...cells).problems.map((p) => [p.code, p.column])
const matched = (...cells: string[]) => read(...cells).columns.map((c) => c.column)

describe('Rule 9: the header', () => {
  test('is matched exactly, then without letter case, trimmed, in any order', () => {
    expect(matched('supplierName', ' EXTERNALsupplierID\t', 'City')).toEqual(['supplierName', 'externalSupplierId', 'city'])
  })
  test('may hold columns the contract does not know: they are kept and named', () => {
    const { unknown, problems, columns } = read('externalSupplierId', 'supplierName', 'Fax', '__proto__', 'constructor', 'toString')
    expect(problems).toEqual([])
    expect(unknown).toEqual(['Fax', '__proto__', 'constructor', 'toString'])
    expect(columns.slice(2).every((c) => c.column === null)).toBe(true)
  })
  test('drops empty columns at its end and keeps the place of others', () => {
    const { width, columns, unknown } = read('externalSupplierId', '', 'supplierName', '', ' ')
    expect(width).toBe(3)
    expect(columns.map((c) => c.index)).toEqual([0, 1, 2])
    expect(unknown).toEqual([])
  })
  test('with the same name twice fails the file, each time and also in other letters', () => {
    expect(codes('externalSupplierId', 'supplierName', 'city', 'city')).toEqual([['column_twice', 'city']])
    expect(codes('externalSupplierId', 'supplierName', 'Fax', 'Fax', 'zip', 'zip')).toEqual([['column_twice', 'Fax'], ['column_twice', 'zip']])
    expect(codes('externalSupplierId', 'supplierName', 'city', 'CITY')).toEqual([['column_twice', 'city']])
    expect(codes('externalSupplierId', 'supplierName', '', '')).toEqual([])
  })
  test('of names or columns without number or end is told in few words', () => {
    const long = '\u0001'.repeat(300_000)
    const twice = read('externalSupplierId', 'supplierName', long, long, `sourceAppName`).problems
    expect(twice).toMatchObject([{ code: 'column_twice' }])
    const many = read('externalSupplierId', ...Array.from({ length: 5000 }, () => 'x')).problems
    expect(many.map(({ code }) => code)).toEqual(['too_many_columns', 'column_missing'])
    expect(JSON.stringify([twice, many]).length).toBeLessThan(10_000)
  })
  test.each(entities.map((e) => [e.file, e] as const))('of %s without a column that every row needs fails the file, naming every one', (_, e) => {
    const optional = Object.keys(e.columns).filter((name) => !requiredColumns(e).includes(name))
    const { problems } = readHeader(e, optional)
    expect(problems.map((p) => [p.code, p.column, p.line])).toEqual(requiredColumns(e).map((name) => ['column_missing', name, 1]))
    expect(readHeader(e, requiredColumns(e)).problems).toEqual([])
  })
})

test('a first line without any name of the contract is taken for data, and not repeated to anybody', () => {
  for (const cells of [['C-1', 'Ana', 'Ruiz', 'Ruiz', 'ana@example.com'], ['C-1;Ana;Ruiz;ana@example.com']]) {
    const { problems } = read(...cells)
    expect(problems.map((p) => p.code)).toEqual(['column_missing', 'column_missing'])
    expect(JSON.stringify(problems)).not.toMatch(/Ana|Ruiz|C-1/)
  }
  expect(read('C-1', 'Ana').problems[0]!.message).toContain('the line with the names is probably missing')
  expect(read('supplierName', 'Fax').problems[0]!.message).toContain('Its header is “supplierName”, “Fax”.')
})

describe('Rule 6: separators are never sniffed', () => {
  test.each([[';', 'semicolons'], ['\t', 'tabs'], ['|', 'vertical bars']])('a file separated by %j fails for its key column, and is told what it looks like', (sign, words) => {
    const { problems } = read(['externalSupplierId', 'supplierName', 'city'].join(sign))
    expect(problems[0]).toMatchObject({ code: 'column_missing', column: 'externalSupplierId' })
    expect(problems[0]!.message).toContain(words)
    // A comma somewhere in its names does not hide it.
    expect(read(...['externalSupplierId', 'supplierName', 'Street, number'].join(sign).split(',')).problems[0]!.message).toContain(words)
    expect(read(...['"externalSupplierId"', 'x'].join(sign).split(','), 'y').problems[0]!.message).toContain(words)
  })
})

test('more columns than can be read are refused', () => {
  const cells = ['externalSupplierId', 'supplierName', ...Array.from({ length: 2000 }, (_, i) => `c${i}`)]
  expect(codes(...cells)).toEqual([['too_many_columns', null]])
  expect(codes(...cells.slice(0, 2000))).toEqual([])
})
