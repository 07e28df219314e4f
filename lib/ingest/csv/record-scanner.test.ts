import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { HAS_NUL, HAS_QUOTES, RecordScanner, TEXT_AFTER_QUOTE } from './record-scanner.ts'

type Found = { text: string; line: number; flags: number }
type Scanned = { records: Found[]; closed: boolean }

/** One character after the other, by the words of contract rules 6 to 8. */
function byTheBook(text: string): Scanned {
  const records: Found[] = []
  let line = 1
  let record = { text: '', line: 1, flags: 0 }
  let cell: 'empty' | 'plain' | 'quoted' | 'closed' = 'empty'
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!
    const lineEnd = sign === '\r' && text[i + 1] === '\n' ? '\r\n' : sign === '\r' || sign === '\n' ? sign : ''
    if (lineEnd) line++
    if (lineEnd && cell !== 'quoted') {
      if (record.text !== '') records.push(record)
      record = { text: '', line, flags: 0 }
      cell = 'empty'
      i += lineEnd.length - 1
      continue
    }
    if (sign === '\0') record.flags |= HAS_NUL
    if (cell === 'quoted') {
      if (sign === '"' && text[i + 1] === '"') record.text += text[i++]
      else if (sign === '"') cell = 'closed'
    } else if (sign === ',') {
      cell = 'empty'
    } else if (cell === 'empty' && sign === '"') {
      cell = 'quoted'
      record.flags |= HAS_QUOTES
    } else {
      if (cell === 'closed') record.flags |= TEXT_AFTER_QUOTE
      cell = 'plain'
    }
    record.text += lineEnd || sign
    i += Math.max(0, lineEnd.length - 1)
  }
  const closed = cell !== 'quoted'
  if (closed && record.text !== '') records.push(record)
  return { records, closed }
}

/** The same through the scanner, fed in pieces of those sizes. */
function scanned(text: string, sizes: readonly number[]): Scanned & { count: number } {
  const bytes = Buffer.from(text)
  const scanner = new RecordScanner()
  const records: Found[] = []
  let at = 0
  let rest = Buffer.alloc(0)
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!
    const data = Buffer.concat([rest, bytes.subarray(at, at + size)])
    scanner.scan(bytes.subarray(at, at + size), (start, end, line, flags) =>
      records.push({ text: data.toString('utf8', rest.length + start, rest.length + end), line, flags }))
    at += size
    rest = data.subarray(data.length - scanner.pendingBytes)
  }
  const closed = scanner.end((start, end, line, flags) =>
    records.push({ text: rest.toString('utf8', rest.length + start, rest.length + end), line, flags }))
  return { records, closed, count: scanner.records }
}

const nasty = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', ',', '"', '"', '"', '\n', '\r', '\r\n', '\0', ' '), maxLength: 60 })
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

test('whatever the bytes and however they are cut, the records are those of a reading by the book', { timeout: timesMs(30_000) }, () => {
  fc.assert(fc.property(nasty, pieces, (text, sizes) => {
    const expected = byTheBook(text)
    const found = scanned(text, sizes)
    expect(found).toEqual({ ...expected, count: expected.records.length })
  }), runs(10_000))
})

test('records end in CRLF, LF or CR, mixed or not, and blank lines are none', () => {
  const { records } = scanned('a,b\r\n\r\n\nc\rd\n\r\re\r\n', [1000])
  expect(records.map((r) => [r.text, r.line])).toEqual([['a,b', 1], ['c', 4], ['d', 5], ['e', 8]])
})

test('a line break inside quotes belongs to the cell, and the next record knows its line', () => {
  const { records } = scanned('"a\r\nb\nc",1\nnext\n', [3])
  expect(records.map((r) => [r.text, r.line])).toEqual([['"a\r\nb\nc",1', 1], ['next', 4]])
})

test('a quote that is never closed is told with the line on which it was opened', () => {
  const scanner = new RecordScanner()
  scanner.scan(Buffer.from('a,b\n"x\ny",1\nc,"open\nmore\n'), () => undefined)
  expect(scanner.end(() => undefined)).toBe(false)
  expect(scanner.quoteLine).toBe(4)
})
