import { expect, test } from 'vitest'
import { run, row, sql } from '#lib/ingest/sql/sql.ts'
import { canonicalDump, canonicalSection } from './canon.ts'
import { testInstallation, type PackageFiles, type TestShop } from './testing.ts'

const { newShop, connection, url } = await testInstallation('canon')

const files: PackageFiles = {
  customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }, { externalCustomerId: 'C2', defaultLaborRate: 'abc' }],
  invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '10.00' }, { externalDocumentId: 'I2', externalCustomerId: 'C2', total: '5.00' }],
  line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', externalParentDatalineId: 'L2' }, { externalDatalineId: 'L2', externalDocumentId: 'I1' }],
}
const idOf = async ({ shop }: TestShop) => (await row<{ id: number }>(connection, sql`select id from shop where slug = ${shop}`))!.id

test('two shops that were sent the same files are the same, a changed cell or a further run makes them different', async () => {
  const [one, two] = [newShop(), newShop()]
  const first = await one.load(files)
  // Other ids, and an attempt whose worker was lost.
  await newShop().load(files)
  const second = await two.load(files)
  await run(connection, sql`insert into attempt (loadId, number, delivery, status, startedVia, failure) values (${second.loadId}, 9, 1, 'failed', 'cli', ${JSON.stringify({ code: 'worker_lost', problems: [] })})`)
  const canon = await canonicalDump(connection, await idOf(one))
  expect(await canonicalDump(url, await idOf(two))).toBe(canon)
  expect(canon).toMatch(/^customer 1 [0-9a-f]{64}\nvehicle 0 /)
  expect(await canonicalSection(connection, 'line_item', await idOf(one))).toEqual([expect.stringContaining('"I1","L2",'), expect.stringContaining('"I1",null,')])

  await run(connection, sql`update customer set firstName = 'Anne' where importedLoadId = ${second.loadId}`)
  const changed = (await canonicalDump(connection, await idOf(two))).split('\n').filter((line, i) => line !== canon.split('\n')[i])
  expect(changed).toEqual([expect.stringMatching(/^customer 1 /)])
  await run(connection, sql`update customer set firstName = 'Ann' where importedLoadId = ${second.loadId}`)
  expect(await canonicalDump(connection, await idOf(two))).toBe(canon)
  await run(connection, sql`insert into attempt (loadId, number, delivery, status, startedVia, failure) values (${second.loadId}, 10, 1, 'failed', 'cli', ${JSON.stringify({ code: 'database_error', problems: [] })})`)
  expect(await canonicalDump(connection, await idOf(two))).not.toBe(canon)
  expect(await canonicalDump(connection, await idOf(two), 'failed')).toBe(canon)
  await two.loadFolder(second.folder)
  expect(await canonicalDump(connection, await idOf(two), 'failed')).not.toBe(canon)
  expect(first.report.status).toBe('completed_with_exceptions')
})

test('of the whole installation it names the shops', async () => {
  const shop = newShop()
  await shop.load(files)
  const named = await canonicalSection(connection, 'supplier')
  expect(named).toEqual([])
  expect(await canonicalSection(connection, 'load')).toContainEqual(expect.stringContaining(`${shop.partner}/${shop.shop}`))
  await expect(canonicalSection(connection, 'nothing')).rejects.toThrow('there is no section nothing')
})
