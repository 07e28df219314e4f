import { describe, expect, test } from 'vitest'
import { ident, rows, sql } from '#lib/ingest/sql/sql.ts'
import { problemsOf, testInstallation, told, type FileContent, type Loaded } from './testing.ts'

const { newShop, runner } = await testInstallation()

const suppliers = (bytes: string | Buffer, rows: number) => ({ supplier: { bytes, rows } satisfies FileContent })
const load = (bytes: string | Buffer, rows: number) => newShop().load(suppliers(bytes, rows))
const HEADER = 'externalSupplierId,supplierName,city'

/** The staged text of a column, in file order. */
async function staged({ loadId }: Loaded, column: string): Promise<(string | null)[]> {
  const found = await rows<{ value: string | null }>(runner.db, sql`select ${ident(column)} as value from ${ident(runner.stagingSchema, `l${loadId}_1_supplier`)} order by _record`)
  return found.map((r) => r.value)
}

describe('Rule 6: bytes and records', () => {
  test('UTF-8 with a byte order mark is read without it, and characters of every length arrive', async () => {
    const shop = newShop()
    await shop.load(suppliers(`\uFEFF${HEADER}\nS1,Jiménez 😀 中文 ﬁ,\uFEFFx\n`, 1))
    expect(await shop.rows('supplier')).toMatchObject([{ externalSupplierId: 'S1', supplierName: 'Jiménez 😀 中文 ﬁ', city: '\uFEFFx' }])
  })

  test.each([['UTF-16', Buffer.from(`\uFEFF${HEADER}\nS1,x,\n`, 'utf16le'), 'utf16', 1], ['Latin-1', Buffer.from(`${HEADER}\nS1,x,\nS2,Jim\xe9nez,\n`, 'latin1'), 'not_utf8', 3],
    ['a character cut in the middle', Buffer.from(`${HEADER}\nS1,é`).subarray(0, -1), 'not_utf8', 2]])('%s fails the file, with the line and byte', async (_, bytes, code, line) => {
    const { report } = await load(bytes, 2)
    expect(report).toMatchObject({ status: 'failed_validation', failure: { problems: [{ file: 'suppliers.csv', code, line }] } })
    expect(report.failure!.problems[0]!.message).toContain(`byte ${bytes.findIndex((b) => b > 127) + 1}`)
  })

  test('what is wrong with a header is told with its line, also where blank ones lie before it', async () => {
    const { report } = await load('\n\r\nexternalSupplierId,city\nS1,x\n', 1)
    expect(report.failure!.problems).toMatchObject([{ code: 'column_missing', line: 3 }])
  })

  test('NUL fails the row, and only the row', async () => {
    const loaded = await load(`${HEADER}\nS1,a\0b,\nS2,x,\n\0S3,x,\nS4,"a\0",\n`, 4)
    expect(loaded.report).toMatchObject({ status: 'completed_with_exceptions', entities: { supplier: { accepted: 1, rejected: 3 } } })
    expect(loaded.report.exceptions.map((x) => [x.line, x.code])).toEqual([[2, 'nul_character'], [4, 'nul_character'], [5, 'nul_character']])
  })

  test('records end in CRLF, LF or CR, mixed or not, also behind quoted line breaks', async () => {
    for (const end of ['\r\n', '\n', '\r']) {
      const shop = newShop()
      const { report } = await shop.load(suppliers([HEADER, 'S1,x,', 'S2,"a\nb",', 'S3,"c\r\nd",', 'S4,"e\rf",', 'S5,y,', ''].join(end), 5))
      expect(report).toMatchObject({ status: 'completed', entities: { supplier: { records: 5, inserted: 5 } } })
      expect((await shop.rows('supplier')).map((r) => r.supplierName)).toEqual(['x', 'a\nb', 'c\r\nd', 'e\rf', 'y'])
    }
    const shop = newShop()
    await shop.load(suppliers(`${HEADER}\rS1,a,\r\nS2,"b\rc\n",\nS3,d,\r\rS4,"e",`, 4))
    expect((await shop.rows('supplier')).map((r) => r.supplierName)).toEqual(['a', 'b\rc\n', 'd', 'e'])
  })

  test.each([[';', 'semicolons'], ['\t', 'tabs']])('a file separated by %j fails for its key column, and is told what it looks like', async (sign, words) => {
    const loaded = await load(`externalSupplierId${sign}supplierName\nS1${sign}x\n`, 1)
    expect(problemsOf(loaded)).toEqual([['suppliers.csv', 'column_missing'], ['suppliers.csv', 'column_missing']])
    expect(loaded.report.failure!.message).toContain(words)
  })
})

