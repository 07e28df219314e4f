import { afterAll, expect, test } from 'vitest'
import { FaultyLine } from '#lib/db/faulty-line.ts'
import { TestShop, testInstallation, type Loaded, type PackageFiles } from './testing.ts'

const { runner, connection, dataDir } = await testInstallation()
const line = await FaultyLine.to(runner.url)
afterAll(() => line.close())

const statements: string[] = []
line.fault = ({ text }) => void statements.push(text)

const payment = (n: number, paymentAmount: string, externalDocumentId = 'I1') => ({ externalPaymentId: `P${n}`, externalDocumentId, paymentAmount })
const files = (payments: ReturnType<typeof payment>[]): PackageFiles => ({
  customer: [{ externalCustomerId: 'C1' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', total: '60' }], payment: payments,
})

/** What the ledger says that production has of the payments, and whether each unchanged one was looked for there. */
const told = ({ report }: Loaded) => ({
  production: report.money['payment.paymentAmount']!.production,
  oneByOne: statements.some((text) => /count\(\*\) as n , coalesce\(sum\(produced\.`paymentAmount`\).* staged\._record between/s.test(text)),
})

test('the money of unchanged rows is what production has now, read as the rest of the blocks of ids, and row by row only where rows were deleted (rules 22, 24)', async () => {
  const shop = new TestShop({ ...runner, url: line.url }, dataDir, [], {})
  const first = await shop.load(files([1, 2, 3, 4, 5, 6].map((n) => payment(n, `${n}.10`))))
  expect(told(first)).toEqual({ production: '21.60', oneByOne: false })
  const before = await shop.byKey('payment')

  // One was edited in the product; then one comes again, one changed, one rejected, one without its invoice, one not at all, and one is new.
  await connection.query('update payment set paymentAmount = 100.10 where id = ?', [before.get('P1')!.id])
  const second = files([payment(1, '1.10'), payment(2, '2.10'), payment(2, '2.10'), payment(3, '30.10'), payment(4, 'abc'), payment(5, '5.10', 'none'), payment(7, '7.10')])
  const again = await shop.load(second)
  const { inserted, updated, unchanged, rejected } = again.report.entities.payment
  expect({ inserted, updated, unchanged, rejected }).toEqual({ inserted: 1, updated: 1, unchanged: 2, rejected: 2 })
  expect(told(again)).toEqual({ production: '139.40', oneByOne: false })

  // Blocks of several loads.
  expect(told(await shop.load(second))).toEqual({ production: '139.40', oneByOne: false })

  await connection.query('delete from payment where id = ?', [before.get('P2')!.id])
  expect(told(await shop.load(second))).toEqual({ production: '137.30', oneByOne: true })
})

test('a later delivery of which a record is not in its staging table fails, and writes nothing (rule 22)', async () => {
  const errors: unknown[] = []
  const shop = new TestShop({ ...runner, url: line.url, onError: (error) => errors.push(error) }, dataDir, [], {})
  await shop.load(files([payment(1, '1.10'), payment(2, '2.10')]))
  const before = await shop.rows('payment')
  line.rewrite = (text) => text.replace(/count\(\*\) as valid(?=.*payment)/s, 'count(*)-1 valid ')
  const { report } = await shop.load(files([payment(1, '1.10'), payment(2, '20.10')]))
  line.rewrite = (text) => text
  expect(report.status).toBe('failed')
  expect(errors.map(String)).toEqual(['Error: payments.csv: 2 records were read, 1 are staged and valid'])
  expect(await shop.rows('payment')).toEqual(before)
})

test('what was deleted in the shop stays deleted, and nothing hangs on it, whatever a later load says of it', async () => {
  const shop = new TestShop(runner, dataDir, [], {})
  const books = (total: string, more: Partial<PackageFiles> = {}): PackageFiles => ({
    customer: ['C1', 'C2'].map((externalCustomerId) => ({ externalCustomerId })),
    vehicle: ['V1', 'V2'].map((externalVehicleId) => ({ externalVehicleId, externalCustomerId: 'C1' })),
    invoice: ['I1', 'I2', 'I3'].map((externalDocumentId) => ({ externalDocumentId, externalCustomerId: 'C1', total })),
    line_item: ['L1', 'L2'].map((externalDatalineId) => ({ externalDatalineId, externalDocumentId: 'I1', total })),
    payment: [payment(1, total), payment(2, '2.00')], ...more,
  })
  await shop.load(books('1.00'))
  for (const [entity, key, id] of [['payment', 'externalPaymentId', 'P1'], ['line_item', 'externalDatalineId', 'L1'], ['invoice', 'externalDocumentId', 'I2'], ['vehicle', 'externalVehicleId', 'V2'], ['customer', 'externalCustomerId', 'C2']]) {
    const own = await shop.byKey(entity as 'payment')
    await connection.query(`delete from ${entity} where ${key} = ? and shopId = ?`, [id, own.get(id!)!.shopId])
  }
  const changed = books('3.00', {
    invoice: [...['I1', 'I2', 'I3'].map((externalDocumentId) => ({ externalDocumentId, externalCustomerId: 'C1', total: '3.00' })),
      { externalDocumentId: 'under C2', externalCustomerId: 'C2', total: '1.00' }, { externalDocumentId: 'of V2', externalCustomerId: 'C1', externalVehicleId: 'V2', total: '1.00' }],
    line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', total: '3.00' }, { externalDatalineId: 'L2', externalDocumentId: 'I1', externalParentDatalineId: 'L1', total: '3.00' }, { externalDatalineId: 'under I2', externalDocumentId: 'I2', total: '3.00' }],
    // Of these the shop has none yet.
    inventory_part: [{ externalPartId: 'T1', partNumber: 'T1' }],
  })
  const expected = {
    status: 'completed_with_exceptions',
    entities: { invoice: { inserted: 1, updated: 2, unchanged: 1, rejected: 1 }, line_item: { inserted: 0, updated: 1, unchanged: 1, rejected: 1 }, payment: { inserted: 0, updated: 0, unchanged: 2, rejected: 0 } },
    money: { 'payment.paymentAmount': { file: '5.00', accepted: '5.00', production: '2.00' } },
  }
  const said = ({ report }: Loaded) => report.exceptions.map(({ key, column, code }) => [key, column, code])
  const second = await shop.load(changed)
  expect(second.report).toMatchObject(expected)
  expect(said(second)).toEqual([
    ['I2', null, 'deleted_in_shop'], ['under C2', 'externalCustomerId', 'parent_missing'], ['of V2', 'externalVehicleId', 'parent_missing'],
    ['L1', null, 'deleted_in_shop'], ['L2', 'externalParentDatalineId', 'parent_missing'], ['under I2', 'externalDocumentId', 'parent_missing'], ['P1', null, 'deleted_in_shop'],
  ])
  expect((await shop.byKey('invoice')).get('of V2')).toMatchObject({ vehicleId: null })
  expect((await shop.byKey('line_item')).get('L2')).toMatchObject({ parentLineItemId: null, total: '3.00' })
  expect([...(await shop.byKey('invoice')).keys(), ...(await shop.byKey('payment')).keys()]).toEqual(['I1', 'I3', 'of V2', 'P2'])
  const again = await shop.loadFolder(second.folder)
  expect(again.report.entities.invoice).toMatchObject({ inserted: 0, updated: 0, unchanged: 4, rejected: 1 })
  expect(said(again)).toEqual(said(second))
})

test('a first file of its kind hangs nothing on rows that were deleted in the shop', async () => {
  const shop = new TestShop(runner, dataDir, [], {})
  const customer = ['C1', 'C2'].map((externalCustomerId) => ({ externalCustomerId }))
  await shop.load({ customer })
  await connection.query('delete from customer where id = ?', [(await shop.byKey('customer')).get('C2')!.id])
  const { report } = await shop.load({ customer, vehicle: ['C1', 'C2'].map((externalCustomerId, i) => ({ externalVehicleId: `V${i}`, externalCustomerId })) })
  expect(report.entities.vehicle).toMatchObject({ inserted: 1, rejected: 1 })
  expect(report.exceptions.map(({ key, code }) => [key, code])).toEqual([['V1', 'parent_missing']])
})
