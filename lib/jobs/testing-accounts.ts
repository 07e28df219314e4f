import { expect } from 'vitest'
import { Fault, checkOf } from '#lib/contract/column-types.ts'
import { entityNames, entityOf, moneyMeasures, type EntityName } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { ident, join, parsed, raw, row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { suffixed } from '#lib/ingest/steps/stage.ts'
import { toCents } from '#lib/ingest/steps/sums.ts'
import type { JobRunner } from './run-job.ts'
import type { Loaded, TestInstallation, TestShop } from './testing.ts'

/**
 * Whatever was sent to a shop that had nothing: every record of its load is accounted for, money to the cent, and production holds what
 * was accepted or nothing at all.
 */
export async function accountedFor({ runner, stagingTables }: TestInstallation, shop: TestShop, { report, loadId }: Pick<Loaded, 'report' | 'loadId'>): Promise<void> {
  const counts = await shop.counts()
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12)
  if (report.status === 'failed_validation') {
    expect(report.failure!.problems.length).toBeGreaterThan(0)
    expect(await stagingTables(loadId)).toEqual([])
    for (const name of entityNames) expect(counts[name]).toBe(0)
    return
  }
  expect(report.failure).toBeNull()
  expect(['completed', 'completed_with_exceptions']).toContain(report.status)
  for (const name of entityNames) {
    recordsAddUp(report, name)
    expect(counts[name]).toBe(report.entities[name].accepted)
  }
  for (const x of report.exceptions) expect(x.message).not.toMatch(/undefined|NaN|\[object/)
  for (const { entity, column } of moneyMeasures) {
    const { file, accepted, production } = report.money[`${entity}.${column}` as keyof Report['money']]
    const name = `${entity}.${column}`
    const inProduction = (await shop.rows(entity)).reduce((sum, one) => sum + toCents(one[column] ?? 0), 0n)
    expect(toCents(accepted), name).toBe(inProduction)
    expect(toCents(production), name).toBe(inProduction)
    expect(toCents(file), name).toBe(inProduction + await leftOut(runner, loadId, entity, column))
  }
}

function recordsAddUp(report: Report, name: EntityName): void {
  const c = report.entities[name]
  expect(c.manifest).toBe(c.records)
  expect(c.records).toBe(c.staged)
  expect(c.records).toBe(c.accepted + c.rejected + c.superseded + c.identical)
  expect(c.accepted).toBe(c.inserted + c.updated + c.unchanged)
  const of = report.exceptions.filter((x) => x.entity === name && x.record !== null)
  const rejected = new Set(of.filter((x) => x.severity === 'error').map((x) => x.record))
  expect(rejected.size).toBe(c.rejected)
  expect(of.filter((x) => x.code === 'duplicate_key')).toHaveLength(c.superseded)
  for (const x of of.filter((w) => w.severity === 'warning')) expect(rejected.has(x.record)).toBe(false)
}

/** What the amounts of those records come to that did not get into production, in cents: their texts, read as the contract says. */
async function leftOut(runner: JobRunner, loadId: number, entity: EntityName, column: string): Promise<bigint> {
  const staged = await row<{ tableName: string; columns: string | { column: string | null; staging: string; own: boolean }[] }>(runner.db, sql`
    select tableName, \`columns\` from staged_file where loadId = ${loadId} and entity = ${entity} order by id desc limit 1`)
  const found = parsed(staged!.columns).find((one) => one.column === column)
  if (!found) return 0n
  const table = ident(runner.stagingSchema, staged!.tableName)
  const texts = await rows<{ text: string | null }>(runner.db, sql`
    select staged.${ident(found.staging)} as text from ${table} staged left join ${suffixed(runner.stagingSchema, staged!.tableName, 'work')} work on work._record = staged._record
    where staged._verdict <> 0 or work.action in (${join(['rejected', 'superseded', 'identical'].map((action) => raw(`'${action}'`)))})`)
  const check = checkOf(entityOf(entity).columns[column]!, { timeZone: 'America/New_York', currentYear: new Date().getUTCFullYear() })
  return texts.reduce((sum, { text }) => {
    const read = text === null ? null : check(text)
    const value = read instanceof Fault ? read.stored : read
    return value === null ? sum : sum + toCents(value)
  }, 0n)
}
