import { describe, expect, test } from 'vitest'
import { entities } from './index.ts'
import { MANIFEST_MAX_BYTES, readManifest } from './manifest.ts'

const sha = 'a'.repeat(64)
type Entry = Record<string, unknown>
const entries = (): Entry[] => entities.map((e) => ({ name: e.file, rows: 1, sha256: sha }))
const manifest = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ load_id: 'L-1', files: entries(), ...more })
const read = (value: unknown, loadId = 'L-1') => readManifest(typeof value === 'string' || value instanceof Buffer ? Buffer.from(value as string) : Buffer.from(JSON.stringify(value)), loadId)
const codes = (value: unknown, loadId?: string) => read(value, loadId).problems.map((p) => p.code)
const withEntry = (index: number, change: Entry) => manifest({ files: entries().map((entry, i) => (i === index ? { ...entry, ...change } : entry)) })
const without = (index: number) => manifest({ files: entries().filter((_, i) => i !== index) })

describe('Rule 2: the manifest', () => {
  test('needs a load id and its files, and may say more', () => {
    expect(read(manifest()).manifest).toMatchObject({ loadId: 'L-1', sourceSystem: null, createdAt: null })
    expect(read(manifest({ source_system: 'Wrench 4', created_at: '2025-08-22', schema_version: 'v1', partner_note: [1] }))).toMatchObject({
      problems: [], manifest: { sourceSystem: 'Wrench 4', createdAt: '2025-08-22' },
    })
  })
  test('may begin with a byte order mark', () => {
    expect(codes(`\uFEFF${JSON.stringify(manifest())}`)).toEqual([])
  })
  test('has rows as a whole number, or as a string of digits', () => {
    expect(read(withEntry(0, { rows: '12' })).manifest!.entries[0]!.rows).toBe(12)
    expect(read(withEntry(0, { rows: 12.0 })).manifest!.entries[0]!.rows).toBe(12)
    for (const rows of ['', ' 12', '1.5', '-1', '1e3', '0x1', 1.5, -1, true, null, undefined, [], {}, 1e20]) expect(codes(withEntry(0, { rows })), String(rows)).toEqual(['manifest_shape'])
    expect(codes(JSON.stringify(manifest()).replace('"rows":1,', '"rows":1e309,'))).toEqual(['manifest_shape'])
  })
  test('has sha256 in any letter case', () => {
    expect(read(withEntry(0, { sha256: 'AB'.repeat(32) })).manifest!.entries[0]!.sha256).toBe('ab'.repeat(32))
  })
  test.each([['v2'], ['V1'], [1], [''], [null]])('with schema_version %j fails', (version) => {
    expect(codes(manifest({ schema_version: version }))).toEqual(['schema_version_unknown'])
  })
  test('compares load ids as text', () => {
    expect(codes(manifest({ load_id: '7' }), '0007')).toEqual(['load_id_differs'])
    expect(codes(manifest({ load_id: 'l-1' }))).toEqual(['load_id_differs'])
    expect(codes(manifest({ load_id: 7 }))).toEqual(['manifest_shape'])
  })
})

