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
