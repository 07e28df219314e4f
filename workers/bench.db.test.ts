import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cornerNames } from '#lib/bench/corners.ts'
import { caseNames } from '#lib/bench/cases.ts'
import type { CornersResult, LoadsResult } from '#lib/bench/result.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import { runOnramp } from './run-onramp.ts'

const { url, connection } = await testDatabase()
const root = mkdtempSync(path.join(tmpdir(), 'onramp-bench-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const bench = (...args: string[]) => runOnramp(['bench', ...args, '--quick', '--url', url, '--json', '-'], { ONRAMP_DATA_DIR: root, DATABASE_URL: '' })

test('every case is measured and every target judged, as JSON, and nothing is left behind', async () => {
  const { code, stdout, stderr } = await bench('--invoices', '150', '--sizes', '300')
  expect(stderr).toContain('first load')
  expect(code).toBe(0)
  const { cases, sizes, alternatives, targets, machine, server } = JSON.parse(stdout) as LoadsResult
  expect(machine.cores).toBeGreaterThan(0)
  expect(server.version).toMatch(/^\d+\.\d+/)

  expect(cases.map((one) => one.name)).toEqual(caseNames)
  for (const one of cases) {
    const [run] = one.runs
    expect(run!.seconds, one.name).toBeGreaterThan(0)
    expect(run!.commandSeconds, one.name).toBeGreaterThan(run!.seconds)
    expect(run!.timesRaw, one.name).toBeCloseTo(run!.seconds / run!.rawSeconds)
    expect(run!.nodeCpuSeconds, one.name).toBeGreaterThan(0.1)
    expect(run!.nodePeakBytes, one.name).toBeGreaterThan(50e6)
    expect(Object.keys(one.steps), one.name).toEqual(['package', 'stage', 'validate', 'match', 'write', 'reconcile', 'publish'])
  }
  const of = (name: string) => cases.find((one) => one.name === name)!.runs[0]!
  const { rows: all } = cases[0]!
  expect(Object.fromEntries(cases.map((one) => [one.name, one.runs[0]!.productionRows]))).toMatchObject({ first: all, rerun: 0, same: 0, dry: 0, uuid: all })
  expect(of('changed').productionRows).toBeGreaterThan(0)
  expect(of('changed').productionRows).toBeLessThan(all * 0.03)
  expect(of('dirty')).toMatchObject({ status: 'completed_with_exceptions', productionRows: cases.find((one) => one.name === 'dirty')!.rows - of('dirty').rejected })

  expect(sizes.map((size) => Math.round(size.lineItems / 300))).toEqual([1])
  expect(alternatives.map((one) => one.name)).toEqual(['rowByRow', 'rowByRowAtOnce', 'prisma', 'multiRow'])
  expect(targets.filter((target) => target.holds === null)).toEqual([])

  const left = await rows<{ name: string }>(connection, sql`
    select schema_name as name from information_schema.schemata where schema_name like 'onramp\\_bench\\_%'`)
  // Another run may be going on beside this one.
  expect(left.filter(({ name }) => !existsSync(`/proc/${name.split('_')[2]}`))).toEqual([])
  expect(readdirSync(path.join(root, 'bench'))).toEqual(['samples'])
})

test('what there is not to measure is named, and nothing runs', async () => {
  expect(await bench('--only', 'first,second')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"second"') as string })
  expect(await bench('corner')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('bench knows loads, corners') as string })
})

test('a corner is judged against a usual shop', async () => {
  const { code, stdout } = await bench('corners', '--only', 'chain', '--invoices', '100')
  expect(code).toBe(0)
  const { corners: [corner], targets } = JSON.parse(stdout) as CornersResult
  expect(cornerNames).toContain(corner!.name)
  expect(corner!.times).toBeGreaterThan(0)
  expect(targets.map((target) => typeof target.holds)).toEqual(['boolean', 'boolean'])
})
