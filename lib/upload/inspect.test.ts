import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { openAsBlob, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { entities } from '#lib/contract/index.ts'
import { compare, manifestOf } from './compare.ts'
import { inspectCsv, inspectManifest } from './inspect.ts'

afterEach(() => void vi.unstubAllGlobals())

const HEADER = 'externalSupplierId,supplierName'
const supplier = (content: string | Uint8Array) => inspectCsv(new Blob([content as BlobPart]), 'suppliers.csv', 'supplier', () => {})
const codes = async (content: string | Uint8Array) => (await supplier(content)).problems.map((p) => p.code)

test('bytes, sha256, records and columns are those of the file', async () => {
  const text = `${HEADER}\r\nS1,"Parts, Inc.\nof Ohio"\r\n\r\nS2,\n`
  expect(await supplier(text)).toEqual({
    bytes: text.length, sha256: createHash('sha256').update(text).digest('hex'), records: 2, columns: 2, problems: [], warnings: [],
  })
})

test.each(['by the browser', 'in pieces, where a page has no means for that or the file is large'])('a file larger than one piece is counted and hashed whole, with its progress: %s', async (how) => {
  if (how !== 'by the browser') vi.stubGlobal('crypto', {})
  const text = `${HEADER}\n${'S,"é\n"\n'.repeat(1_500_000)}`
  const seen: number[] = []
  const bytes = Buffer.from(text)
  const inspected = await inspectCsv(new Blob([bytes]), 'suppliers.csv', 'supplier', (done) => seen.push(done))
  expect(inspected).toMatchObject({ records: 1_500_000, problems: [], sha256: createHash('sha256').update(bytes).digest('hex') })
  expect(seen.at(-1)).toBe(bytes.length)
  expect(seen.length).toBeGreaterThan(2)
})

test('no bytes, or a header only, are an empty file', async () => {
  expect(await supplier('')).toMatchObject({ records: 0, problems: [] })
  expect(await supplier(`${HEADER}\n`)).toMatchObject({ records: 0, problems: [] })
  const customers = await inspectCsv(new Blob([]), 'customers.csv', 'customer', () => {})
  expect(customers.problems.map((p) => p.code)).toEqual(['customers_empty'])
})

test('what the pipeline would refuse is found before sending', async () => {
  expect(await codes(`${HEADER}\nS1,"never closed\n`)).toEqual(['unclosed_quote'])
  expect(await codes(new Uint8Array([...Buffer.from(`${HEADER}\nS1,`), 0xe9, 10]))).toEqual(['not_utf8'])
  expect(await codes(Buffer.from(`\ufeff${HEADER}\nS1,x\n`, 'utf16le'))).toEqual(['utf16'])
  expect(await codes('externalSupplierId;supplierName\nS1;x\n')).toEqual(['column_missing', 'column_missing'])
  expect((await supplier('externalSupplierId;supplierName\nS1;x\n')).problems[0]!.message).toContain('semicolons')
  expect(await codes(`${HEADER},supplierName\n`)).toEqual(['column_twice'])
})

test('what a corrected download of rejected rows has of ours is no warning', async () => {
  expect((await supplier(`\ufeff${HEADER},_line,_reason\r\nS1,x,7,too long\r\n`)).warnings).toEqual([])
  expect((await supplier(`\ufeff${HEADER},loyalty,_line,_reason\r\nS1,x,1,7,too long\r\n`)).warnings).toEqual([
    'The column “loyalty” is not in the contract. It is kept in staging and goes nowhere else.',
  ])
})

test('a byte order mark and unknown columns are warnings', async () => {
  const inspected = await supplier(`\ufeff${HEADER},loyalty,__proto__\nS1,x,1,2\n`)
  expect(inspected.problems).toEqual([])
  expect(inspected.warnings).toEqual([
    'The file begins with a byte order mark, which is skipped.',
    'The columns “loyalty”, “__proto__” are not in the contract. They are kept in staging and go nowhere else.',
  ])
})

test('a manifest is read with the load id it names', async () => {
  const read = (text: string) => inspectManifest(new Blob([text]), 'mine')
  expect(await read('{"load_id":"other","files":[]}')).toMatchObject({ loadId: 'other' })
  expect((await read('{"load_id":"other","files":[]}')).problems.map((p) => p.code)).toContain('load_id_differs')
  expect(await read('not json')).toMatchObject({ loadId: null, manifest: null, problems: [{ code: 'manifest_not_json' }] })
  expect(await read(' '.repeat(70_000))).toMatchObject({ problems: [{ code: 'manifest_too_large' }] })
})

test('a manifest made from the files agrees with every one of them', async () => {
  const files = await Promise.all(entities.map(async (e) => {
    const row = Object.keys(e.columns)
    const content = e.mayBeEmpty ? '' : `${row.join(',')}\n${row.map(() => '1').join(',')}\n`
    return { name: e.file, inspected: await inspectCsv(new Blob([content]), e.file, e.name, () => {}) }
  }))
  const made = new Blob([JSON.stringify(manifestOf('mine', files, new Date()))])
  const { listed, problems } = await inspectManifest(made, 'mine')
  expect(problems).toEqual([])
  expect(compare(files, listed).every((line) => line.verified)).toBe(true)
})

test('each line says what is missing and what does not agree', async () => {
  const one = await supplier(`${HEADER}\nS1,x\n`)
  const listed = entities.map((e) => ({ name: e.file, entity: e.name, rows: 1, sha256: one.sha256 }))
  const lines = (chosen: Parameters<typeof compare>[0]) => Object.fromEntries(compare(chosen, listed).map((line) => [line.entity.name, line]))

  const { supplier: same, vehicle, customer } = lines([{ name: 'suppliers.csv', inspected: one }])
  expect(same).toMatchObject({ verified: true, problems: [] })
  expect(vehicle).toMatchObject({ verified: false, mayAddEmpty: true })
  expect(vehicle!.problems[0]).toContain('the manifest says that it has 1 row')
  expect(customer).toMatchObject({ mayAddEmpty: false })

  const other = lines([{ name: 'suppliers.csv', inspected: { ...one, records: 2, sha256: 'f'.repeat(64) } }]).supplier!
  expect(other).toMatchObject({ verified: false, rowsAgree: false, sha256Agree: false })
  expect(other.problems).toHaveLength(2)

  const both = lines([{ name: 'invoices.csv', inspected: one }, { name: 'documents.csv', inspected: one }]).invoice!
  expect(both.problems).toEqual(['invoices.csv and documents.csv are the same file under two names. Take one of them out.'])
  expect(lines([{ name: 'documents.csv', inspected: one }]).invoice).toMatchObject({ verified: true, sendAs: 'invoices.csv' })
})

const SAMPLES = path.resolve('../shared/samples')
for (const sample of existsSync(SAMPLES) ? ['small-dirty', 'small-real'] : []) {
  test(`every file of ${sample} agrees with its manifest`, async () => {
    const folder = path.dirname(path.join(SAMPLES, sample, 'imports', readdirSync(path.join(SAMPLES, sample, 'imports'), { recursive: true })
      .map(String).find((file) => file.endsWith('manifest.json'))!))
    const { listed } = await inspectManifest(await openAsBlob(path.join(folder, 'manifest.json')), path.basename(folder))
    const chosen = await Promise.all(listed.map(async ({ name, entity }) =>
      ({ name, inspected: await inspectCsv(await openAsBlob(path.join(folder, name)), name, entity, () => {}) })))
    expect(compare(chosen, listed).filter((line) => !line.verified)).toEqual([])
  })
}
