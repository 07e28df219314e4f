import { describe, expect, test } from 'vitest'
import type { EntityName } from '#lib/contract/index.ts'
import { testInstallation, type Cells, type PackageFiles, type TestShop } from './testing.ts'

const { newShop } = await testInstallation()

/** What becomes of a cell: the value in production, or nothing when its row is rejected, and what is told about it. */
type Expected = { stored?: unknown; error?: string; warning?: string }
type Case = [sent: string, expected: Expected]

const KEYS: Record<EntityName, string> = {
  customer: 'externalCustomerId', vehicle: 'externalVehicleId', invoice: 'externalDocumentId', line_item: 'externalDatalineId', payment: 'externalPaymentId',
  inventory_part: 'externalPartId', supplier: 'externalSupplierId',
}
const NEEDED: Record<EntityName, Cells> = {
  customer: {}, vehicle: { externalCustomerId: 'C1' }, invoice: { externalCustomerId: 'C1' }, line_item: { externalDocumentId: 'I1' },
  payment: { externalDocumentId: 'I1', paymentAmount: '1' }, inventory_part: { partNumber: 'N' }, supplier: { supplierName: 'N' },
}
const DATE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})$/
const isoOf = (value: unknown) => (typeof value === 'string' ? value.replace(DATE, '$1T$2Z') : value)

