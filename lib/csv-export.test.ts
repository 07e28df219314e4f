import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeFormula, unescapeFormula } from '#lib/contract/formulas.ts'
import { formulas, harmless } from '#lib/fuzz/payloads.ts'
import { runs } from '#lib/fuzz/seed.ts'
import { csvLines, csvResponse, downloadName } from './csv-export.ts'

describe('cells that a spreadsheet could run', () => {
  test.each(formulas.map((cell) => [cell]))('%j gets one quote in front', (cell) => {
    expect(escapeFormula(cell)).toBe(`'${cell}`)
  })

  test.each(harmless.map((cell) => [cell]))('%j is left as it is', (cell) => {
    expect(escapeFormula(cell)).toBe(cell)
  })

  test('there are at least 60 of them, all different', () => {
    expect(new Set(formulas).size).toBeGreaterThanOrEqual(60)
  })

  test('no cell that goes out begins with what a spreadsheet takes for a formula, plain numbers aside', () => {
    for (const cell of [...formulas, ...harmless]) {
      const out = escapeFormula(cell)
      if (!/^-?\d+(\.\d+)?$/.test(out)) expect(out).not.toMatch(/^[\s\0]*[=+\-@\t\r\n＝＋－＠]/)
    }
  })
})

describe('reading an export back', () => {
  test('takes off exactly what was added', () => {
    for (const cell of [...formulas, ...harmless]) expect(unescapeFormula(escapeFormula(cell))).toBe(cell)
  })

  test('gives any text back unchanged through a strict CSV reader', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^['\s\0=+\-@＝－0-9.,";\r\n]{0,8}$/), fc.constantFrom(...formulas))
    fc.assert(fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), (rows) => {
      const read: string[][] = parse(csvLines(rows), { record_delimiter: '\r\n', relax_column_count: false })
      expect(read.map((cells) => cells.map(unescapeFormula))).toEqual(rows)
    }), runs(1_000))
  })
})

async function* rowsOf(rows: (string | number | null)[][]) {
  yield* rows
}

describe('a download', () => {
  test('is UTF-8 with a byte order mark, CRLF, and quotes where RFC 4180 wants them', async () => {
    const response = csvResponse('x.csv', ['name', 'note'], rowsOf([['José', 'a,b'], ['x', 'say "hi"\nthere'], [null, 7]]))
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(new TextDecoder().decode(bytes)).toBe('name,note\r\nJosé,"a,b"\r\nx,"say ""hi""\nthere"\r\n,7\r\n')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="x.csv"')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('quotes a header that looks like a formula too', async () => {
    const response = csvResponse('x.csv', ["=cmd|'x'", '__proto__'], rowsOf([['1', '2']]))
    expect(await response.text()).toBe("'=cmd|'x',__proto__\r\n1,2\r\n")
  })

  test('is read only as fast as it is taken, and stops reading when the browser goes away', async () => {
    let read = 0
    let closed = false
    async function* endless() {
      try {
        for (;;) yield [String(read++)]
      } finally {
        closed = true
      }
    }
    const reader = csvResponse('x.csv', ['n'], endless()).body!.getReader()
    await reader.read()
    await reader.read()
    expect(read).toBeLessThan(5_000)
    await reader.cancel()
    expect(closed).toBe(true)
  })

  test('breaks off when a row cannot be read, instead of ending like a whole file', async () => {
    async function* failing() {
      yield ['1']
      throw new Error('the database went away')
    }
    await expect(csvResponse('x.csv', ['n'], failing()).text()).rejects.toThrow()
  })
})

test('the name of a download holds nothing that a file system or a header could trip over', () => {
  expect(downloadName('2025-08-23_small-dirty', 'exceptions')).toBe('2025-08-23_small-dirty_exceptions.csv')
  expect(downloadName('../../etc/passwd')).toBe('etc-passwd.csv')
  expect(downloadName('a"\r\nset-cookie: x')).toBe('a-set-cookie-x.csv')
  expect(downloadName('\u202e')).toBe('download.csv')
  expect(downloadName('x'.repeat(300))).toHaveLength(124)
})
