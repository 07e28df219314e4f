import { describe, expect, test } from 'vitest'
import { testInstallation, told, type Loaded } from './testing.ts'

const { newShop } = await testInstallation()

// Nine keys that some database takes for the same: letter case, blanks, accents composed and decomposed, widths.
const ALIKE = ['A1', 'a1', 'A1 ', ' A1', 'A1\t', 'Á1', 'A\u03011', 'Ａ1', 'A1\u00a0']
const C1 = { externalCustomerId: 'C1' }
const messagesOf = ({ report }: Loaded, code: string) => report.exceptions.filter((x) => x.code === code).map((x) => x.message)

describe('Rule 17: keys are compared byte for byte', () => {
  test('keys that look alike are rows of their own, also when they come again', async () => {
    const shop = newShop()
    const customer = ALIKE.map((key, i) => ({ externalCustomerId: key, firstName: `n${i}` }))
    expect((await shop.load({ customer })).report.entities.customer).toMatchObject({ records: 9, inserted: 9, superseded: 0, identical: 0 })
    const again = await shop.load({ customer: customer.map((c) => ({ ...c, lastName: c.externalCustomerId === 'a1' ? 'changed' : '' })) })
    expect(again.report.entities.customer).toMatchObject({ inserted: 0, updated: 1, unchanged: 8 })
    expect((await shop.rows('customer')).map((r) => [r.externalCustomerId, r.firstName, r.lastName])).toEqual(ALIKE.map((key, i) => [key, `n${i}`, key === 'a1' ? 'changed' : null]))
  })

  test('so are references: each finds its own parent and no other', async () => {
    const shop = newShop()
    await shop.load({
      customer: ALIKE.map((key) => ({ externalCustomerId: key })),
      vehicle: ALIKE.map((key) => ({ externalVehicleId: key, externalCustomerId: key })),
      invoice: ALIKE.map((key) => ({ externalDocumentId: key, externalCustomerId: key, externalVehicleId: key })),
    })
    const [customers, vehicles] = [await shop.byKey('customer'), await shop.byKey('vehicle')]
    for (const invoice of await shop.rows('invoice')) {
      expect(invoice.customerId).toBe(customers.get(String(invoice.externalDocumentId))!.id)
      expect(invoice.vehicleId).toBe(vehicles.get(String(invoice.externalDocumentId))!.id)
    }
    const orphans = await newShop().load({ customer: [{ externalCustomerId: 'A1' }], vehicle: ALIKE.map((key, i) => ({ externalVehicleId: `V${i}`, externalCustomerId: key })) })
    expect(orphans.report.entities.vehicle).toMatchObject({ accepted: 1, rejected: 8 })
  })

  test('a reference that is too long names no parent, however long it is', async () => {
    const shop = newShop()
    const long = [51, 201, 255, 256, 257, 65_537, 70_000]
    const files = {
      customer: [C1, { externalCustomerId: 'C' }, { externalCustomerId: 'é'.repeat(50) }],
      vehicle: ['C', 'é'.repeat(50), ...long.map((length) => 'C'.repeat(length))].map((externalCustomerId, i) => ({ externalVehicleId: `V${i}`, externalCustomerId })),
    }
    for (const counts of [{ inserted: 2, unchanged: 0 }, { inserted: 0, unchanged: 2 }]) {
      const loaded = await shop.load(files)
      expect(loaded.report.entities.vehicle).toMatchObject({ accepted: 2, rejected: long.length, ...counts })
      expect(new Set(told(loaded, 'vehicle', 'error').map(([key]) => key))).toEqual(new Set(long.map((_, i) => `V${i + 2}`)))
    }
  })

  test('a key of blanks only counts as missing', async () => {
    const loaded = await newShop().load({ customer: [C1, { externalCustomerId: '   ', firstName: 'x' }, { externalCustomerId: '\t', firstName: 'x' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: '  ' }] })
    expect(loaded.report.entities).toMatchObject({ customer: { accepted: 1, rejected: 2 }, vehicle: { rejected: 1 } })
    expect(new Set(told(loaded, 'customer', 'error').map(([, , code]) => code))).toEqual(new Set(['required']))
    expect(told(loaded, 'vehicle', 'error')).toEqual([['V1', 'externalCustomerId', 'required']])
  })

  test('an optional reference of blanks only names no parent', async () => {
    const shop = newShop()
    const { report } = await shop.load({ customer: [C1], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: '  ' }], line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1', externalParentDatalineId: ' ' }] })
    expect(report).toMatchObject({ status: 'completed', exceptionsTotal: 0 })
    expect(await shop.rows('line_item')).toMatchObject([{ parentLineItemId: null }])
  })
})

