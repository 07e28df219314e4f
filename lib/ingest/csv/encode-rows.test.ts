import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHeader } from '#lib/contract/header.ts'
import { entities, entityOf, type Column, type Entity } from '#lib/contract/index.ts'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { readCells } from './cells.ts'
import { AnyRowEncoder } from './encode-any-row.ts'
import { DifferingValues } from './differing-values.ts'
import { RowEncoder } from './encode-rows.ts'
import { LineBuffer } from './line-buffer.ts'
import { RecordScanner } from './record-scanner.ts'
import { planRows } from './row-plan.ts'
import { RowTotals } from './row-totals.ts'

// More than get a staging column of their own.
const many = Array.from({ length: 70 }, (_, i) => `unknown ${i}`)
const context = { timeZone: 'America/New_York', nowMs: Date.UTC(2026, 0, 1), currentYear: 2026, isFresh: true }

/** Cells as they come, and those at the edges of what the bytes alone can tell. */
const usual: Record<Column['type'], readonly string[]> = {
  string: ['a', 'B 7', 'José', '😀', 'x'.repeat(60), 'y'.repeat(300), ' ', ' a', '\tb', 'back\\slash', 'C:\\new', '+1 212 555 0100', '2125550100', 'a@b.co', '1HGCM82633A004352'],
  enum: ['paid', 'PAID', 'labor', 'discount', ' part ', 'nonsense', 'refunded', 'cell'],
  boolean: ['true', 'FALSE', 'y', '0', ' no ', 'maybe'],
  integer: ['1', '0', '007', '1,234', '-5', '12.0', '999999999', '9999999999', '2027', '1850', 'x'],
  decimal: ['12.50', '0', '0.5', '0.', '.5', '00.5', '1,234.56', '$5', '-5.00', '5.005', '999999999999', '1e3', '12.3456', '-0.001'],
  datetime: ['2025-08-30', '2025-08-30T14:00:00', '2025-08-30 14:00:00.1239', '2025-03-09 02:30:00', '2025-08-30T14:00:00Z', '0001-01-01 00:00:00', '2025-02-30', '2031-01-01', '1850-01-01', '0099-12-31T23:59:59Z'],
}

const formats = { phone: ['', '2125550100'], email: ['', 'a@b.co'], vin: ['', '1HGCM82633A004352'] }
function calmCells(column: Column | undefined): readonly string[] {
  switch (column?.type) {
    case 'enum': return ['', ...column.values]
    case 'boolean': return ['', 'true', 'N']
    case 'integer': return ['', '2015', '1999']
    case 'decimal': return ['', '12.5', '3.00', '0.75']
    case 'datetime': return ['', '2025-08-30', '2025-08-30T14:00:00Z']
    default: return column?.format ? formats[column.format] : ['', 'a', 'B 7', 'S, J']
  }
}

const oddCellOf = (column: Column | undefined): fc.Arbitrary<string> => fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 6, arbitrary: fc.constantFrom(...usual[column?.type ?? 'string']) },
  { weight: 1, arbitrary: fc.constantFrom('a"b', 'a,b', 'two\nlines', 'two\r\nlines', '""', 'é'.repeat(40), '\u00a0', 'nul\0') },
)

