import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { FileInspection, MAX_RECORD_BYTES } from './file-inspection.ts'

function inspect(content: string | Buffer, size = 1 << 20) {
  const bytes = Buffer.from(content as string)
  const inspection = new FileInspection('suppliers.csv')
  for (let at = 0; at < bytes.length; at += size) inspection.read(bytes.subarray(at, at + size))
  inspection.finish()
  const { records, headerCells, hasBom, problems } = inspection
  return { records, headerCells, hasBom, problems: problems.map(({ code, line }) => [code, line]), messages: problems.map((p) => p.message) }
}

test('nothing, a byte order mark alone, and blank lines alone have neither header nor records', () => {
  for (const content of ['', '\uFEFF', '\r\n\n\r']) expect(inspect(content)).toMatchObject({ records: 0, headerCells: null, problems: [] })
  expect(inspect('\uFEFF').hasBom).toBe(true)
})

test('the header is the first record, also after blank lines, quoted, or without an end', () => {
  expect(inspect('\uFEFF\r\n\n"a","b\r\nc"\r\n1,2').headerCells).toEqual(['a', 'b\nc'])
  expect(inspect('a,b')).toMatchObject({ records: 1, headerCells: ['a', 'b'] })
  expect(inspect('a,b\r1,2\r\r3,4')).toMatchObject({ records: 3, headerCells: ['a', 'b'] })
})

test('however a file is cut, the same is found', { timeout: timesMs(30_000) }, () => {
  const signs = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r', '\r\n', '\0'), maxLength: 60 })
  const broken = fc.option(fc.constantFrom([0xff], [0xc3], [0xed, 0xa0, 0x80]), { freq: 4, nil: [] as number[] })
  const encoding = fc.constantFrom<['' | '\uFEFF', BufferEncoding]>(['', 'utf8'], ['', 'utf8'], ['\uFEFF', 'utf8'], ['\uFEFF', 'utf16le'], ['', 'utf16le'])
  fc.assert(fc.property(encoding, signs, broken, signs, fc.integer({ min: 1, max: 20 }), ([bom, name], before, bytes, after, size) => {
    const file = Buffer.concat([Buffer.from(`${bom}id,name${before}`, name), Buffer.from(bytes), Buffer.from(after, name)])
    expect(inspect(file, size)).toEqual(inspect(file))
  }), runs(4000))
})

test('bytes that are no UTF-8 are told with line and byte, once', () => {
  const file = Buffer.concat([Buffer.from('id,name\n1,é\n2,'), Buffer.from([0xe9]), Buffer.from('\n3,\xff\n', 'latin1')])
  const { problems, messages } = inspect(file)
  expect(problems).toEqual([['not_utf8', 3]])
  expect(messages[0]).toContain('line 3, byte 16')
  expect(inspect(Buffer.concat([Buffer.from('id\n1'), Buffer.from([0xc3])])).problems).toEqual([['not_utf8', 2]])
})

test('archives and compressed files are told for what they are, however few bytes come at a time', () => {
  const files: [Buffer, string][] = [[gzipSync('id,name\n'), 'compressed with gzip'], [zstdCompressSync('id,name\n'), 'compressed with Zstandard'], [Buffer.from('PK\x03\x04id,name\n'), 'a ZIP archive or an Excel workbook']]
  for (const [file, what] of files) {
    for (const size of [1, 1 << 20]) {
      const { problems, messages, records, headerCells } = inspect(file, size)
      expect({ problems, messages, records, headerCells }).toEqual({ problems: [['not_utf8', 1]], messages: [`suppliers.csv is ${what}, not a CSV. Unpack it, or save it as “CSV UTF-8”.`], records: 0, headerCells: null })
    }
  }
  expect(inspect('PK,PK\n1,2\n').problems).toEqual([])
})

test('a quote that is never closed is told with its line', () => {
  expect(inspect('id,name\n1,"x\ny"\n2,"open\n3,z\n').problems).toEqual([['unclosed_quote', 4]])
})

test('UTF-16, and a header that holds NUL or text after a quote, are told', () => {
  expect(inspect(Buffer.from('\uFEFFid,name\n', 'utf16le')).problems).toEqual([['utf16', 1]])
  expect(inspect('id,na\0me\n1,2\n').problems).toEqual([['header_unreadable', 1]])
  expect(inspect('"id"x,name\n1,2\n').problems).toEqual([['header_unreadable', 1]])
  expect(inspect('\n\r\n"id"x,name\n1,2\n').problems).toEqual([['header_unreadable', 3]])
  expect(inspect('\n\r\n"id"x,name').problems).toEqual([['header_unreadable', 3]])
})

test('a first line longer than 1 MiB is no header, in whatever pieces it comes', () => {
  const file = (bytes: number) => `${'x'.repeat(bytes)}\n1\n`
  for (const size of [1 << 20, 100_000, 3_000_000]) {
    expect(inspect(file(1 << 20), size).problems).toEqual([])
    expect(inspect(file((1 << 20) + 1), size).problems).toEqual([['header_unreadable', 1]])
  }
})

test('a record may have as many bytes as are promised, and not one more', () => {
  const cell = (bytes: number) => `id,name\n1,${'x'.repeat(bytes - 2)}\n2,y\n`
  expect(inspect(cell(MAX_RECORD_BYTES)).problems).toEqual([])
  expect(inspect(cell(MAX_RECORD_BYTES + 1)).problems).toEqual([['record_too_large', 2]])
  expect(inspect(cell(MAX_RECORD_BYTES + 1), 100_000_000).problems).toEqual([['record_too_large', 2]])
})