describe('Rule 18: a key sent more than once', () => {
  test('the last row wins; earlier ones are identical or superseded, with a warning naming both lines', async () => {
    const shop = newShop()
    const loaded = await shop.load({ supplier: [
      { externalSupplierId: 'S1', supplierName: 'a' }, { externalSupplierId: 'S2', supplierName: 'x' }, { externalSupplierId: 'S1', supplierName: 'b' }, { externalSupplierId: 'S1', supplierName: 'a' }, { externalSupplierId: 'S2', supplierName: 'x' },
    ] })
    expect(loaded.report).toMatchObject({ status: 'completed', entities: { supplier: { records: 5, accepted: 2, rejected: 0, superseded: 1, identical: 2, inserted: 2, warnings: 1 } } })
    expect(loaded.report.exceptions.map((x) => [x.line, x.key, x.code, x.severity])).toEqual([[4, 'S1', 'duplicate_key', 'warning']])
    expect(messagesOf(loaded, 'duplicate_key')[0]).toMatch(/Line 4\b.*line 5\b/)
    expect((await shop.byKey('supplier')).get('S1')).toMatchObject({ supplierName: 'a' })
  })

  test('the last row is judged even if it is invalid, and an earlier valid one does not take its place', async () => {
    const shop = newShop()
    const loaded = await shop.load({ supplier: [{ externalSupplierId: 'S1', supplierName: 'a' }, { externalSupplierId: 'S1', supplierName: '' }, { externalSupplierId: 'S2', supplierName: '' }, { externalSupplierId: 'S2', supplierName: 'ok' }] })
    expect(loaded.report.entities.supplier).toMatchObject({ records: 4, accepted: 1, rejected: 1, superseded: 2, identical: 0 })
    expect(told(loaded, 'supplier', 'error')).toEqual([['S1', 'supplierName', 'required']])
    expect((await shop.rows('supplier')).map((r) => r.externalSupplierId)).toEqual(['S2'])
  })

  test('twice the same invalid row is one rejected and one identical', async () => {
    const loaded = await newShop().load({ supplier: [{ externalSupplierId: 'S1', supplierName: '' }, { externalSupplierId: 'S1', supplierName: '' }] })
    expect(loaded.report.entities.supplier).toMatchObject({ records: 2, accepted: 0, rejected: 1, superseded: 0, identical: 1 })
  })

  test('rows differ when an unknown column or the quoting does not make them the same', async () => {
    const { report } = await newShop().load({ supplier: { bytes: 'externalSupplierId,supplierName,Fax\nS1,a,1\nS1,a,2\nS2,"a",1\nS2,a,"1"\n', rows: 4 } })
    expect(report.entities.supplier).toMatchObject({ superseded: 1, identical: 1 })
  })

  test('columns of the partner’s own that are called like ours change nothing', async () => {
    const shop = newShop()
    const customer = [['A', 'x'], ['A', 'x'], ['B', 'x'], ['B', 'y'], ['B', 'y'], ['C', 'x'], ['C', 'y']]
      .map(([key, own]) => ({ externalCustomerId: key!, ...Object.fromEntries(['sourceKey', 'winner', 'action', 'repeated', 'keyLength', 'shopId'].map((column) => [column, own!])) }))
    for (const counts of [{ inserted: 3 }, { unchanged: 3 }]) {
      const { report } = await shop.load({ customer })
      expect(report.entities.customer).toMatchObject({ records: 7, accepted: 3, rejected: 0, identical: 2, superseded: 2, ...counts })
    }
    expect((await shop.rows('customer')).map((found) => found.externalCustomerId)).toEqual(['A', 'B', 'C'])
  })

  test('a thousand rows of one key leave one', async () => {
    const shop = newShop()
    const { report } = await shop.load({ supplier: Array.from({ length: 1000 }, (_, i) => ({ externalSupplierId: 'S1', supplierName: `n${i % 10}` })) })
    expect(report.entities.supplier).toMatchObject({ records: 1000, accepted: 1, superseded: 900, identical: 99, inserted: 1 })
    expect(await shop.rows('supplier')).toMatchObject([{ supplierName: 'n9' }])
  })

  test('children of a superseded parent hang on the row that counts', async () => {
    const shop = newShop()
    const loaded = await shop.load({ customer: [{ externalCustomerId: 'C1', doNotChargeTax: 'yes' }, { externalCustomerId: 'C1', doNotChargeTax: 'maybe' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C1' }] })
    expect(loaded.report.entities).toMatchObject({ customer: { accepted: 0, rejected: 1, superseded: 1 }, vehicle: { rejected: 1 } })
    expect(told(loaded, 'vehicle', 'error')).toEqual([['V1', 'externalCustomerId', 'parent_rejected']])
    expect(messagesOf(loaded, 'parent_rejected')[0]).toContain('line 3')
  })

  test('what is too long for a key is no key, and is rejected each time it comes', async () => {
    const key = 'x'.repeat(51)
    const loaded = await newShop().load({ supplier: [{ externalSupplierId: key, supplierName: 'a' }, { externalSupplierId: key, supplierName: 'b' }] })
    expect(loaded.report.entities.supplier).toMatchObject({ records: 2, accepted: 0, rejected: 2, superseded: 0 })
  })
})

describe('Rule 19: parents', () => {
  test('a row without its required parent is rejected with the parent’s key, and so are the rows below it, folded under the cause', async () => {
    const shop = newShop()
    const loaded = await shop.load({
      customer: [C1, { externalCustomerId: 'C2', defaultLaborRate: 'abc' }],
      vehicle: [{ externalVehicleId: 'V2', externalCustomerId: 'C2' }, { externalVehicleId: 'V9', externalCustomerId: 'C9' }],
      invoice: [{ externalDocumentId: 'I2', externalCustomerId: 'C2', externalVehicleId: 'V2' }, { externalDocumentId: 'I9', externalCustomerId: 'C9' }, { externalDocumentId: 'I1', externalCustomerId: 'C1', externalVehicleId: 'V2' }],
      line_item: [{ externalDatalineId: 'L2', externalDocumentId: 'I2' }, { externalDatalineId: 'L9', externalDocumentId: 'I9' }, { externalDatalineId: 'L1', externalDocumentId: 'I1' }],
      payment: [{ externalPaymentId: 'P2', externalDocumentId: 'I2', paymentAmount: '1' }, { externalPaymentId: 'P8', externalDocumentId: 'I8', paymentAmount: '1' }],
    })
    expect(loaded.report.status).toBe('completed_with_exceptions')
    expect(told(loaded, 'vehicle', 'error')).toEqual([['V2', 'externalCustomerId', 'parent_rejected'], ['V9', 'externalCustomerId', 'parent_missing']])
    expect(told(loaded, 'invoice', 'error')).toEqual([['I2', 'externalCustomerId', 'parent_rejected'], ['I9', 'externalCustomerId', 'parent_missing']])
    expect(told(loaded, 'line_item', 'error')).toEqual([['L2', 'externalDocumentId', 'parent_rejected'], ['L9', 'externalDocumentId', 'parent_rejected']])
    expect(told(loaded, 'payment', 'error')).toEqual([['P2', 'externalDocumentId', 'parent_rejected'], ['P8', 'externalDocumentId', 'parent_missing']])
    // The optional vehicle of I1 stayed out: I1 comes in without it.
    expect(told(loaded, 'invoice', 'warning')).toEqual([['I1', 'externalVehicleId', 'parent_missing']])
    expect(loaded.report.exceptions.find((x) => x.key === 'V9')!.message).toContain('“C9”')
    expect((await shop.byKey('invoice')).get('I1')!.vehicleId).toBeNull()
    expect(await shop.counts()).toMatchObject({ customer: 1, vehicle: 0, invoice: 1, line_item: 1, payment: 0 })
  })

  test('a parent imported before will do, in this load or not, also when it is rejected now', async () => {
    const shop = newShop()
    await shop.load({ customer: [C1, { externalCustomerId: 'C2' }], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C2' }] })
    const loaded = await shop.load({
      customer: [C1, { externalCustomerId: 'C2', defaultLaborRate: 'abc' }],
      invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C2', externalVehicleId: 'V1' }],
      line_item: [{ externalDatalineId: 'L1', externalDocumentId: 'I1' }],
    })
    expect(loaded.report.entities).toMatchObject({ customer: { rejected: 1, unchanged: 1 }, invoice: { inserted: 1, rejected: 0 }, line_item: { inserted: 1 } })
    const [customers, vehicles] = [await shop.byKey('customer'), await shop.byKey('vehicle')]
    expect(await shop.rows('invoice')).toMatchObject([{ customerId: customers.get('C2')!.id, vehicleId: vehicles.get('V1')!.id }])
    expect(customers.get('C2')).toMatchObject({ defaultLaborRate: null })
  })

  test('a parent imported for another shop, or another partner, will not do', async () => {
    const [one, other] = [newShop({ shop: 'same' }), newShop({ shop: 'same' })]
    await one.load({ customer: [{ externalCustomerId: 'C5' }] })
    const loaded = await other.load({ customer: [C1], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C5' }] })
    expect(told(loaded, 'vehicle', 'error')).toEqual([['V1', 'externalCustomerId', 'parent_missing']])
  })

  test('everything wrong with a row is told: its values and its parents', async () => {
    const loaded = await newShop().load({ customer: [C1], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C9', make: 'x'.repeat(101) }] })
    expect(told(loaded, 'vehicle', 'error').sort()).toEqual([['V1', 'externalCustomerId', 'parent_missing'], ['V1', 'make', 'too_long']])
    expect(loaded.report.entities.vehicle).toMatchObject({ records: 1, rejected: 1 })
  })

  test('a rejected row has errors only: warnings are of rows that come in', async () => {
    const loaded = await newShop().load({ customer: [C1], vehicle: [{ externalVehicleId: 'V1', externalCustomerId: 'C9', vin: 'odd' }, { externalVehicleId: 'V2', externalCustomerId: 'C1', vin: 'odd', make: 'x'.repeat(101) }] })
    expect(told(loaded, 'vehicle', 'warning')).toEqual([])
    expect(loaded.report.entities.vehicle).toMatchObject({ rejected: 2, warnings: 0 })
  })

  test('a missing parent that comes later lets the row in then', async () => {
    const shop = newShop()
    const vehicle = [{ externalVehicleId: 'V1', externalCustomerId: 'C9' }]
    expect((await shop.load({ customer: [C1], vehicle })).report.entities.vehicle).toMatchObject({ rejected: 1 })
    expect((await shop.load({ customer: [C1, { externalCustomerId: 'C9' }], vehicle })).report.entities.vehicle).toMatchObject({ inserted: 1 })
  })

  test('a row that changes its parent hangs on the new one', async () => {
    const shop = newShop()
    const customer = [C1, { externalCustomerId: 'C2' }]
    await shop.load({ customer, invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1' }] })
    await shop.load({ customer, invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C2' }] })
    expect(await shop.rows('invoice')).toMatchObject([{ customerId: (await shop.byKey('customer')).get('C2')!.id, externalCustomerId: 'C2' }])
  })
})

test('Rule 21: externalShopId and sourceAppName are kept as sent; the folder decides the shop', async () => {
  const shop = newShop()
  await shop.load({ customer: [{ externalCustomerId: 'C1', externalShopId: '0999', sourceAppName: ' Wrench 4 ' }] })
  expect(await shop.rows('customer')).toMatchObject([{ externalShopId: '0999', sourceAppName: ' Wrench 4 ' }])
})