describe('Rule 7: what a record is', () => {
  test('blank lines are none, and records are counted, not lines', async () => {
    const { report } = await load(`\n\n${HEADER}\n\n\r\nS1,"two\nlines",\n\n\nS2,x,\n\n`, 2)
    expect(report).toMatchObject({ status: 'completed', entities: { supplier: { records: 2, inserted: 2 } } })
  })
  test('a record of empty cells only is one, and is rejected for its key', async () => {
    const loaded = await load(`${HEADER}\n,,\nS1,x,\n"","",""\n`, 3)
    expect(loaded.report.entities.supplier).toMatchObject({ records: 3, accepted: 1, rejected: 2 })
    expect(told(loaded, 'supplier', 'error').filter(([, column]) => column === 'externalSupplierId')).toEqual([[null, 'externalSupplierId', 'required'], [null, 'externalSupplierId', 'required']])
  })
})

describe('Rule 8: quotes and cells', () => {
  test('a quote inside an unquoted cell is text', async () => {
    const shop = newShop()
    await shop.load(suppliers(`${HEADER}\nS1,5" pipe,a "b" c\nS2, "x",y"\n`, 2))
    expect((await shop.rows('supplier')).map((r) => [r.supplierName, r.city])).toEqual([['5" pipe', 'a "b" c'], [' "x"', 'y"']])
  })
  test('text after a closing quote, and too few or too many cells, reject that record; empty cells beyond do not', async () => {
    const loaded = await load(`${HEADER}\nS1,"a"b,\nS2,x\nS3,x,y,z\nS4,x,y,,,\nS5,"a" ,\n   \nS6,ok,\n`, 7)
    expect(loaded.report.exceptions.map((x) => [x.line, x.code, x.severity])).toEqual([
      [2, 'text_after_quote', 'error'], [3, 'too_few_cells', 'error'], [4, 'too_many_cells', 'error'], [6, 'text_after_quote', 'error'], [7, 'too_few_cells', 'error'],
    ])
    expect(loaded.report.entities.supplier).toMatchObject({ records: 7, accepted: 2, rejected: 5, inserted: 2 })
  })
  test('a quote still open at the end fails the file', async () => {
    expect(await load(`${HEADER}\nS1,x,\nS2,"x,\nS3,x,\n`, 3)).toMatchObject({ report: { status: 'failed_validation', failure: { problems: [{ code: 'unclosed_quote', line: 3 }] } } })
  })
})

