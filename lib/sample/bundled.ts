import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ExceptionCode } from '#lib/contract/codes.ts'
import { entityNames, entityOf, moneyMeasures, type EntityName } from '#lib/contract/index.ts'
import { csvCell } from './csv-file.ts'
import { finishLoad, openFiles, SAMPLE_SEED } from './generator.ts'
import { makeInvoice } from './invoices.ts'
import { SampleShop } from './shop.ts'

/** The load that the project brings with it: for the demo, the tests and the first hour. */
export const bundled = {
  partner: 'torqueline', partnerName: 'Torqueline', shop: '0417', shopName: 'Mill River Auto Care', timeZone: 'America/New_York',
  loadId: '2025-08-30_torqueline',
} as const

type Row = Record<string, string | undefined>
type Fate = 'accepted' | 'rejected' | 'superseded' | 'identical'
/** `key` is null where the cells cannot be told apart. */
type Finding = { key: string | null; column: string | null; code: ExceptionCode }
type Book = { [E in EntityName]: Row[] }

export type ExpectedEntity = {
  rows: number; accepted: number; rejected: number; superseded: number; identical: number
  /** Every rejected row, those rejected because of a parent included. */
  rejectedRows: Finding[]
  warnings: Finding[]
}
export type Expected = {
  partner: string; shop: string; loadId: string; status: 'completed_with_exceptions'
  entities: Record<EntityName, ExpectedEntity>
  /** Sums over accepted rows. */
  totals: Record<string, string>
  fileWarnings: { file: string; column: string; code: ExceptionCode }[]
}

function honestBooks(shop: SampleShop, invoices: number, parts: number): Book {
  const made = Array.from({ length: invoices }, (_, j) => makeInvoice(shop, j))
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
  return {
    customer: numbers(shop.customers).map((i) => shop.customer(i)),
    vehicle: numbers(shop.customers).flatMap((i) => shop.vehicles(i)),
    invoice: made.map((one) => one.invoice),
    line_item: made.flatMap((one) => one.lines),
    payment: made.flatMap((one) => one.payments),
    inventory_part: numbers(parts).map((k) => shop.part(k)),
    supplier: numbers(shop.suppliers).map((k) => shop.supplier(k)),
  }
}

/** The books of the shop with a defect of every kind, and what must become of each row. */
class DefectiveBooks {
  readonly rows: Book
  /** Lines written in place of a row's cells. */
  readonly raw = new Map<Row, string>()
  readonly #fate = new Map<Row, Fate>()
  readonly #cause = new Map<Row, Finding>()
  readonly #warnings = new Map<EntityName, Finding[]>()

  constructor(rows: Book) {
    this.rows = rows
  }

  #keyOf = (entity: EntityName, row: Row) => row[entityOf(entity).key] ?? ''

  #find(entity: EntityName, key: string): Row {
    const found = this.rows[entity].find((row) => this.#keyOf(entity, row) === key)
    if (!found) throw new Error(`the sample has no ${entity} ${key}`)
    return found
  }

  reject(entity: EntityName, key: string, column: string, value: string, code: ExceptionCode): void {
    const row = this.#find(entity, key)
    row[column] = value
    this.#rejected(row, { key: this.#keyOf(entity, row), column, code })
  }

  warn(entity: EntityName, key: string, column: string, value: string, code: ExceptionCode): void {
    this.#find(entity, key)[column] = value
    this.#note(entity, { key, column, code })
  }

  /** The row's record is written so that its cells cannot be told apart. */
  garble(entity: EntityName, key: string, record: (line: string) => string, code: ExceptionCode): void {
    const row = this.#find(entity, key)
    const line = Object.keys(entityOf(entity).columns).map((column) => csvCell(row[column] ?? '')).join(',')
    this.raw.set(row, record(line))
    this.#rejected(row, { key: null, column: null, code })
  }

  /** The row comes a second time at the end of the file: as it was, or with `changed` cells, which then count. */
  repeat(entity: EntityName, key: string, changed: Row): void {
    const row = this.#find(entity, key)
    this.rows[entity].push({ ...row, ...changed })
    const same = Object.keys(changed).length === 0
    this.#fate.set(row, same ? 'identical' : 'superseded')
    if (!same) this.#note(entity, { key, column: entityOf(entity).key, code: 'duplicate_key' })
  }

  /** A row that the shop's own books do not have. */
  add(entity: EntityName, row: Row): void {
    this.rows[entity].push(row)
  }

