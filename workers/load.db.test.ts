import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Ajv from 'ajv'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { reportSchema } from '#lib/ingest/report-schema.ts'
import type { Report } from '#lib/ingest/report.ts'
import { bundled } from '#lib/sample/bundled.ts'
import { runOnramp, type Ended } from './run-onramp.ts'

const { url, connection } = await testDatabase()
const root = mkdtempSync(path.join(tmpdir(), 'onramp-cli-'))
const isReport = new Ajv({ allowUnionTypes: true }).compile(reportSchema)

const onramp = (...args: string[]): Promise<Ended> => runOnramp(args, { DATABASE_URL: url, ONRAMP_DATA_DIR: path.join(root, 'data') })

function reportOf({ stdout }: Ended): Report {
  const report = JSON.parse(stdout) as Report
  expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true)
  return report
}

/** The bundled sample under a shop of its own. */
function sampleFor(shop: string): { folder: string; name: string } {
  const folder = path.join(root, 'imports', 'cli', shop, bundled.loadId)
  cpSync(path.join('fixtures/sample/imports', bundled.partner, bundled.shop, bundled.loadId), folder, { recursive: true })
  return { folder, name: `cli/${shop}/${bundled.loadId}` }
}

test('load prints one document on stdout, of the published schema, and ends with 2 for rejected rows', async () => {
  const { folder, name } = sampleFor('first')
  const loaded = await onramp('load', folder, '--json')
  const report = reportOf(loaded)
  expect(loaded.code).toBe(2)
  expect(report).toMatchObject({ partner: 'cli', shop: 'first', loadId: bundled.loadId, attempt: 1, dryRun: false, status: 'completed_with_exceptions', failure: null })
  expect(report.exceptionsTotal).toBe(report.exceptions.length)

  const again = await onramp('report', name, '--json')
  expect(again.code).toBe(0)
  expect(reportOf(again)).toEqual(report)
})

test('rerun and a second load of the same folder write nothing', async () => {
  const { folder, name } = sampleFor('again')
  await onramp('load', folder)
  for (const args of [['rerun', name, '--json'], ['load', folder, '--json']]) {
    const { entities } = reportOf(await onramp(...args))
    for (const counts of Object.values(entities)) expect(counts).toMatchObject({ inserted: 0, updated: 0, unchanged: counts.accepted })
  }
})

test('a dry run says what a load would do and leaves production as it was', async () => {
  const { folder } = sampleFor('dry')
  const dry = reportOf(await onramp('load', folder, '--dry-run', '--json'))
  const [[left]] = await connection.query<never[]>("select count(*) as n from invoice join shop on shop.id = invoice.shopId where shop.slug = 'dry'") as unknown as [[{ n: number }]]
  expect(left.n).toBe(0)
  const real = reportOf(await onramp('load', folder, '--json'))
  expect(dry.dryRun).toBe(true)
  expect({ ...dry, attempt: 0, dryRun: false, timings: {}, seconds: 0, rowsPerSecond: 0 }).toEqual({ ...real, attempt: 0, timings: {}, seconds: 0, rowsPerSecond: 0 })
})

test('Rule 15: a shop keeps its time zone, and --time-zone that says another is told so', async () => {
  const { folder } = sampleFor('zoned')
  expect((await onramp('load', folder, '--dry-run', '--time-zone', 'America/Chicago')).stderr).toBe('')
  const again = await onramp('load', folder, '--dry-run', '--json', '--time-zone', 'Europe/Berlin')
  expect(reportOf(again).failure).toBeNull()
  expect(again.stderr).toContain('Shop zoned keeps its time zone, America/Chicago')
})

test('a damaged file ends with 3, names every problem and writes nothing', async () => {
  const { folder } = sampleFor('damaged')
  for (const file of ['customers.csv', 'payments.csv']) writeFileSync(path.join(folder, file), `${readFileSync(path.join(folder, file), 'utf8')}x\n`)
  const loaded = await onramp('load', folder, '--json')
  expect(loaded.code).toBe(3)
  expect(reportOf(loaded).failure?.problems.map((p) => [p.file, p.code])).toEqual([
    ['customers.csv', 'sha256_differs'], ['customers.csv', 'rows_differ'], ['payments.csv', 'sha256_differs'], ['payments.csv', 'rows_differ']])
})

test('other bytes under a completed load id are refused with the differences, and the load stays completed', async () => {
  const { folder, name } = sampleFor('reused')
  await onramp('load', folder)
  writeFileSync(path.join(folder, 'suppliers.csv'), 'externalSupplierId,supplierName\nS-1,New\n')
  const refused = await onramp('load', folder, '--json')
  expect(refused.code).toBe(3)
  expect(reportOf(await onramp('load', folder, '--dry-run', '--json'))).toMatchObject({ dryRun: true, failure: { code: 'load_id_reused' } })
  expect(reportOf(refused).failure).toMatchObject({ code: 'load_id_reused', problems: [{ file: 'suppliers.csv', code: 'load_id_reused' }] })
  expect(reportOf(await onramp('rerun', name, '--json')).status).toBe('completed_with_exceptions')
})

test('what cannot be loaded ends with 1 and a sentence, and nothing on stdout unless JSON is asked for', async () => {
  const none = path.join(root, 'imports/cli/none/none')
  for (const [args, sentence, named] of [
    [['load', none], 'There is no folder', ['cli', 'none', 'none']],
    [['load', none, '--time-zone', '+05:00'], 'no time zone', ['cli', 'none', 'none']],
    [['load', none, '--dryrun', '--shop', '0007'], "Unknown option '--dryrun'", ['cli', '0007', 'none']],
    [['load', root], 'Name them with --partner and --shop', ['', '', path.basename(root)]],
    [['load'], 'load needs an argument', ['', '', '']],
    [['rerun', 'cli/none/none'], 'There is no load', ['cli', 'none', 'none']],
    [['report', 'none'], 'is no load', ['', '', '']],
  ] as const) {
    const [ended, asked] = await Promise.all([onramp(...args), onramp(...args, '--json')])
    expect(ended, args.join(' ')).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(sentence)
    expect(ended.stderr).not.toContain('    at ')
    expect(asked).toMatchObject({ code: 1, stderr: ended.stderr })
    const report = reportOf(asked)
    expect([report.partner, report.shop, report.loadId], args.join(' ')).toEqual(named)
    expect(report).toMatchObject({ attempt: 0, status: 'failed', failure: { code: 'not_run', message: ended.stderr.trim(), problems: [] } })
  }
})

test('where the database is away, JSON says so, without its address', async () => {
  const ended = await runOnramp(['report', 'cli/first/x', '--json'], { DATABASE_URL: 'mysql://root:geheim@127.0.0.1:1/onramp', ONRAMP_DATA_DIR: path.join(root, 'data') })
  expect(ended.code).toBe(1)
  expect(reportOf(ended)).toMatchObject({ partner: 'cli', shop: 'first', loadId: 'x', attempt: 0, status: 'failed', failure: { problems: [] } })
  expect(ended.stdout).not.toContain('geheim')
})

test('Rule 1: ids are named byte for byte: a blank behind one names another', async () => {
  const { folder, name } = sampleFor('7')
  await onramp('load', folder, '--dry-run')
  expect((await onramp('report', name)).code).toBe(0)
  for (const other of [name.replace('/7/', '/7 /'), name.replace('cli/', 'cli /'), `${name} `, name.replace('cli/', 'CLI/')]) {
    expect(await onramp('report', other), other).toMatchObject({ code: 1, stdout: '' })
  }
})
