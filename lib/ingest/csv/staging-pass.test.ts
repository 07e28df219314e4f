import fc from 'fast-check'
import { Readable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { readHeader } from '#lib/contract/header.ts'
import { entityOf } from '#lib/contract/index.ts'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { RowEncoder } from './encode-rows.ts'
import { Spool } from './spool.ts'
import { StagingPass } from './staging-pass.ts'

const e = entityOf('supplier')
const HEADER = ['externalSupplierId', 'supplierName', 'emailAddress', 'note']
const context = { timeZone: 'America/New_York', nowMs: Date.UTC(2026, 0, 1), currentYear: 2026, isFresh: true }
const UNESCAPED: Record<string, string> = { t: '\t', n: '\n', 0: '\0', '\\': '\\' }

/** What LOAD DATA makes of a field. */
const loaded = (field: string) => (field === '\\N' ? null : field.replaceAll(/\\(.)/gs, (_, sign: string) => UNESCAPED[sign] ?? sign))

/** The rows that the database would be given for a file that comes in pieces of `size` bytes, and the exceptions. */
async function staged(file: Buffer, records: number, size: number) {
  const header = readHeader(e, HEADER)
  const encoder = new RowEncoder(e, header, records, context)
  const beside = { exceptions: new Spool(), values: new Spool(), late: new Spool(), keys: new Spool() }
  const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, i) => file.subarray(i * size, (i + 1) * size))
  const pass = new StagingPass(Readable.from(pieces), encoder, beside, () => undefined)
  let text = ''
  for await (const part of pass.lines()) text += part.toString()
  const [told, values] = await Promise.all([beside.exceptions, beside.values].map(async (spool) => {
    const lines = await readText(await spool.read())
    await spool.close()
    return lines
  }))
  const fields = (lines: string) => lines.split('\n').slice(0, -1).map((line) => line.split('\t').map(loaded))
  const rows = fields(text).map(([record, line, verdict, marks, id, name, email, note, hash, raw]) =>
    ({ record: Number(record), line: Number(line), verdict, marks, hash, cells: [id, name, email, note], raw }))
  return { rows, values: fields(values!), exceptions: fields(told!).map(([record, line, , column, code, severity, value]) => ({ record: Number(record), line: Number(line), column, code, severity, value })) }
}

const cell = fc.string({ unit: fc.constantFrom('a', '0', ' ', 'é', '😀', ',', '"', '\n', '\r', '\r\n', '\t', '\\', '\\N', '\\n'), maxLength: 6 })
const record = fc.record({ cells: fc.tuple(cell, cell, cell), quoted: fc.boolean(), end: fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\r\n') })

test('every cell reaches the database as it was sent, whatever ends the records and however the file is cut', { timeout: timesMs(30_000) }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), fc.constantFrom(null, '\n', '\r\n', '\r'), fc.integer({ min: 1, max: 200 }),
    async (records, sameEnd, size) => {
      let text = `${HEADER.join(',')}\n`
      const expected = records.map(({ cells, quoted, end }, i) => {
        const all = [`K${i}`, ...cells]
        const line = 1 + (text.match(/\r\n|\r|\n/g) ?? []).length
        const written = all.map((c) => (quoted || /[",\r\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',')
        // A CR that ends a record and an LF after it would be one line end.
        text += written + (sameEnd ?? end)
        return { record: i + 1, line, cells: all.map((c) => (c === '' ? null : c)), raw: null }
      })
      const { rows } = await staged(Buffer.from(text), records.length, size)
      expect(rows.map(({ record, line, cells, raw }) => ({ record, line, cells, raw }))).toEqual(expected)
    }), runs(500))
})

test('a quoted line break survives in a file whose records end in CR alone', async () => {
  const rows = Array.from({ length: 9 }, (_, i) => `K${i},Name,,\r`).join('')
  const file = Buffer.from(`${HEADER.join(',')}\r${rows}K9,"two\nlines",,\r`)
  expect((await staged(file, 10, 1000)).rows.at(-1)!.cells).toEqual(['K9', 'two\nlines', null, null])
})

test('a byte order mark is no part of a quoted header, in whatever pieces the file comes', async () => {
  const file = Buffer.from(`\uFEFF"external\nSupplierId",supplierName,emailAddress,note\nK1,x,,\n`)
  for (const size of [1, 2, 3, 1000]) expect((await staged(file, 1, size)).rows.map((r) => r.cells)).toEqual([['K1', 'x', null, null]])
})

test('a record that cannot be split is kept whole and told with its line', async () => {
  const file = Buffer.from(`${HEADER.join(',')}\nK1,"a"b,,\nK2,one\nK3,x,,,more\nK4,x,,,,,\n`)
  const { rows, exceptions } = await staged(file, 4, 10)
  expect(rows.map((r) => [r.verdict, r.raw])).toEqual([['1', 'K1,"a"b,,'], ['1', 'K2,one'], ['1', 'K3,x,,,more'], ['0', null]])
  expect(exceptions.map((x) => [x.line, x.code])).toEqual([[2, 'text_after_quote'], [3, 'too_few_cells'], [4, 'too_many_cells']])
})

test.each(['warning', 'error'])('a row is refused with its reason also when its key or value is the word “%s”', async (word) => {
  const file = Buffer.from(`${HEADER.join(',')}\n${word},,${word},\nK2,${word},${word},\n`)
  const { rows, exceptions } = await staged(file, 2, 1000)
  expect(rows.map((r) => r.verdict)).toEqual(['1', '0'])
  expect(exceptions).toEqual([
    { record: 1, line: 2, column: 'supplierName', code: 'required', severity: 'error', value: null },
    { record: 2, line: 3, column: 'emailAddress', code: 'invalid_email', severity: 'warning', value: word },
  ])
})

test('values that are not the text sent stand beside it, whether or not the record is plain', async () => {
  const long = 'x'.repeat(250) + '@b.co'
  const file = Buffer.from(`${HEADER.join(',')}\nK1,x,a@b.co,\nK2,x,${long},\nK3,"x ""y""",${long},\nK4,x,,\n`)
  expect((await staged(file, 4, 1000)).values).toEqual([['2', null], ['3', null]])
})
