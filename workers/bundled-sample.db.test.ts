import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import { testDatabase } from '#lib/db/testing.ts'
import type { Report } from '#lib/ingest/report.ts'
import type { Expected } from '#lib/sample/bundled.ts'
import { writeSample, type Outcome } from '#lib/sample/generator.ts'
import { runOnramp } from './run-onramp.ts'

const { url } = await testDatabase()
const root = mkdtempSync(path.join(tmpdir(), 'onramp-sample-load-'))
const env = { DATABASE_URL: url, ONRAMP_DATA_DIR: path.join(root, 'data') }
const fixture = path.resolve(import.meta.dirname, '../fixtures/sample')
const expected = JSON.parse(readFileSync(path.join(fixture, 'expected.json'), 'utf8')) as Expected

async function load(...args: string[]) {
  const { stdout, stderr } = await runOnramp(['load', ...args, '--json', '--all-exceptions'], env)
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as Report
}

const finding = ({ key, column, code }: { key: string | null; column: string | null; code: string }) => `${key} ${column} ${code}`

test('the bundled sample loads as its expected.json says: counts, rejected rows, warnings and sums', async () => {
  const { partner, shop, loadId } = expected
  const report = await load(path.join(fixture, 'imports', partner, shop, loadId))
  expect(report.status).toBe(expected.status)
  const found = (name: EntityName, severity: string) =>
    report.exceptions.filter((x) => x.entity === name && x.severity === severity && x.code !== 'unknown_column').map(finding).sort()
  for (const name of entityNames) {
    const { rows, accepted, rejected, superseded, identical, rejectedRows, warnings } = expected.entities[name]
    const counts = { records: rows, accepted, rejected, superseded, identical, inserted: accepted, updated: 0, unchanged: 0 }
    expect(report.entities[name], name).toMatchObject(counts)
    expect(found(name, 'error'), name).toEqual(rejectedRows.map(finding).sort())
    expect(found(name, 'warning'), name).toEqual(warnings.map(finding).sort())
  }
  for (const [measure, sum] of Object.entries(expected.totals)) {
    expect(report.money[measure as keyof typeof report.money], measure).toMatchObject({ accepted: sum, production: sum })
  }
  const ofFiles = report.exceptions.filter((x) => x.code === 'unknown_column').map(({ file, column, code }) => ({ file, column, code }))
  expect(ofFiles).toEqual(expected.fileWarnings)
})

test.each(['plain', 'uuid'] as const)('a dirty sample with %s keys loads as the generator foretold', async (keys) => {
  const sample = await writeSample(path.join(root, keys), { invoices: 500, seed: 11, dirty: 0.06, keys, shop: `dirty-${keys}` })
  const report = await load(sample.folder)
  const got = Object.fromEntries(entityNames.map((name) => {
    const { records, accepted, rejected } = report.entities[name]
    return [name, { rows: records, accepted, rejected }]
  })) as Record<EntityName, Outcome>
  expect(got).toEqual(sample.expected)
})
