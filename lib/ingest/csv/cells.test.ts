import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { readCells } from './cells.ts'

const cell = fc.string({ unit: fc.constantFrom('a', '0', ' ', 'é', '😀', '\uFEFF', ',', '"', '\n', '\r', '\r\n', '\t', '\\', ';', '=', '\0'), maxLength: 8 })
const record = fc.array(fc.record({ text: cell, quote: fc.boolean() }), { minLength: 2, maxLength: 5 })

test('valid records are read cell by cell as csv-parse reads them', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(record, (row) => {
    const text = row.map(({ text, quote }) => (quote || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')
    const [expected] = parse(text, { relax_column_count: true, record_delimiter: '\n', skip_empty_lines: false, bom: false }) as string[][]
    expect(expected).toEqual(row.map((c) => c.text))
    expect(readCells(text, text.includes('"'))).toEqual(expected)
  }), runs(3000))
})

test('nothing is guessed: semicolons, comments, numbers and blanks are text', () => {
  expect(readCells('a;b, 1 ,#x', false)).toEqual(['a;b', ' 1 ', '#x'])
  expect(readCells('#no comment,007,"  "', true)).toEqual(['#no comment', '007', '  '])
  expect(readCells('say "hi",5" pipe', false)).toEqual(['say "hi"', '5" pipe'])
})

test('a disagreement about where the record ends is an error, not a guess', () => {
  expect(() => readCells('a,b\nc,d', false)).toThrow('read 2 records')
})