/** Loads one row for each case, each beside a row that must not suffer, and compares production and exceptions. */
async function judge(entity: EntityName, column: string, cases: readonly Case[], shop: TestShop = newShop(), also: (sent: string) => Cells = () => ({})): Promise<void> {
  const files: PackageFiles = {
    customer: [{ externalCustomerId: 'C1' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1' }],
    [entity]: [
      ...(entity === 'customer' ? [{ externalCustomerId: 'C1' }] : entity === 'invoice' ? [{ externalDocumentId: 'I1', externalCustomerId: 'C1' }] : []),
      ...cases.map(([sent], i) => ({ ...NEEDED[entity], [KEYS[entity]]: `K${i}`, [column]: sent, ...also(sent) })),
    ],
  }
  const { report } = await shop.load(files)
  const production = await shop.byKey(entity)
  for (const [i, [sent, { stored, error, warning }]] of cases.entries()) {
    const [key, what] = [`K${i}`, `${entity}.${column} ${JSON.stringify(sent).slice(0, 80)}`]
    const toldOf = report.exceptions.filter((x) => x.entity === entity && x.key === key && x.column === column).map((x) => [x.severity, x.code])
    expect(toldOf, what).toEqual([...(error ? [['error', error]] : []), ...(warning ? [['warning', warning]] : [])])
    if (error) expect(production.has(key), what).toBe(false)
    else expect(isoOf(production.get(key)![column]), what).toEqual(stored)
    const { value } = report.exceptions.find((x) => x.entity === entity && x.key === key && x.column === column) ?? {}
    if (error || warning) expect(value, what).toBe(sent === '' ? null : sent.length > 1000 ? `${sent.slice(0, 1000)}…` : sent)
  }
}

describe('Rule 11: text and blanks', () => {
  test('an empty cell is NULL, quoted or not; text is stored untrimmed', async () => {
    const shop = newShop()
    await shop.load({ supplier: { bytes: 'externalSupplierId,supplierName,city,state,isActive\nS1, a ,"",,\nS2,"\t",  ," b ",\n', rows: 2 } })
    expect(await shop.rows('supplier')).toMatchObject([{ supplierName: ' a ', city: null, state: null, isActive: null }, { supplierName: '\t', city: '  ', state: ' b ' }])
  })

  test('maxLength counts code points: 20 emoji fit a column of 20', async () => {
    await judge('customer', 'zipCode', [
      ['😀'.repeat(20), { stored: '😀'.repeat(20) }], ['😀'.repeat(21), { error: 'too_long' }], ['é'.repeat(20), { stored: 'é'.repeat(20) }], ['e\u0301'.repeat(10), { stored: 'e\u0301'.repeat(10) }],
      ['e\u0301'.repeat(11), { error: 'too_long' }], ['a'.repeat(20), { stored: 'a'.repeat(20) }], [`${'a'.repeat(20)} `, { error: 'too_long' }],
    ])
    const shop = newShop()
    const key = '😀'.repeat(50)
    expect((await shop.load({ supplier: [{ externalSupplierId: key, supplierName: '😀'.repeat(200) }, { externalSupplierId: `${key}x`, supplierName: 'x' }] })).report.entities.supplier).toMatchObject({ inserted: 1, rejected: 1 })
    expect((await shop.rows('supplier'))[0]).toMatchObject({ externalSupplierId: key, supplierName: '😀'.repeat(200) })
  })

  test('typed values are trimmed first', async () => {
    await judge('line_item', 'lineNumber', [[' 7\t', { stored: 7 }], ['   ', { stored: null }]])
    await judge('line_item', 'total', [[' 7.5 ', { stored: '7.50' }], [' ', { stored: null }]])
    await judge('line_item', 'taxable', [[' YES ', { stored: 1 }], [' ', { stored: null }]])
    await judge('line_item', 'datalineType', [[' Part ', { stored: 'part' }], [' ', { stored: null }]])
    await judge('payment', 'paymentDate', [[' 2025-08-22T00:00Z ', { stored: '2025-08-22T00:00:00.000Z' }], [' ', { stored: null }]])
    await judge('payment', 'paymentAmount', [[' ', { error: 'required' }], ['', { error: 'required' }], [' 5 ', { stored: '5.00' }]])
  })
})

describe('Rule 12: what only warns', () => {
  test('is stored as sent where its column can hold it, else empty, and the warning shows the value', async () => {
    await judge('vehicle', 'year', [['-2,147,483,648', { stored: -2147483648, warning: 'below_min' }], ['-2147483649', { stored: null, warning: 'too_large' }], ['1850', { stored: 1850, warning: 'below_min' }], ['2999', { stored: 2999, warning: 'above_max' }], ['abcd', { stored: null, warning: 'invalid_integer' }], ['99999999999', { stored: null, warning: 'too_large' }], ['1,999', { stored: 1999 }]])
    await judge('vehicle', 'vin', [['1hgcm82633a004352', { stored: '1hgcm82633a004352', warning: 'invalid_vin' }], ['1HGCM82633A0043521', { stored: null, warning: 'too_long' }]])
    await judge('customer', 'contactEmail', [['no mail', { stored: 'no mail', warning: 'invalid_email' }], ['x'.repeat(255), { stored: null, warning: 'too_long' }]])
    await judge('customer', 'contactCell', [['ask Bob', { stored: 'ask Bob', warning: 'invalid_phone' }], ['(503) 555-0100 x123 or 124', { stored: null, warning: 'too_long' }]])
    await judge('customer', 'preferredContact', [['fax', { stored: null, warning: 'invalid_enum' }], ['CELL', { stored: 'cell' }]])
  })
  test('a long value is shown from its beginning, in whole characters', async () => {
    const value = `${'a'.repeat(999)}${'😀'.repeat(1200)}`
    const { report } = await newShop().load({ invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1', shopNote: value }] })
    expect(report.exceptions.map((x) => [x.code, x.value])).toEqual([['too_long', `${'a'.repeat(999)}…`]])
  })
  test('without that, the row is rejected', async () => {
    await judge('line_item', 'datalineType', [['warning', { error: 'invalid_enum' }], ['error', { error: 'invalid_enum' }], ['labour', { error: 'invalid_enum' }]])
    await judge('customer', 'defaultLaborRate', [['abc', { error: 'invalid_decimal' }], ['-1', { error: 'below_min' }]])
  })
})

describe('Rule 13: numbers', () => {
  test('integers', async () => {
    await judge('invoice', 'mileageIn', [
      ['81220.0', { stored: 81220 }], ['81,220', { stored: 81220 }], ['+5', { stored: 5 }], ['007', { stored: 7 }], ['0', { stored: 0 }], ['-0', { stored: 0 }], ['2147483647', { stored: 2147483647 }],
      ['81220.5', { error: 'invalid_integer' }], ['8,12', { error: 'invalid_integer' }], ['81 220', { error: 'invalid_integer' }], ['1e3', { error: 'invalid_integer' }], ['-1', { error: 'below_min' }], ['2147483648', { error: 'too_large' }],
    ])
  })
  test('decimals', async () => {
    await judge('line_item', 'total', [
      ['-1,234.50', { stored: '-1234.50' }], ['$5', { stored: '5.00' }], ['-$5.00', { stored: '-5.00' }], ['.5', { stored: '0.50' }], ['9999999999.99', { stored: '9999999999.99' }], ['0.29', { stored: '0.29' }],
      ['1.230', { stored: '1.23' }], ['1.005', { stored: '1.01', warning: 'precision_lost' }], ['1.004', { stored: '1.00', warning: 'precision_lost' }], ['0.995', { stored: '1.00', warning: 'precision_lost' }],
      ['12,34', { error: 'invalid_decimal' }], ['1.234,50', { error: 'invalid_decimal' }], ['1,23', { error: 'invalid_decimal' }], ['(5.00)', { error: 'invalid_decimal' }], ['1e3', { error: 'invalid_decimal' }], ['€5', { error: 'invalid_decimal' }],
      ['10000000000', { error: 'too_large' }], ['9999999999.995', { error: 'too_large' }], ['abc', { error: 'invalid_decimal' }],
    ], newShop(), () => ({ datalineType: 'discount' }))
    await judge('inventory_part', 'quantityOnHand', [['1.2345', { stored: '1.235', warning: 'precision_lost' }], ['1.234', { stored: '1.234' }], ['999999999.999', { stored: '999999999.999' }]])
    await judge('inventory_part', 'unitCost', [['0.00005', { stored: '0.0001', warning: 'precision_lost' }], ['-0.0001', { error: 'below_min' }]])
  })
})

test('Rule 14: booleans and enums', async () => {
  const yes = ['true', 'TRUE', 't', 'T', 'yes', 'Yes', 'y', '1'].map((sent): Case => [sent, { stored: 1 }])
  const no = ['false', 'False', 'f', 'no', 'NO', 'n', 'N', '0'].map((sent): Case => [sent, { stored: 0 }])
  await judge('supplier', 'isActive', [...yes, ...no, ['2', { error: 'invalid_boolean' }], ['on', { error: 'invalid_boolean' }], ['', { stored: null }]])
  await judge('invoice', 'state', [['paid', { stored: 'paid' }], ['In_Progress', { stored: 'in_progress' }], ['COMPLETED', { stored: 'completed' }], ['open', { error: 'invalid_enum' }]])
})

describe('Rule 15: dates', () => {
  test('are in the shop’s zone when they have no offset, and kept in UTC to the millisecond', async () => {
    await judge('invoice', 'createdOn', [
      ['2025-08-22', { stored: '2025-08-22T04:00:00.000Z' }], ['2025-01-22 10:30', { stored: '2025-01-22T15:30:00.000Z' }], ['2025-08-22T10:30:15', { stored: '2025-08-22T14:30:15.000Z' }],
      ['2025-08-22T10:30:15Z', { stored: '2025-08-22T10:30:15.000Z' }], ['2025-08-22 10:30:15.123456+05:30', { stored: '2025-08-22T05:00:15.123Z' }], ['2025-08-22T10:30:15.1-02:00', { stored: '2025-08-22T12:30:15.100Z' }],
      ['2025-03-09 02:30', { stored: '2025-03-09T07:30:00.000Z' }], ['2025-11-02 01:30', { stored: '2025-11-02T05:30:00.000Z' }], ['2024-02-29', { stored: '2024-02-29T05:00:00.000Z' }],
      ['03/04/25', { error: 'invalid_datetime' }], ['2025-02-29', { error: 'invalid_datetime' }], ['20250822', { error: 'invalid_datetime' }], ['2025-08-22 10:30 PM', { error: 'invalid_datetime' }], ['0000-00-00', { error: 'invalid_datetime' }],
    ])
  })
  test('out of range but real are stored and warned', async () => {
    const tomorrow = new Date(Date.now() + 20 * 3_600_000).toISOString()
    const later = new Date(Date.now() + 28 * 3_600_000).toISOString()
    await judge('invoice', 'updatedOn', [
      ['0001-01-02T00:00Z', { stored: '0001-01-02T00:00:00.000Z', warning: 'rule_date_range' }], ['1899-12-31T23:59:59Z', { stored: '1899-12-31T23:59:59.000Z', warning: 'rule_date_range' }], ['1900-01-01', { stored: '1900-01-01T05:00:00.000Z' }],
      ['9999-12-31 23:59:59.999', { stored: null, warning: 'too_large' }], ['9999-12-31', { stored: '9999-12-31T05:00:00.000Z', warning: 'rule_date_range' }], [tomorrow, { stored: tomorrow }], [later, { stored: later, warning: 'rule_date_range' }],
    ])
    await judge('payment', 'paymentDate', [['1850-06-01T00:00Z', { stored: '1850-06-01T00:00:00.000Z', warning: 'rule_date_range' }]])
  })
  test('begin in 1900 where the shop is', async () => {
    await judge('invoice', 'createdOn', [['1900-01-01', { stored: '1899-12-31T15:00:00.000Z' }], ['1899-12-31', { stored: '1899-12-30T15:00:00.000Z', warning: 'rule_date_range' }]], newShop({ timeZone: 'Asia/Tokyo' }))
    await judge('invoice', 'createdOn', [['1900-01-01T00:00Z', { stored: '1900-01-01T00:00:00.000Z' }]])
  })
  test('follow the zone of each shop', async () => {
    for (const [timeZone, stored] of [['Pacific/Honolulu', '2025-08-22T20:00:00.000Z'], ['Asia/Kolkata', '2025-08-22T04:30:00.000Z'], ['UTC', '2025-08-22T10:00:00.000Z']] as const) {
      await judge('invoice', 'createdOn', [['2025-08-22 10:00', { stored }]], newShop({ timeZone }))
    }
  })
})

test('Rule 16: phones, e-mail addresses and VINs only warn', async () => {
  await judge('supplier', 'phoneNumber', [['+1 (503) 555-0100', { stored: '+1 (503) 555-0100' }], ['555-0100 x12', { stored: '555-0100 x12' }], ['123456', { stored: '123456', warning: 'invalid_phone' }], ['1234567890123456', { stored: '1234567890123456', warning: 'invalid_phone' }]])
  await judge('supplier', 'emailAddress', [['a@b', { stored: 'a@b' }], ['jésus@x.com', { stored: 'jésus@x.com', warning: 'invalid_email' }], ['a@b ', { stored: 'a@b ', warning: 'invalid_email' }]])
  await judge('vehicle', 'vin', [['1HGCM82633A004352', { stored: '1HGCM82633A004352' }], ['1HGCM82633A00435', { stored: '1HGCM82633A00435', warning: 'invalid_vin' }], ['IOQ1234567890ABCD', { stored: 'IOQ1234567890ABCD', warning: 'invalid_vin' }]])
})

describe('the rules over several values of a row', () => {
  const rules = async (entity: EntityName, records: Cells[]) => {
    const { report } = await newShop().load({ customer: [{ externalCustomerId: 'C1' }], invoice: [{ externalDocumentId: 'I1', externalCustomerId: 'C1' }], [entity]: records.map((cells, i) => ({ ...NEEDED[entity], [KEYS[entity]]: i === 0 && entity === 'invoice' ? 'I1' : `K${i}`, ...cells })) })
    expect(report.status).toBe('completed')
    return records.map((_, i) => report.exceptions.filter((x) => x.entity === entity && x.record === i + 1).map((x) => `${x.column} ${x.code}`))
  }
  test('mileage out is not below mileage in', async () => {
    expect(await rules('invoice', [{ mileageIn: '10', mileageOut: '9' }, { mileageIn: '10', mileageOut: '10' }, { mileageOut: '5' }, { mileageIn: '5' }])).toEqual([['mileageOut rule_mileage'], [], [], []])
  })
  test('labor lines have hours, and only discounts are negative', async () => {
    expect(await rules('line_item', [
      { datalineType: 'labor' }, { datalineType: 'labor', quantityOrHours: '0' }, { datalineType: 'labor', quantityOrHours: '0.5' }, { datalineType: 'part' },
      { datalineType: 'part', total: '-1', subtotal: '-1', nonTaxableTotal: '-1' }, { datalineType: 'discount', total: '-1', subtotal: '-1' }, { total: '-0.01' },
    ])).toEqual([['quantityOrHours rule_labor_hours'], ['quantityOrHours rule_labor_hours'], [], [], ['subtotal rule_negative_total', 'total rule_negative_total', 'nonTaxableTotal rule_negative_total'], [], ['total rule_negative_total']])
  })
  test('payments are above 0 unless refunded, and at most 1,000,000', async () => {
    expect(await rules('payment', [
      { paymentAmount: '0' }, { paymentAmount: '-5' }, { paymentAmount: '-5', paymentStatus: 'refunded' }, { paymentAmount: '1000000' }, { paymentAmount: '1000000.01' }, { paymentAmount: '-5', paymentStatus: 'partially_refunded' },
    ])).toEqual([['paymentAmount rule_payment_positive'], ['paymentAmount rule_payment_positive'], [], [], ['paymentAmount rule_payment_limit'], ['paymentAmount rule_payment_positive']])
  })
  test('stock is not negative', async () => {
    expect(await rules('inventory_part', [{ quantityOnHand: '-1' }, { quantityOnHand: '0' }])).toEqual([['quantityOnHand rule_quantity'], []])
  })
})
