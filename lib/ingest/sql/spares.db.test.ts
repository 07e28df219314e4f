import { afterEach, expect, test } from 'vitest'
import { entities, entityNames } from '#lib/contract/index.ts'
import { enqueue } from '#lib/jobs/queue.ts'
import { runHere } from '#lib/jobs/run-here.ts'
import { testInstallation, type PackageFiles } from '#lib/jobs/testing.ts'
import { work } from '#lib/jobs/worker.ts'
import { serverOf } from './server.ts'
import { dropStaleSpares, isSpare, makeSpares } from './spares.ts'
import { ident, row, rows, run, sql } from './sql.ts'

const { newShop, runner, connection, stagingTables } = await testInstallation('spares')
const { db, stagingSchema: schema } = runner
const server = await serverOf(connection)
const always = () => true

const tables = async () => (await rows<{ name: string }>(connection, sql`select table_name as name from information_schema.tables where table_schema = ${schema} order by table_name`)).map(({ name }) => name)
const spares = async () => (await tables()).filter(isSpare)
const numbered = async (number: number) => (await spares()).filter((name) => new RegExp(`_${number}(_work)?$`).test(name))
const ALL = entityNames.length * 2 * 2

afterEach(async () => {
  for (const name of await spares()) await run(connection, sql`drop table ${ident(schema, name)}`)
})

const files: PackageFiles = {
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }, { externalCustomerId: 'C2', defaultLaborRate: '$5' }],
  vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1' }],
  invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: 'V1', total: '5.00' }, { externalDocumentId: 'I2', externalCustomerId: 'nobody' }],
  line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', externalParentDatalineId: 'L2' }, { externalDatalineId: 'L2', externalDocumentId: 'I1' }],
  inventory_part: [{ externalPartId: 'P1', partNumber: 'a' }, { externalPartId: 'P1', partNumber: 'b' }],
}

/** What a report says, but for the ids and times that differ from load to load. */
async function outcome(options: { again?: boolean } = {}) {
  const shop = newShop()
  const first = await shop.load(files)
  const { report, loadId } = options.again ? await shop.loadFolder(first.folder) : first
  const { status, entities: counts, money, exceptions } = report
  return { loadId, told: { status, counts, money, exceptions: exceptions.map(({ entity, key, code }) => [entity, key, code]) } }
}

test('a load takes the tables that are ready and ends as with tables of its own, and what it took is made again', async () => {
  const without = await outcome()
  await makeSpares(db, schema, always)
  expect(await spares()).toHaveLength(ALL)
  const taken = await outcome()
  expect(await numbered(1)).toEqual([])
  expect(await numbered(2)).toHaveLength(ALL / 2)
  expect(taken.told).toEqual(without.told)
  const named = async ({ loadId }: { loadId: number }) => (await stagingTables(loadId)).map((name) => name.replace(`l${loadId}_`, ''))
  expect(await named(taken)).toEqual(await named(without))
  for (const e of entities) {
    const columns = ({ loadId }: { loadId: number }, suffix = '') => rows(connection, sql`select column_name as name, column_type as type from information_schema.columns
      where table_schema = ${schema} and table_name = ${`l${loadId}_1_${e.name}${suffix}`} order by ordinal_position`)
    for (const suffix of ['', '_work']) expect(await columns(taken, suffix)).toEqual(await columns(without, suffix))
  }
  await makeSpares(db, schema, always)
  expect(await spares()).toHaveLength(ALL)
})

test('two loads take one each, a third makes its own', async () => {
  await makeSpares(db, schema, always)
  const all = [await outcome(), await outcome(), await outcome({ again: true })]
  expect(await spares()).toEqual([])
  expect(all[0]!.told).toEqual(all[1]!.told)
  expect(all[2]!.told.status).toBe(all[0]!.told.status)
})

test('what is ready is empty and has grown as far as a table grows page by page, and no further', async () => {
  await makeSpares(db, schema, always)
  const view = ident('information_schema', server.name === 'mariadb' ? 'innodb_sys_tablespaces' : 'innodb_tablespaces')
  const size = async (name: string) => Number((await row<{ bytes: string }>(connection, sql`select file_size as bytes from ${view} where name = ${`${schema}/${name}`}`))!.bytes)
  for (const name of (await spares()).filter((table) => !table.endsWith('_work'))) {
    expect((await row<{ n: number }>(connection, sql`select count(*) as n from ${ident(schema, name)}`))!.n, name).toBe(0)
    expect(await size(name), name).toBeGreaterThanOrEqual(2 ** 19)
    expect(await size(name), name).toBeLessThan(2 ** 20)
  }
  // What a table has that was made just now.
  expect(await size((await spares()).find((table) => table.endsWith('_work'))!)).toBeLessThan(2 ** 18)
})

