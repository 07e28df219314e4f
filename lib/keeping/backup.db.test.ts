import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { stagingSchema } from '#lib/config.ts'
import { unmadeDatabase } from '#lib/db/testing.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { ident, row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { canonicalDump } from '#lib/jobs/canon.ts'
import { testInstallation, type PackageFiles, type TestShop } from '#lib/jobs/testing.ts'
import { createNativeInvoices } from '#lib/sample/native.ts'
import { DiskStore } from '#lib/store/disk.ts'
import { runOnramp } from '#workers/run-onramp.ts'
import { readBackup } from './backup-folder.ts'
import { reconcileBooks } from './books.ts'
import { importDump } from './server-tools.ts'

const { newShop, runner, connection, url, dataDir } = await testInstallation('backup')
// The key lies in the data folder, as in an installation that was given none.
writeFileSync(path.join(dataDir, 'audit-key'), `${process.env.ONRAMP_AUDIT_KEY}\n`, { mode: 0o600 })
const live = { DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_AUDIT_KEY: '' }
const otherDir = path.join(dataDir, 'other-machine')
const otherUrl = unmadeDatabase('backup_other')
const other = { ...live, DATABASE_URL: otherUrl, ONRAMP_DATA_DIR: otherDir }
const backup = path.join(dataDir, 'backup')

const odd = 'Zoë 😀 \\N \\ \' " \t\r\n\u2028'
const files = (total: string, more: readonly Record<string, string>[] = []): PackageFiles => ({
  customer: [{ externalCustomerId: 'C1', firstName: odd }, { externalCustomerId: 'Ç2', defaultLaborRate: 'x' }, ...more],
  invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total }, { externalDocumentId: 'I2', externalCustomerId: 'Ç2', total: '5.00' }],
  supplier: [{ externalSupplierId: 'S1', supplierName: odd }],
})
const shopId = async ({ shop }: TestShop) => (await row<{ id: number }>(connection, sql`select id from shop where slug = ${shop}`))!.id
const filesOf = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))

const [one, busy] = [newShop(), newShop()]
let id: number
let before: string
let told: Awaited<ReturnType<typeof runOnramp>>

beforeAll(async () => {
  await one.load(files('10.00'))
  await one.load(files('12.50', [{ externalCustomerId: 'C3' }]))
  await busy.load(files('1.00'))
  id = await shopId(one)
  await createNativeInvoices(connection, id, 2, 1)
  before = await canonicalDump(connection, id)
  // Of somebody who was signed in, and of a link that may be used or revoked before the backup is.
  const { user } = await signedIn(connection, 'support')
  await run(connection, sql`insert into invitation (userId, tokenHash, expiresAt) values (${user.id}, ${'0'.repeat(64)}, now(3) + interval 1 day)`)
  // Somebody was killed who waited with a migration of a later version.
  await run(connection, sql`insert into _prisma_migrations (id, checksum, migration_name, logs) values ('x', 'x', '29990101000000_later', 'announced')`)
  // Somebody else's load ends while the backup is made.
  ;[told] = await Promise.all([runOnramp(['backup', backup], live), (async () => { for (let i = 0; i < 6; i++) await busy.load(files(`${i}.00`)) })()])
})

describe('a backup', () => {
  test('says what it holds, reconciles to the ledger, and is in the audit trail', async () => {
    expect(told, told.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Production reconciles to the ledger.') })
    const { audit, files } = await readBackup(backup)
    expect(files.map((file) => file.path)).toEqual(expect.arrayContaining(['database.sql.gz', 'audit-key', 'staging/0001.sql.gz', 'store/loads/1/1/customers.csv']))
    expect(await row(connection, sql`select json_value(detail, '$.throughEvent') as through from audit_event where action = 'backup_made'`)).toEqual({ through: audit.number })
  })

  test('can be read by its owner only, and does not take the place of another', async () => {
    for (const file of filesOf(backup)) expect(statSync(file).mode & 0o077, file).toBe(0)
    expect(statSync(backup).mode & 0o077).toBe(0)
    expect(await runOnramp(['backup', backup], live)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
  })

  test('of which one byte is another, or which was cut short, is refused by the name of the file', async () => {
    const file = path.join(backup, 'database.sql.gz')
    const bytes = readFileSync(file)
    chmodSync(file, 0o600)
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 500), Buffer.from([bytes[500]! ^ 1]), bytes.subarray(501)]))
    await expect(readBackup(backup)).rejects.toThrow('damaged; nothing was restored. Not what was written: database.sql.gz')
    writeFileSync(file, bytes)
    renameSync(path.join(backup, 'backup.json'), path.join(backup, 'gone'))
    await expect(readBackup(backup)).rejects.toThrow('cut short')
    renameSync(path.join(backup, 'gone'), path.join(backup, 'backup.json'))
    await readBackup(backup)
  })
})

