import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import { testInstallation, type Loaded } from './testing.ts'

const { newShop } = await testInstallation()

type Finding = { key: string | null; column: string | null; reason?: string; code?: string }
type ExpectedEntity = { rows: number; accepted: number; rejected: number; superseded: number; identical?: number; identicalDuplicates?: number; rejectedRows: Finding[]; warnings: Finding[] }
type Expected = {
  partner: string; shop: string; loadId: string; status: string; entities: Record<EntityName, ExpectedEntity>
  totals: Record<string, string>; fileWarnings?: { file: string; column: string }[]
}

// The sample that comes with the project, and those that lie beside the checkout where the work is done.
const root = path.resolve(import.meta.dirname, '../..')
const shared = path.resolve(root, '../shared/samples')
const samples = [path.join(root, 'fixtures/sample'), ...(existsSync(shared) ? readdirSync(shared).map((name) => path.join(shared, name)) : [])].filter((folder) => existsSync(path.join(folder, 'expected.json')))

// Words of the shared samples for our codes; what their README does not list is left out of the comparison.
const REASONS: Record<string, string> = { parent_missing: 'parent_not_found', parent_rejected: 'parent_not_found' }
const OPTIONAL: Record<string, string> = { parent_missing: 'optional_parent_not_found' }
const MEASURES: Record<string, string> = { invoiceTotal: 'invoice.total', paymentAmount: 'payment.paymentAmount', lineItemTotal: 'line_item.total' }
const FORM_ONLY = new Set(['invalid_phone', 'invalid_email', 'invalid_vin'])

function compare({ report }: Loaded, expected: Expected, ours: boolean): void {
  expect(report.status).toBe(expected.status)
  const findings = (entity: EntityName, severity: string, words: Record<string, string>) => [...new Set(report.exceptions
    .filter((x) => x.entity === entity && x.severity === severity && x.record !== null && (ours || !FORM_ONLY.has(x.code)))
    .map((x) => `${x.key} ${x.column} ${ours ? x.code : (words[x.code] ?? x.code)}`))].sort()
  const listed = (found: Finding[]) => [...new Set(found.map((f) => `${f.key} ${f.column} ${f.code ?? f.reason}`))].sort()
  for (const entity of entityNames) {
    const { rows, accepted, rejected, superseded, identical, identicalDuplicates, rejectedRows, warnings } = expected.entities[entity]
    expect(report.entities[entity], entity).toMatchObject({ manifest: rows, records: rows, staged: rows, accepted, rejected, superseded, identical: identical ?? identicalDuplicates })
    expect(findings(entity, 'error', REASONS), entity).toEqual(listed(rejectedRows))
    expect(findings(entity, 'warning', OPTIONAL), entity).toEqual(listed(warnings))
  }
  for (const [measure, total] of Object.entries(expected.totals)) {
    expect(report.money[(MEASURES[measure] ?? measure) as keyof typeof report.money], measure).toMatchObject({ accepted: total, production: total })
  }
  expect(report.exceptions.filter((x) => x.record === null).map(({ file, column }) => ({ file, column }))).toEqual((expected.fileWarnings ?? []).map(({ file, column }) => ({ file, column })))
}

test.each(samples.map((folder) => [path.relative(root, folder), folder]))('%s gives exactly what is expected of it, tried out before, loaded, and loaded again with nothing new', { timeout: 120_000 }, async (_, folder) => {
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected
  const ours = folder.startsWith(path.join(root, 'fixtures'))
  const shop = newShop({ shop: expected.shop })
  const delivery = path.join(folder, 'imports', expected.partner, expected.shop, expected.loadId)
  const tried = await shop.loadFolder(delivery, { dryRun: true })
  expect(new Set(Object.values(await shop.counts()))).toEqual(new Set([0]))
  const first = await shop.loadFolder(delivery)
  compare(first, expected, ours)
  for (const part of ['status', 'entities', 'money', 'exceptions'] as const) expect(tried.report[part], part).toEqual(first.report[part])
  for (const entity of entityNames) {
    const { accepted } = expected.entities[entity]
    expect(first.report.entities[entity]).toMatchObject({ inserted: accepted, updated: 0, unchanged: 0 })
    expect(new Set((await shop.byKey(entity)).keys()).size).toBe(accepted)
  }
  const counts = await shop.counts()
  const again = await shop.loadFolder(delivery)
  compare(again, expected, ours)
  for (const entity of entityNames) expect(again.report.entities[entity]).toMatchObject({ inserted: 0, updated: 0, unchanged: expected.entities[entity].accepted })
  expect(again.report.exceptions).toEqual(first.report.exceptions)
  expect(await shop.counts()).toEqual(counts)
})