  #rejected(row: Row, finding: Finding): void {
    this.#fate.set(row, 'rejected')
    this.#cause.set(row, finding)
  }

  #note(entity: EntityName, finding: Finding): void {
    this.#warnings.set(entity, [...(this.#warnings.get(entity) ?? []), finding])
  }

  /** Rejects what hangs on rejected rows, and warns of links to them (contract rules 19 and 20). */
  #cascade(): void {
    for (const name of entityNames) {
      for (const parent of entityOf(name).parents) {
        const parents = new Map<string, Row>()
        for (const row of this.rows[parent.entity]) parents.set(this.#keyOf(parent.entity, row), row)
        for (const row of this.rows[name]) {
          const wanted = row[parent.column]
          const found = wanted && parents.get(wanted)
          if (!wanted || this.#fate.has(row)) continue
          if (found && this.#fate.get(found) !== 'rejected') continue
          const finding = { key: this.#keyOf(name, row), column: parent.column }
          if (parent.required) this.#rejected(row, { ...finding, code: found ? 'parent_rejected' : 'parent_missing' })
          else this.#note(name, { ...finding, code: 'parent_missing' })
        }
      }
    }
  }

  expected(fileWarnings: Expected['fileWarnings']): Expected {
    this.#cascade()
    const fateOf = (row: Row): Fate => this.#fate.get(row) ?? 'accepted'
    const count = (name: EntityName, fate: Fate) => this.rows[name].filter((row) => fateOf(row) === fate).length
    const entities = Object.fromEntries(entityNames.map((name) => [name, {
      rows: this.rows[name].length, accepted: count(name, 'accepted'), rejected: count(name, 'rejected'),
      superseded: count(name, 'superseded'), identical: count(name, 'identical'),
      rejectedRows: this.rows[name].filter((row) => fateOf(row) === 'rejected').map((row) => this.#cause.get(row)!),
      warnings: this.#warnings.get(name) ?? [],
    }])) as Expected['entities']
    const cents = (text: string | undefined) => Math.round(Number((text ?? '0').replaceAll(',', '')) * 100)
    const totals = Object.fromEntries(moneyMeasures.map(({ entity, column }) => {
      const sum = this.rows[entity].filter((row) => fateOf(row) === 'accepted').reduce((total, row) => total + cents(row[column]), 0)
      return [`${entity}.${column}`, (sum / 100).toFixed(2)]
    }))
    const { partner, shop, loadId } = bundled
    return { partner, shop, loadId, status: 'completed_with_exceptions', entities, totals, fileWarnings }
  }
}

const INVOICES = 300
const PARTS = 240

function spoil(books: DefectiveBooks, shop: SampleShop): void {
  const { rows } = books
  const customerOf = (j: number) => rows.invoice[j]!.externalCustomerId!
  const busy = customerOf(2)
  const lineOf = (from: number, type: string) => {
    const keys = new Set(Array.from({ length: INVOICES - from }, (_, n) => shop.invoiceKey(from + n)))
    return rows.line_item.find((line) => keys.has(line.externalDocumentId!) && line.datalineType === type)!.externalDatalineId!
  }
  const paid = rows.payment.map((payment) => payment.externalPaymentId!)

  // A customer that stays out takes vehicles, invoices, lines and payments along.
  books.reject('customer', busy, 'defaultLaborRate', 'ask Bill', 'invalid_decimal')
  books.reject('customer', shop.customerKey(171), 'doNotChargeTax', 'maybe', 'invalid_boolean')
  books.repeat('customer', shop.customerKey(20), { streetAddress1: '12 Crafts Ave', zipCode: '01060' })
  books.repeat('customer', shop.customerKey(33), {})
  books.warn('customer', shop.customerKey(41), 'contactEmail', 'no e-mail', 'invalid_email')
  books.warn('customer', shop.customerKey(52), 'contactHome', 'none', 'invalid_phone')
  books.warn('customer', shop.customerKey(63), 'preferredContact', 'pager', 'invalid_enum')

  books.warn('vehicle', rows.vehicle[12]!.externalVehicleId!, 'year', 'unknown', 'invalid_integer')
  books.warn('vehicle', rows.vehicle[25]!.externalVehicleId!, 'year', '1850', 'below_min')
  books.warn('vehicle', rows.vehicle[31]!.externalVehicleId!, 'vin', '1HGCM82633AO04352', 'invalid_vin')
  books.reject('vehicle', rows.vehicle[44]!.externalVehicleId!, 'model', 'Grand Caravan '.repeat(8).trim(), 'too_long')
  books.add('vehicle', { ...rows.vehicle[50], externalVehicleId: 'V-99001-1', externalCustomerId: 'C-99001', licensePlate: '6GHW 21' })

  books.reject('invoice', shop.invoiceKey(60), 'createdOn', '03/04/25', 'invalid_datetime')
  books.reject('invoice', shop.invoiceKey(75), 'state', 'closed', 'invalid_enum')
  books.reject('invoice', shop.invoiceKey(90), 'total', '-12.00', 'below_min')
  books.reject('invoice', shop.invoiceKey(105), 'partsTotal', '1.234,50', 'invalid_decimal')
  books.warn('invoice', shop.invoiceKey(120), 'mileageOut', '1', 'rule_mileage')
  books.warn('invoice', shop.invoiceKey(130), 'updatedOn', '2105-08-01 10:00:00', 'rule_date_range')
  // Links to nowhere, found by the cascade.
  rows.invoice[140]!.externalVehicleId = 'V-88008-1'

  books.reject('line_item', lineOf(150, 'labor'), 'lineNumber', '2nd', 'invalid_integer')
  books.warn('line_item', lineOf(155, 'part'), 'cost', '12.34567', 'precision_lost')
  books.warn('line_item', lineOf(160, 'labor'), 'quantityOrHours', '0', 'rule_labor_hours')
  books.warn('line_item', lineOf(165, 'part'), 'markupTypeRefCd', 'gut_feeling', 'invalid_enum')
  books.warn('line_item', lineOf(170, 'part'), 'nonTaxableTotal', '-5.00', 'rule_negative_total')
  linkDefects(books, shop)
  books.add('line_item', {
    externalDocumentId: 'RO-99999', externalDatalineId: 'RO-99999-1', lineNumber: '1', datalineType: 'labor', datalineName: 'Trailer wiring',
    quantityOrHours: '1', subtotal: '142.00', total: '142.00',
  })
  books.garble('line_item', lineOf(200, 'labor'), (line) => `${line},left over`, 'too_many_cells')
  books.garble('line_item', lineOf(205, 'labor'), (line) => line.replace(/labor,([^,]*)/, 'labor,"$1" again'), 'text_after_quote')

  books.reject('payment', paid[30]!, 'paymentAmount', '', 'required')
  books.reject('payment', paid[50]!, 'paymentMethod', 'bitcoin', 'invalid_enum')
  books.warn('payment', paid[70]!, 'paymentAmount', '0.00', 'rule_payment_positive')
  books.warn('payment', paid[95]!, 'paymentMethodType', 'barter', 'invalid_enum')

  books.warn('inventory_part', rows.inventory_part[17]!.externalPartId!, 'quantityOnHand', '-3', 'rule_quantity')
  books.reject('inventory_part', rows.inventory_part[29]!.externalPartId!, 'unitCost', '1e3', 'invalid_decimal')
  books.reject('inventory_part', rows.inventory_part[43]!.externalPartId!, 'partNumber', '', 'required')
  books.reject('supplier', shop.supplierKey(5), 'supplierName', '', 'required')
  books.warn('supplier', shop.supplierKey(9), 'emailAddress', 'orders at juniper', 'invalid_email')
}

/** Line items whose parents cannot be (contract rule 20): a circle, another invoice's line, the line itself, none at all. */
function linkDefects(books: DefectiveBooks, shop: SampleShop): void {
  const linesOf = (j: number) =>
    books.rows.line_item.filter((line) => line.externalDocumentId === shop.invoiceKey(j)).map((line) => line.externalDatalineId!)
  const withTwo = (from: number) => Array.from({ length: INVOICES - from }, (_, n) => from + n).find((j) => linesOf(j).length >= 2)!
  const link = (line: string, parent: string, code: ExceptionCode) => books.warn('line_item', line, 'externalParentDatalineId', parent, code)
  const [one, two] = linesOf(withTwo(175))
  link(one!, two!, 'parent_cycle')
  link(two!, one!, 'parent_cycle')
  link(linesOf(180)[0]!, linesOf(181)[0]!, 'parent_of_other_invoice')
  link(linesOf(185)[0]!, linesOf(185)[0]!, 'parent_is_itself')
  books.rows.line_item.find((line) => line.externalDatalineId === linesOf(190)[0])!.externalParentDatalineId = 'RO-20191-77'
}

/** Writes the bundled sample below `root`: the load's folder, and expected.json with what a right import of it gives. */
export function writeBundledSample(root: string): { folder: string; expected: Expected } {
  const { partner, shop: shopSlug, loadId } = bundled
  const folder = path.join(root, 'imports', partner, shopSlug, loadId)
  const sourceApp = 'Torqueline 8'
  const shop = new SampleShop({ invoices: INVOICES, seed: SAMPLE_SEED, keys: 'plain', parts: PARTS, shopSlug, sourceApp })
  const books = new DefectiveBooks(honestBooks(shop, INVOICES, PARTS))
  spoil(books, shop)
  // One file as a Windows program writes it, and one column that the contract does not know.
  const files = openFiles(folder, { columns: { customer: ['loyaltyTier'] }, csv: { supplier: { bom: true, lineEnd: '\r\n' } } })
  for (const name of entityNames) {
    for (const [i, row] of books.rows[name].entries()) {
      const raw = books.raw.get(row)
      if (raw === undefined) files[name].write(name === 'customer' && i % 7 === 0 ? { ...row, loyaltyTier: 'gold' } : row)
      else files[name].writeLine(raw)
    }
  }
  finishLoad(folder, files, { loadId, sourceApp })
  const expected = books.expected([{ file: 'customers.csv', column: 'loyaltyTier', code: 'unknown_column' }])
  writeFileSync(path.join(root, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`)
  return { folder, expected }
}