describe('Rule 3: a manifest fails validation', () => {
  test.each(['', '{', 'load_id: L-1', 'null', '[]', '"x"', '12', '{"load_id":"L-1"}', '{"load_id":"L-1","files":{}}'])('that is no JSON or not of this shape: %s', (text) => {
    const found = codes(text)
    expect(found).toHaveLength(1)
    expect(['manifest_not_json', 'manifest_shape']).toContain(found[0])
  })
  test('that has no load_id, and still tells what else is wrong', () => {
    expect(codes(manifest({ load_id: undefined }))).toEqual(['manifest_shape'])
    expect(codes('{"files":[]}')).toEqual(['manifest_shape', ...Array.from({ length: 7 }, () => 'entry_missing')])
    expect(codes('{"schema_version":"v2"}')).toEqual(['schema_version_unknown', 'manifest_shape', 'manifest_shape'])
  })
  test('that is not UTF-8, or is nested without end, or far too large', () => {
    expect(codes(Buffer.from('{"load_id":"L\xe9"}', 'latin1'))).toEqual(['manifest_not_json'])
    expect(codes(Buffer.from(JSON.stringify(manifest()), 'utf16le'))).toEqual(['manifest_not_json'])
    expect(codes('['.repeat(30_000))).toEqual(['manifest_not_json'])
    expect(codes(`{"load_id":"${'x'.repeat(MANIFEST_MAX_BYTES)}"}`)).toEqual(['manifest_too_large'])
  })
  test('that says two things under one name', () => {
    const text = JSON.stringify(manifest())
    expect(codes(text.replace('{', '{"load_id":"other",'))).toEqual(['manifest_not_json'])
    expect(codes(text.replace('"rows":1', '"rows":2,"rows":1'))).toEqual(['manifest_not_json'])
    expect(codes(JSON.stringify(manifest(), null, '\t').replace('"rows": 1', '"rows": 2,\n\t"rows": 1'))).toEqual(['manifest_not_json'])
    expect(codes(JSON.stringify(manifest(), null, '\t'))).toEqual([])
    expect(codes(text.replace('"rows":1', '"rows":2,"\\u0072ows":1'))).toEqual(['manifest_not_json'])
  })
  test('whose entry is missing, twice, unknown, or has a path', () => {
    for (const [i, e] of entities.entries()) {
      const { problems } = read(without(i))
      expect(problems.map((p) => [p.code, p.column])).toEqual([['entry_missing', e.file]])
    }
    expect(codes(manifest({ files: [...entries(), entries()[0]] }))).toEqual(['entry_twice'])
    for (const name of ['extra.csv', 'CUSTOMERS.CSV', 'customers.csv ', '', 'manifest.json', '__proto__', 'constructor', 'customers.csv\0']) {
      expect(codes(manifest({ files: [...entries(), { name, rows: 1, sha256: sha }] })), name).toEqual(['entry_unknown'])
    }
    for (const name of ['../customers.csv', 'a/customers.csv', '/etc/passwd', '..\\customers.csv', 'C:\\customers.csv', '..', '.']) {
      expect(codes(manifest({ files: [...entries(), { name, rows: 1, sha256: sha }] })), name).toEqual(['entry_path'])
    }
  })
  test('that lists invoices.csv and documents.csv', () => {
    expect(codes(manifest({ files: [...entries(), { name: 'documents.csv', rows: 1, sha256: sha }] }))).toEqual(['invoice_file_twice'])
    expect(codes(withEntry(2, { name: 'documents.csv' }))).toEqual([])
  })
  test('whose sha256 is missing or none', () => {
    for (const sha256 of [undefined, '', null, 12, 'abc', 'g'.repeat(64), `${sha} `]) expect(codes(withEntry(1, { sha256 })), String(sha256)).toEqual(['sha256_missing'])
  })
  test('whose customers have no rows', () => {
    expect(codes(withEntry(0, { rows: 0 }))).toEqual(['customers_empty'])
    expect(codes(withEntry(0, { rows: '0' }))).toEqual(['customers_empty'])
    expect(codes(withEntry(1, { rows: 0 }))).toEqual([])
  })
})

test('Rule 4: every problem is told, not the first', () => {
  const files = [...entries().slice(2), { name: '../x', rows: 1, sha256: sha }, { name: 'customers.csv', rows: 'many', sha256: '' }, 'vehicles.csv']
  const { manifest: none, problems } = read(manifest({ load_id: 'other', schema_version: 'v9', source_system: 5, files }))
  expect(none).toBeNull()
  expect(problems.map((p) => p.code).sort()).toEqual(
    ['entry_missing', 'entry_path', 'load_id_differs', 'manifest_shape', 'manifest_shape', 'manifest_shape', 'schema_version_unknown', 'sha256_missing'])
})

test('what was put in by mistake is shown, and cut where it is long', () => {
  const sentences = (value: unknown) => read(value).problems.map((p) => p.message)
  expect(sentences(withEntry(1, { rows: undefined }))).toEqual(['vehicles.csv: manifest.json gives no “rows”, the number of its records.'])
  expect(sentences(withEntry(1, { rows: ['1'] }))).toEqual(['vehicles.csv: “rows” in manifest.json must be a whole number, not ["1"].'])
  const long = 'x'.repeat(8_000)
  const wrong = manifest({ load_id: long, schema_version: long, files: [...entries(), { name: long }, { name: `../${long}` }, { name: 'customers.csv', rows: long }] })
  expect(sentences(wrong).length).toBeGreaterThan(5)
  for (const sentence of sentences(wrong)) expect(sentence.length).toBeLessThan(400)
})

test('Rule 10: names like __proto__ in a manifest are names', () => {
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype))
  expect(codes('{"__proto__":{"load_id":"L-1","files":[]},"constructor":{"prototype":{"x":1}}}')).toEqual(['manifest_shape', 'manifest_shape'])
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(before)
})
