import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCells } from './cells.ts'

const cell = fc.string({ unit: fc.constantFrom('a', '0', ' ', 'é', '😀', '\uFEFF', ',', '"', '\n', '\r', '\r\n', '\t', '\\', ';', '=', '\0'), maxLength: 8 })
const table = fc.array(fc.array(fc.record({ text: cell, quote: fc.boolean() }), { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 })

test('valid files are read cell by cell as csv-parse reads them', { timeout: 30_000 }, () => {
  fc.assert(fc.property(table, fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'), (rows, newline) => {
    const written = rows.map((row) => row.map(({ text, quote }) => (quote || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(','))
    const text = written.join(newline)
    const expected = parse(text, { relax_column_count: true, record_delimiter: newline, skip_empty_lines: false, bom: false }) as string[][]
    expect(expected).toEqual(rows.map((row) => row.map((c) => c.text)))
    expect(readCells(text, rows.length, text.includes('"'), newline)).toEqual(expected)
  }), { numRuns: 1500, seed: 20_251_120 })
})

test('nothing is guessed: semicolons, comments, numbers and blanks are text', () => {
  expect(readCells('a;b, 1 ,#x\n#no comment,007,"  "', 2, true)).toEqual([['a;b', ' 1 ', '#x'], ['#no comment', '007', '  ']])
  expect(readCells('say "hi",5" pipe', 1, false)).toEqual([['say "hi"', '5" pipe']])
})

test('a disagreement about the number of records is an error, not a guess', () => {
  expect(() => readCells('a,b\nc,d', 3, false)).toThrow('read 2 records')
})