describe('Rule 9: the header', () => {
  test('is trimmed, matched exactly and then without letter case, in any order', async () => {
    const shop = newShop()
    await shop.load(suppliers(' CITY ,SupplierName,externalSupplierID\nSalem,Parts,S1\n', 1))
    expect(await shop.rows('supplier')).toMatchObject([{ externalSupplierId: 'S1', supplierName: 'Parts', city: 'Salem' }])
  })
  test('with the same name twice fails the file', async () => {
    expect(problemsOf(await load(`${HEADER},city\nS1,x,,\n`, 1))).toEqual([['suppliers.csv', 'column_twice']])
    expect(problemsOf(await load(`${HEADER},Fax,Fax\nS1,x,,,\n`, 1))).toEqual([['suppliers.csv', 'column_twice']])
  })
  test.each([['vehicle', 'externalVehicleId\nV1\n', ['externalCustomerId']], ['payment', 'externalPaymentId,externalDocumentId\nP1,I1\n', ['paymentAmount']], ['inventory_part', 'externalPartId\nX\n', ['partNumber']],
    ['supplier', 'supplierName\nx\n', ['externalSupplierId']], ['supplier', 'externalSupplierId\nx\n', ['supplierName']], ['line_item', 'description\nx\n', ['externalDocumentId', 'externalDatalineId']]] as const)('of %s without a required column fails the file: %s', async (entity, bytes, missing) => {
    const { report } = await newShop().load({ [entity]: { bytes, rows: 1 } })
    expect(report.failure!.problems.map((p) => [p.code, p.column])).toEqual(missing.map((column) => ['column_missing', column]))
  })
  test('without an optional column reads as empty, in every entity', async () => {
    const shop = newShop()
    const { report } = await shop.load({
      customer: [{ externalCustomerId: 'C1' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1' }],
      line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1' }], payment: [{ externalPaymentId: 'P1', externalDocumentId: 'I1', paymentAmount: '5' }],
      inventory_part: [{ externalPartId: 'X1', partNumber: 'N' }], supplier: [{ externalSupplierId: 'S1', supplierName: 'N' }],
    })
    expect(report).toMatchObject({ status: 'completed', exceptions: [], money: { 'payment.paymentAmount': { file: '5.00', accepted: '5.00', production: '5.00' } } })
    expect(await shop.rows('line_item')).toMatchObject([{ lineNumber: null, total: null, parentLineItemId: null }])
    expect(await shop.rows('invoice')).toMatchObject([{ vehicleId: null, createdOn: null, total: null }])
  })
  test('an unknown column is kept in staging as sent and reported once; an unnamed empty one is dropped', async () => {
    const loaded = await load(`${HEADER},Fax,,Region\nS1,x,, 555 ,,N\nS2,y,,,,\n`, 2)
    expect(loaded.report).toMatchObject({ status: 'completed', exceptionsTotal: 2 })
    expect(loaded.report.exceptions.map((x) => [x.file, x.column, x.code, x.severity, x.line])).toEqual([['suppliers.csv', 'Fax', 'unknown_column', 'warning', null], ['suppliers.csv', 'Region', 'unknown_column', 'warning', null]])
    expect(await staged(loaded, 'Fax')).toEqual([' 555 ', null])
  })
  test('an unnamed column with values is reported and kept', async () => {
    const { report } = await load(`externalSupplierId,,supplierName\nS1,what,x\n`, 1)
    expect(report.exceptions.map((x) => [x.code, x.severity])).toEqual([['unnamed_column', 'warning']])
    expect(report.entities.supplier.inserted).toBe(1)
  })
})

describe('Rule 10: headers and cells are text', () => {
  const nasty = ['__proto__', 'constructor', 'toString', '=cmd|\' /C calc\'!A0', '@SUM(1)', '+1', '-1', "'; drop table supplier; --", '`', '\\', '\\N', '\\0', '%s', '$' + '{7*7}', '{{7*7}}', '<script>alert(1)</script>', '\u202Egnp.exe', 'NULL', 'null', 'true', '_record', '_line', '_verdict', '_hash', '_raw', '_more', '_city', 'id', '_supplierName', 'x'.repeat(64), `${'x'.repeat(64)}y`, `${'x'.repeat(200)}z`, '😀', '😀😀', 'á', 'a\u0301', 'A', 'a', 'Á', 'ß', 'ss', 's', 'ı', 'i', 'İ', 'I', 'ø', 'o', 'ł', 'l', 'æ', 'ae', 'ﬁ', 'fi', 'ſ', '\u212a', 'k', '\u2126', '\u03a9', 'σ', 'ς', 'два', 'ДВА', 'a b', 'a  b', 'a.b', 'tab\there', 'semi;colon', 'new\nline', '\u200b', 'a\u200b', '\u00ad', '\u0001']

  test('in headers: every one is kept under its name', async () => {
    const headers = [...new Set(nasty.map((name) => name.trim()))]
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    const bytes = `externalSupplierId,supplierName,${headers.map(quoted).join(',')}\nS1,x,${headers.map((_, i) => `v${i}`).join(',')}\n`
    const loaded = await load(bytes, 1)
    expect(loaded.report).toMatchObject({ status: 'completed', entities: { supplier: { inserted: 1 } } })
    const warned = loaded.report.exceptions.map((x) => x.column)
    expect(new Set(warned)).toEqual(new Set(headers.filter((name) => name !== 'x'.repeat(200) + 'z').concat('x'.repeat(190))))
    expect(Object.prototype).toEqual({})
  })

  test('in cells: every one arrives as it was sent', async () => {
    const shop = newShop()
    await shop.load({ supplier: nasty.map((text, i) => ({ externalSupplierId: `S${i}`, supplierName: text, city: `=${text}`.slice(0, 50) })) })
    expect((await shop.rows('supplier')).map((r) => r.supplierName)).toEqual(nasty.filter((text) => [...text].length <= 200))
  })

  test('in keys: every one is its own row, and comes back unchanged', async () => {
    const shop = newShop()
    const keys = nasty.filter((text) => text.trim() !== '' && [...text].length <= 50)
    const supplier = keys.map((key) => ({ externalSupplierId: key, supplierName: 'x' }))
    expect((await shop.load({ supplier })).report.entities.supplier).toMatchObject({ inserted: keys.length, superseded: 0, identical: 0 })
    expect((await shop.load({ supplier })).report.entities.supplier).toMatchObject({ unchanged: keys.length })
  })
})
