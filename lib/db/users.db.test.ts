import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendAudit } from '#lib/audit/append.ts'
import type { AuditEntry } from '#lib/audit/event.ts'
import { stagingSchema } from '#lib/config.ts'
import { entityNames } from '#lib/contract/index.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { makeSpares } from '#lib/ingest/sql/spares.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { testInstallation, type PackageFiles } from '#lib/jobs/testing.ts'
import { newPassword, tablesOf, urlAs, userStatements, type DatabaseRole, type DatabaseUser } from './users.ts'

const { connection, url, runner, newShop } = await testInstallation('users')
const schemas = { main: new URL(url).pathname.slice(1), staging: stagingSchema(url) }
// Named for this run: users are the server's.
const made = (role: DatabaseRole): DatabaseUser => ({ name: `t${process.pid}_${role}`, host: '%', password: newPassword() })
const users = { portal: made('portal'), worker: made('worker') }
const as = {} as Record<DatabaseRole, Connection>

beforeAll(async () => {
  const tables = await tablesOf(connection, schemas.main)
  for (const role of ['portal', 'worker'] as const) {
    for (const statement of userStatements(role, users[role], schemas, tables)) await connection.query(statement)
    as[role] = await connect(urlAs(url, users[role]))
  }
  await runner.db.end()
  Object.assign(runner, { url: urlAs(url, users.worker), db: pool(urlAs(url, users.worker), 8) })
})
afterAll(async () => {
  for (const role of ['portal', 'worker'] as const) {
    await as[role].end()
    await connection.query(`drop user '${users[role].name}'@'%'`)
  }
})

const DENIED = /denied/
const entry: AuditEntry = { user: null, actor: 'cli', action: 'load_sent', objectType: 'load', objectId: '1' }

test('the worker’s user runs loads and reruns from beginning to end', async () => {
  const shop = newShop()
  const files: PackageFiles = { customer: [{ externalCustomerId: 'C1' }, { externalCustomerId: 'C2', defaultLaborRate: 'x' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '1.00' }] }
  expect((await shop.load(files, { dryRun: true })).report.entities.invoice).toMatchObject({ inserted: 1 })
  expect(await shop.counts()).toMatchObject({ customer: 0, invoice: 0 })
  await makeSpares(runner.db, runner.stagingSchema, () => true)
  const { report, folder } = await shop.load(files)
  expect(report.status).toBe('completed_with_exceptions')
  expect((await shop.loadFolder(folder)).report.entities.invoice).toMatchObject({ inserted: 0, unchanged: 1 })
  expect((await shop.load({ ...files, invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '2.00' }] }, { dryRun: true })).report.entities.invoice.updated).toBe(1)
})

describe.each(['portal', 'worker'] as const)('the %s’s user', (role) => {
  test('writes events and can neither change nor delete one', async () => {
    await appendAudit(as[role], entry)
    await connection.query("insert ignore into `user` (id, email, name, role) values (1, 'a@example.com', 'A', 'viewer')")
    await appendAudit(as[role], { ...entry, user: { id: 1, email: 'a@example.com' } })
    const { n } = (await row<{ n: number }>(connection, sql`select count(*) as n from audit_event`))!
    for (const statement of ["update audit_event set actor = 'x'", 'delete from audit_event', 'truncate table audit_event', 'drop table audit_event', 'delete from audit_chain', "insert into audit_chain (id, number, hash) values (2, 0, 'x')", 'alter table audit_event drop column hash', 'replace into audit_event (id, actor, action, objectType, objectId) values (1, 1, 1, 1, 1)']) {
      await expect(as[role].query(statement), statement).rejects.toThrow(DENIED)
    }
    expect(await row(connection, sql`select count(*) as n from audit_event`)).toEqual({ n })
  })

  test('makes no tables, users, triggers or files, and reads no other database', async () => {
    for (const statement of ['create table mine (a int)', 'create user x', 'create trigger t before insert on partner for each row set @a = 1', 'create view v as select 1', "select * from partner into outfile 'onramp-x'", 'select * from mysql.user', 'alter table partner add column x int', 'create database onramp_other']) {
      await expect(as[role].query(statement), statement).rejects.toThrow(/denied|privilege/)
    }
  })
})

test('the portal’s user reads production and what loads did, and writes neither', async () => {
  for (const table of [...entityNames, ...entityNames.map((name) => `crosswalk_${name}`), 'attempt', 'ledger_line', 'money_line', 'load_exception', 'row_change', 'staged_file']) {
    await as.portal.query(`select * from ${table} limit 1`)
    await expect(as.portal.query(`delete from ${table}`), table).rejects.toThrow(DENIED)
    await expect(as.portal.query(`insert into ${table} values ()`), table).rejects.toThrow(DENIED)
  }
  await as.portal.query("insert into partner (slug, name) values ('of-portal', 'P')")
  await expect(as.portal.query(`create table ${schemas.staging}.l1 (a int)`)).rejects.toThrow(DENIED)
})

test('the worker’s user makes staging tables, reads accounts for their e-mail, and sees no session or link', async () => {
  await as.worker.query(`create table ${schemas.staging}.t1 (a int)`)
  await as.worker.query(`drop table ${schemas.staging}.t1`)
  await as.worker.query('select email from `user` limit 1')
  await expect(as.worker.query("update `user` set role = 'admin'")).rejects.toThrow(DENIED)
  for (const table of ['session', 'invitation', 'login_limit']) await expect(as.worker.query(`select * from ${table}`), table).rejects.toThrow(DENIED)
})