/** A record with an odd cell or two at most, so that most records are as plain as those of a real file. */
function recordOf(e: Entity, names: readonly string[]): fc.Arbitrary<string> {
  const keys = new Set([e.key, ...e.parents.map((p) => p.column)])
  const cells = names.map((name) => fc.constantFrom(...(keys.has(name) ? ['k1', 'k2', 'k3', 'K1'] : calmCells(e.columns[name]))))
  const odd = fc.nat(names.length - 1).chain((at) => oddCellOf(e.columns[names[at]!]).map((text) => ({ at, text })))
  return fc.tuple(fc.tuple(...cells), fc.array(odd, { maxLength: 2 }), fc.infiniteStream(fc.nat(9)), fc.constantFrom('', '', '', '', ',', ',x')).map(([row, odds, dice, more]) => {
    for (const { at, text } of odds) row[at] = text
    return row.map((text) => (/[",\r\n]/.test(text) || dice.next().value === 0 ? `"${text.replaceAll('"', '""')}"` : text)).join(',') + more
  })
}

const file = fc.constantFrom(...entities).chain((e) => {
  const all = Object.keys(e.columns)
  const required = all.filter((name) => e.columns[name]!.required)
  return fc.record({
    e: fc.constant(e),
    names: fc.tuple(fc.shuffledSubarray(all, { minLength: all.length - 2 }), fc.constantFrom<readonly string[]>([], ['note'], ['', 'note'], many)).chain(([some, more]) => fc.boolean().map((first) => [...new Set(first ? [...more, ...some, ...required] : [...required, ...some, ...more])])),
  }).chain(({ names }) => fc.record({ e: fc.constant(e), names: fc.constant(names), records: fc.array(recordOf(e, names), { minLength: 1, maxLength: 6 }) }))
})

/** Every record by the general encoder, whatever it is like. */
function inGeneral(e: Entity, names: readonly string[], records: readonly string[]) {
  const plan = planRows(e, readHeader(e, [...names]), context)
  const totals = new RowTotals(plan, records.length)
  const differing = new DifferingValues(plan)
  const encoder = new AnyRowEncoder(plan, totals, differing)
  const lines = records.map((text, i) => encoder.row(i + 1, i + 2, readCells(text, text.includes('"')), text.includes('\0') ? 4 : 0, text))
  return { lines: lines.join(''), exceptions: encoder.takeExceptions().toString(), values: differing.take().toString(), keys: totals.keys.takeNotes().toString('hex'), facts: totals.facts() }
}

function asRead(e: Entity, names: readonly string[], records: readonly string[]) {
  const encoder = new RowEncoder(e, readHeader(e, [...names]), records.length, context)
  const out = new LineBuffer()
  const data = Buffer.from(records.join('\n'))
  let at = 0
  for (const [i, text] of records.entries()) {
    const end = at + Buffer.byteLength(text)
    let flags = 0
    new RecordScanner().scan(Buffer.from(`${text}\n`), (_start, _end, _line, found) => void (flags = found))
    encoder.write(out, data, at, end, i + 1, i + 2, flags)
    at = end + 1
  }
  return { lines: out.take().toString(), exceptions: encoder.takeExceptions().toString(), values: encoder.takeValues().toString(), keys: encoder.takeKeyNotes().toString('hex'), facts: encoder.facts() }
}

test('records read from their bytes come out as those read cell by cell, with the same facts and exceptions', { timeout: timesMs(60_000) }, () => {
  fc.assert(fc.property(file, ({ e, names, records }) => {
    expect(asRead(e, names, records)).toEqual(inGeneral(e, names, records))
  }), runs(3000))
})

test('a line has room for all of it, wherever in a piece it begins', () => {
  const e = entities.find(({ name }) => name === 'supplier')!
  const names = [e.key, 'supplierName', ...many]
  const header = readHeader(e, names)
  const encoder = new RowEncoder(e, header, 1, context)
  const record = Buffer.from(['S1', 'Parts', ...many.map(() => 'x')].join())
  const alone = new LineBuffer()
  encoder.write(alone, record, 0, record.length, 1, 2, 0)
  const line = alone.take().toString()
  for (let room = 0; room < 2 * line.length; room++) {
    const out = new LineBuffer()
    out.length = out.bytes.length - room
    const before = out.length
    encoder.write(out, record, 0, record.length, 1, 2, 0)
    expect(out.take().toString('utf8', before)).toBe(line)
  }
})

test('pieces are handed on whole, however long a line is', () => {
  const out = new LineBuffer()
  const long = 'é'.repeat(400_000)
  out.add('a\n')
  out.add(`${long}\n`)
  expect(out.isFull).toBe(true)
  const first = out.take()
  out.add('b\n')
  expect(first.toString()).toBe(`a\n${long}\n`)
  expect(out.take().toString()).toBe('b\n')
})

describe('of records of 200 KB nothing is kept but what is remembered of them', () => {
  const RECORDS = 1400
  const MOST_BYTES = 50_000_000
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  test.each([
    ['keys of lines of one invoice', 'line_item', ['externalDocumentId', 'externalDatalineId', 'externalParentDatalineId', 'note'], (n: number) => `I-1,a-line-of-the-invoice-${n},,`],
    ['dates that have to be read with care', 'invoice', ['externalDocumentId', 'externalCustomerId', 'createdOn', 'note'], (n: number) => `I-${n},C,2024-01-31 ${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')},`],
  ] as const)('%s', (_, name, names, record) => {
    const encoder = new RowEncoder(entityOf(name), readHeader(entityOf(name), [...names]), RECORDS, context)
    const cell = 'x'.repeat(200_000)
    const out = new LineBuffer()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < RECORDS; n++) {
      const data = Buffer.from(`${record(n)}${cell}`)
      encoder.write(out, data, 0, data.length, n + 1, n + 2, 0)
      out.take()
    }
    expect(encoder.facts().rejected).toBe(0)
    encoder.takeValues()
    encoder.takeKeyNotes()
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(MOST_BYTES)
  })
})
