import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeader } from '#lib/contract/header.ts'
import { entityOf } from '#lib/contract/index.ts'
import { FileInspection } from '#lib/ingest/csv/file-inspection.ts'
import { encode } from './packages.ts'
import { SEED, runs } from './seed.ts'
import { times, timesMs } from './times.ts'

const FILES = 5_000
const UNESCAPED: Record<string, string> = { t: '\t', n: '\n', '\\': '\\' }
const loaded = (field: string) => (field === '\\N' ? '' : field.replaceAll(/\\(.)/gs, (_, sign: string) => UNESCAPED[sign]!))

/** The cells of every record as our own path reads them: scanner, papaparse, encoder. */
async function ours(file: Buffer): Promise<string[][]> {
  const inspection = new FileInspection('suppliers.csv')
  inspection.read(file)
  inspection.finish()
  expect(inspection.problems).toEqual([])
  const header = readHeader(entityOf('supplier'), inspection.headerCells!)
  const source = { names: async () => [], open: () => Readable.from([file]) }
  const { lines } = await encode(source, { name: 'suppliers.csv', entity: 'supplier', header, records: inspection.records - 1, sha256: createHash('sha256').update(file).digest('hex') })
  const rows = lines.split('\n').slice(0, -1).map((line) => line.split('\t').slice(4, 4 + header.width).map(loaded))
  return [inspection.headerCells!, ...rows]
}

const theirs = (file: Buffer): string[][] =>
  parse(file, { bom: true, delimiter: ',', quote: '"', escape: '"', record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true, relax_column_count: false })

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '0', ' ', 'é', '😀', ',', '"', '\n', '\r', '\r\n', '\t', '\\', '\\N', "'", '\uFEFF', '\u2028', '=', ';', '|'), maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
)
const table = fc.integer({ min: 0, max: 4 }).chain((more) => fc.record({
  header: fc.constant<string[]>(['externalSupplierId', 'supplierName', ...Array.from({ length: more }, (_, i) => `column ${i}`)]),
  rows: fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 2 + more, maxLength: 2 + more }), { maxLength: 6 }),
  bom: fc.boolean(), ends: fc.array(fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n'), { minLength: 1, maxLength: 3 }), open: fc.boolean(),
}))

function written({ header, rows, bom, ends, open }: { header: string[]; rows: [string, boolean][][]; bom: boolean; ends: string[]; open: boolean }): Buffer {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const records = [header.join(','), ...rows.map((row) => row.map(([text, always]) => (always || /[",\r\n]/.test(text) ? quoted(text) : text)).join(','))]
  // CR and then LF would be one end.
  const endOf = (i: number) => (open && i === records.length - 1 ? '' : ends[i % ends.length]!)
  return Buffer.from((bom ? '\uFEFF' : '') + records.map((record, i) => record + endOf(i)).join(''))
}

test(`${times(FILES)} valid files are read by our path and by csv-parse to the same cells (SEED=${SEED})`, { timeout: timesMs(120_000) }, async () => {
  let cells = 0
  await fc.assert(fc.asyncProperty(table, async (made) => {
    const file = written(made)
    const read = await ours(file)
    expect(read).toEqual(theirs(file))
    expect(read.slice(1)).toEqual(made.rows.map((row) => row.map(([text]) => text)))
    cells += read.flat().length
  }), runs(FILES))
  expect(cells).toBeGreaterThan(FILES * 10)
})