test('a file with columns that the contract does not know gets a table of its own', async () => {
  await makeSpares(db, schema, always)
  const { loadId, report } = await newShop().load({ customer: [{ externalCustomerId: 'C1', Remark: 'old' }], supplier: [{ externalSupplierId: 'S1', supplierName: 'A' }] })
  expect(report.failure).toBeNull()
  expect((await numbered(1)).map((name) => /^spare_([a-z_]+)_[0-9a-f]{12}/.exec(name)![1])).toEqual(['customer', 'customer'])
  expect(await row(connection, sql`select Remark from ${ident(schema, `l${loadId}_1_customer`)}`)).toEqual({ Remark: 'old' })
})

test('a file that lacks columns of the contract, or has them in another order, takes what is ready', async () => {
  await makeSpares(db, schema, always)
  const shop = newShop()
  await shop.load({ supplier: [{ supplierName: 'A', externalSupplierId: 'S1' }] })
  expect(await numbered(1)).toEqual([])
  expect(await shop.rows('supplier')).toMatchObject([{ externalSupplierId: 'S1', supplierName: 'A', city: null }])
})

test('tables that an earlier try of the same attempt has left give way', async () => {
  await makeSpares(db, schema, always)
  const shop = newShop()
  const loadId = await shop.deliver(shop.write(files))
  for (const name of ['customer', 'customer_work', 'invoice']) await run(connection, sql`create table ${ident(schema, `l${loadId}_1_${name}`)} (a int)`)
  await runHere(runner, loadId, { userId: null, via: 'cli', dryRun: false })
  expect((await shop.rows('customer')).map((found) => found.externalCustomerId)).toEqual(['C1', 'C2'])
  expect(await numbered(1)).toEqual([])
})

test('half a spare is made anew, and none is made when there is something else to do', async () => {
  await makeSpares(db, schema, () => false)
  expect(await spares()).toEqual([])
  await makeSpares(db, schema, always)
  const [half] = await numbered(2)
  await run(connection, sql`drop table ${ident(schema, `${half}_work`)}`)
  await run(connection, sql`insert into ${ident(schema, half!)} (_record, _line, _verdict, _differs) values (1, 1, 0, 0)`)
  await makeSpares(db, schema, always)
  expect(await spares()).toHaveLength(ALL)
  expect(await rows(connection, sql`select 1 from ${ident(schema, half!)}`)).toEqual([])
})

test('one process at a time makes spares', async () => {
  const lock = sql`concat('onramp ', left(database(), 32), ' spares')`
  await run(connection, sql`do get_lock(${lock}, 0)`)
  await makeSpares(db, schema, always)
  expect(await spares()).toEqual([])
  await run(connection, sql`do release_lock(${lock})`)
  await makeSpares(db, schema, always)
  expect(await spares()).toHaveLength(ALL)
})

test('a purge drops spares of other versions and those that were never ready, and nothing else', async () => {
  await makeSpares(db, schema, always)
  const kept = await tables()
  for (const name of ['spare_customer_0123456789ab_1', 'spare_customer_0123456789ab_1_work', `growing_${kept.find(isSpare)}`]) await run(connection, sql`create table ${ident(schema, name)} (a int)`)
  await run(connection, sql`create table ${ident(schema, 'something_else')} (a int)`)
  await dropStaleSpares(connection, schema)
  expect(await tables()).toEqual([...kept, 'something_else'].sort())
  await run(connection, sql`drop table ${ident(schema, 'something_else')}`)
})

test('a worker that has nothing to do gets them ready, and again after a load', async () => {
  const stop = new AbortController()
  const working = work(runner, 1, stop.signal, () => undefined)
  const ready = () => expect.poll(async () => (await spares()).filter((name) => name.startsWith('spare_')).length, { timeout: 30_000, interval: 50 }).toBe(ALL)
  await ready()
  await outcome()
  // It looks every minute, and at once when it has run a load itself.
  await run(connection, sql`drop table ${ident(schema, (await spares())[0]!)}`)
  const shop = newShop()
  const loadId = await shop.deliver(shop.write(files))
  await enqueue(db, { loadId, dryRun: false, userId: null, via: 'cli' })
  await expect.poll(async () => (await row<{ status: string }>(connection, sql`select status from \`load\` where id = ${loadId}`))!.status, { timeout: 30_000 }).toMatch(/^completed/)
  await ready()
  stop.abort()
  await working
})