test('a dump runs statements alone: it can have the client run no program, and send no file', async () => {
  const [made, sent] = [path.join(dataDir, 'made-by-a-dump'), path.join(dataDir, 'audit-key')]
  for (const line of [`\\! touch ${made}`, `select 1; system touch ${made}`, `create table taken (line text); load data local infile '${sent}' into table taken;`]) {
    await expect(importDump(url, stagingSchema(url), Readable.from([`${line}\n`])), line).rejects.toThrow(/failed \(/)
  }
  expect(existsSync(made)).toBe(false)
  expect(await rows(connection, sql`select * from ${ident(stagingSchema(url), 'taken')}`)).toEqual([])
  await run(connection, sql`drop table ${ident(stagingSchema(url), 'taken')}`)
})

describe('a restore', () => {
  test('leaves a database that is not Onramp’s alone', async () => {
    const server = await connect(new URL('/', otherUrl).href)
    await server.query(`create database \`${new URL(otherUrl).pathname.slice(1)}\``)
    await server.end()
    const theirs = await connect(otherUrl)
    await theirs.query('create table customer (name text)')
    await theirs.query("insert into customer values ('theirs')")
    expect(await runOnramp(['restore', backup], other)).toMatchObject({ code: 1, stderr: expect.stringContaining('holds tables that are not Onramp’s') })
    expect((await theirs.query('select name from customer'))[0]).toEqual([{ name: 'theirs' }])
    // What a restore that was cut short leaves: its marker, and some of the tables.
    await theirs.query('create table onramp_restore (begun datetime(3))')
    await theirs.query('create table audit_event (id int)')
    await theirs.query('insert into audit_event values (1)')
    // And a start of Onramp on them, which failed.
    await theirs.query('create table _prisma_migrations (id varchar(36), finished_at datetime(3))')
    await theirs.query("insert into _prisma_migrations values ('1', null)")
    await theirs.end()
  })

  test('makes the same books, reconciled to the ledger, and then goes on like the live one', async () => {
    mkdirSync(path.join(otherDir, 'store/loads/9'), { recursive: true })
    writeFileSync(path.join(otherDir, 'store/loads/9/left.csv'), 'of the restore that was cut short')
    const restored = await runOnramp(['restore', backup], other)
    expect(restored, restored.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('production reconciles to the ledger of 2 shops') })
    expect(restored.stdout).toContain('The audit trail is whole')

    const there = await connect(otherUrl)
    expect(await canonicalDump(there, id)).toBe(before)
    for (const table of ['session', 'invitation']) {
      expect(await rows(connection, sql`select 1 from ${ident(table)}`)).toHaveLength(1)
      expect(await rows(there, sql`select 1 from ${ident(table)}`)).toEqual([])
    }
    // Of the load that ran meanwhile there is the whole or nothing.
    const { complaints } = await reconcileBooks(there)
    expect(complaints).toEqual([])
    const kept = await rows<{ storeKey: string; sha256: string }>(there, sql`select storeKey, sha256 from load_file where storeKey like 'loads/1/%'`)
    expect(kept).toHaveLength(8)
    const store = new DiskStore(path.join(otherDir, 'store'))
    for (const { storeKey } of kept) expect(await buffer(store.open(storeKey))).toEqual(await buffer(runner.store.open(storeKey)))
    const stagedTables = (from: typeof there, at: string) => rows(from, sql`select table_name from information_schema.tables where table_schema = ${stagingSchema(at)} and table_name like 'l1\\_%' order by table_name`)
    const staged = await stagedTables(there, otherUrl)
    expect(staged.length).toBeGreaterThanOrEqual(14)
    expect(staged).toEqual(await stagedTables(connection, url))
    expect(statSync(path.join(otherDir, 'audit-key')).mode & 0o777).toBe(0o600)

    // A later load, sent to both.
    const { folder } = await one.load(files('99.00', [{ externalCustomerId: 'C4' }]))
    const args = ['load', folder, '--partner', one.partner, '--shop', one.shop]
    expect((await runOnramp(args, other)).code).toBe(2)
    expect(await canonicalDump(there, id)).toBe(await canonicalDump(connection, id))
    expect(await canonicalDump(there, id)).not.toBe(before)
    await there.end()
  })

  test('is refused where an installation is in use', async () => {
    expect(await runOnramp(['restore', backup], other)).toMatchObject({ code: 1, stderr: expect.stringContaining('This installation is in use') })
    // What a restore leaves that was killed when all was there.
    const there = await connect(otherUrl)
    await there.query('create table onramp_restore (begun datetime(3) not null primary key)')
    expect(await runOnramp(['restore', backup], other)).toMatchObject({ code: 1, stderr: expect.stringContaining('This installation is in use') })
    expect((await row<{ n: number }>(there, sql`select count(*) as n from partner`))!.n).toBeGreaterThan(0)
    await there.query('drop table onramp_restore')
    await there.end()
  })
})

test('books that are not what the ledger says are told by shop and entity', async () => {
  await connection.beginTransaction()
  const name = `${one.partner}/${one.shop}`
  const [{ sum }] = await rows<{ sum: string }>(connection, sql`select sum(total) as sum from invoice where shopId = ${id} and importedLoadId is not null`) as [{ sum: string }]
  await run(connection, sql`update invoice set total = total + 1 where shopId = ${id} and externalDocumentId = 'I1'`)
  expect((await reconcileBooks(connection)).complaints).toEqual([`invoice.total of shop ${name}: the last load noted ${sum}, ${(Number(sum) + 1).toFixed(2)} is there`])
  // The shop itself may change its rows.
  await run(connection, sql`update invoice set updatedAt = now(3) + interval 1 second where shopId = ${id} and externalDocumentId = 'I1'`)
  expect((await reconcileBooks(connection)).complaints).toEqual([])
  await run(connection, sql`delete from supplier where shopId = ${id}`)
  expect((await reconcileBooks(connection)).complaints).toEqual([`supplier of shop ${name}: loads inserted 1 rows, 0 are there`, `supplier of shop ${name}: 1 keys lead to no row`])
  await connection.rollback()
})
