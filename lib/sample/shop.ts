import type { customer } from '#lib/contract/entities/customer.ts'
import type { inventoryPart } from '#lib/contract/entities/inventory-part.ts'
import type { invoice } from '#lib/contract/entities/invoice.ts'
import type { lineItem } from '#lib/contract/entities/line-item.ts'
import type { payment } from '#lib/contract/entities/payment.ts'
import type { supplier } from '#lib/contract/entities/supplier.ts'
import type { vehicle } from '#lib/contract/entities/vehicle.ts'
import { cars } from './cars.ts'
import { areaCodes, firms, firstNames, lastNames, mailHosts, streets, technicians, towns, writers } from './people.ts'
import { random, type Random } from './random.ts'
import { makeVin } from './vin.ts'
import { brands, partGroups, suppliers, works, type Work } from './work.ts'

/** A row as it stands in a file: text by column, absent where the cell is empty. */
export type Cells<E extends { columns: object }> = { [K in keyof E['columns']]?: string }
export type InvoiceWithParts = { invoice: Cells<typeof invoice>; lines: Cells<typeof lineItem>[]; payments: Cells<typeof payment>[] }

export type ShopOptions = { invoices: number; seed: number; keys: 'plain' | 'uuid'; parts: number; shopSlug: string; sourceApp: string }

const LABOR_CENTS_PER_HOUR = 14_200
const TAX_PER_MYRIAD = 625
const HAZ_MAT_CENTS = 450
const SUPPLIES_PERCENT_OF_LABOR = 6
const SUPPLIES_AT_MOST_CENTS = 3_500
// Open from Monday to Saturday; the books end on a Saturday.
const LAST_WEEK = Date.UTC(2025, 7, 25)
const DAYS_A_WEEK = 6
const MOST_DAYS = 900
const FEWEST_INVOICES_A_DAY = 6
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const MILES_A_YEAR = 11_400

const dollars = (cents: number) => (cents / 100).toFixed(2)
const tenths = (count: number) => (count / 10).toFixed(1)
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 19)
const plain = (text: string) => text.normalize('NFD').replace(/[^A-Za-z]/g, '').toLowerCase()

/**
 * The books of a made-up repair shop. Every row is a function of its number and the seed, so a shop of ten million lines
 * takes no more memory than one of ten.
 */
export class SampleShop {
  readonly customers: number
  readonly options: ShopOptions
  constructor(options: ShopOptions) {
    this.options = options
    this.customers = Math.max(1, Math.round(options.invoices * 0.6))
  }

  #random(...what: (string | number)[]): Random {
    return random(this.options.seed, ...what)
  }

  #key(kind: string, readable: string, ...numbers: number[]): string {
    if (this.options.keys === 'plain') return readable
    const r = this.#random('key', kind, ...numbers)
    const hex = Array.from({ length: 4 }, () => Math.floor(r.next() * 2 ** 32).toString(16).padStart(8, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  #common() {
    return { sourceAppName: this.options.sourceApp, externalShopId: this.options.shopSlug }
  }

  customerKey(i: number): string {
    return this.#key('customer', `C-${10_001 + i}`, i)
  }

  vehicleKey(i: number, n: number): string {
    return this.#key('vehicle', `V-${10_001 + i}-${n + 1}`, i, n)
  }

  invoiceKey(j: number): string {
    return this.#key('invoice', `RO-${20_001 + j}`, j)
  }

  #taxExempt(i: number): boolean {
    return this.#random('tax', i).chance(0.03)
  }

  #vehicleCount(i: number): number {
    const r = this.#random('garage', i)
    return r.chance(0.03) ? 0 : r.chance(0.18) ? 2 : 1
  }

  customer(i: number): Cells<typeof customer> {
    const r = this.#random('customer', i)
    const firm = r.chance(0.06) ? r.of(firms) : undefined
    const [first, last] = [r.of(firstNames), r.of(lastNames)]
    const [city, zipCode] = r.of(towns)
    const phone = () => `(${r.of(areaCodes)}) 555-01${String(r.int(0, 99)).padStart(2, '0')}`
    const email = r.chance(0.78) ? `${plain(first)}.${plain(last)}${r.int(1, 999)}@${r.of(mailHosts)}` : undefined
    return {
      ...this.#common(), externalCustomerId: this.customerKey(i),
      firstName: firm ? undefined : first, lastName: firm ?? last,
      streetAddress1: `${r.int(1, 980)} ${r.of(streets)}`, streetAddress2: r.chance(0.12) ? `Apt ${r.int(1, 40)}` : undefined,
      country: 'US', state: 'MA', city, zipCode,
      contactCell: r.chance(0.9) ? phone() : undefined, contactWork: firm ? phone() : undefined, contactHome: r.chance(0.15) ? phone() : undefined,
      contactEmail: email, preferredContact: email && r.chance(0.4) ? 'email' : 'cell',
      authorizerFirstName: firm && first, authorizerLastName: firm && last, authorizerPhone: firm && phone(),
      defaultLaborRate: firm ? '128.50' : undefined, doNotChargeTax: this.#taxExempt(i) ? 'Y' : 'N',
    }
  }

  #model(i: number, n: number) {
    const r = this.#random('model', i, n)
    const model = r.of(cars)
    return { model, year: r.int(Math.max(model.from, Math.min(model.to, 2006)), model.to) }
  }

  vehicles(i: number): Cells<typeof vehicle>[] {
    return Array.from({ length: this.#vehicleCount(i) }, (_, n) => {
      const r = this.#random('vehicle', i, n)
      const { model, year } = this.#model(i, n)
      const letters = () => r.of([...'ABCDEFGHJKLMNPRSTVWXYZ'])
      return {
        ...this.#common(), externalVehicleId: this.vehicleKey(i, n), externalCustomerId: this.customerKey(i),
        year: String(year), make: model.make, model: model.model, engine: model.engine, vin: makeVin(model.maker, year, r),
        licensePlate: r.chance(0.5) ? `${r.int(1, 9)}${letters()}${letters()}${letters()} ${r.int(10, 99)}` : `${r.int(100, 999)} ${letters()}${letters()}${r.int(1, 9)}`,
        licenseState: r.chance(0.92) ? 'MA' : r.of(['CT', 'NH', 'VT', 'NY']), licenseCountry: 'US',
        odometerCode: 'MI', odometerLabel: 'Miles', fuelType: model.fuel, nonAcesBodyTypeName: model.body, nonAcesFuelTypeName: model.fuel,
      }
    })
  }

  #part(k: number) {
    const r = this.#random('part', k)
    const group = partGroups[k % partGroups.length]!
    const price = r.int(group.fromCents, group.toCents)
    return { r, group, price, cost: Math.round(price * (0.52 + r.next() * 0.14)), number: `${group.prefix}-${1000 + r.int(0, 899) * 10 + (k % 10)}`, brand: r.of(brands) }
  }

  part(k: number): Cells<typeof inventoryPart> {
    const { r, group, price, cost, number, brand } = this.#part(k)
    return {
      ...this.#common(), externalPartId: this.#key('part', `PRT-${String(k + 1).padStart(5, '0')}`, k), partNumber: number,
      partDescription: `${group.name}, ${brand}`, partCategory: group.category, unitCost: `${dollars(cost)}00`, unitPrice: `${dollars(price)}00`,
      quantityOnHand: `${r.int(0, 40)}.000`, reorderLevel: `${r.int(0, 8)}`, supplierId: this.supplierKey(k % suppliers.length),
      supplierPartNumber: `${number}-${r.int(10, 99)}`, isActive: r.chance(0.95) ? '1' : '0',
    }
  }

  get suppliers(): number {
    return suppliers.length
  }

  supplierKey(k: number): string {
    return this.#key('supplier', `SUP-${String(k + 1).padStart(3, '0')}`, k)
  }

  supplier(k: number): Cells<typeof supplier> {
    const r = this.#random('supplier', k)
    const [city, zipCode] = r.of(towns)
    const host = `${suppliers[k]!.split(/[ ,]/).slice(0, 2).map(plain).join('-')}.example`
    return {
      ...this.#common(), externalSupplierId: this.supplierKey(k), supplierName: suppliers[k], contactPerson: `${r.of(firstNames)} ${r.of(lastNames)}`,
      streetAddress1: `${r.int(1, 400)} ${r.of(streets)}`, city, state: 'MA', zipCode, country: 'US', phoneNumber: `413-555-01${String(r.int(0, 99)).padStart(2, '0')}`,
      emailAddress: `orders@${host}`, website: `https://www.${host}`, isActive: 'yes', paymentTerms: r.of(['Net 30', '2% 10, Net 30', 'COD', 'Net 15']),
    }
  }

  /** When the j-th repair order was opened: epoch milliseconds of the shop's own clock, as if it were UTC. */
  #openedAt(j: number): number {
    const aDay = Math.max(FEWEST_INVOICES_A_DAY, Math.ceil(this.options.invoices / MOST_DAYS))
    const days = Math.ceil(this.options.invoices / aDay)
    const dayNumber = Math.floor(j / aDay) + DAYS_A_WEEK * Math.ceil(days / DAYS_A_WEEK) - days
    const firstWeek = LAST_WEEK - 7 * DAY_MS * (Math.ceil(days / DAYS_A_WEEK) - 1)
    const date = firstWeek + 7 * DAY_MS * Math.floor(dayNumber / DAYS_A_WEEK) + DAY_MS * (dayNumber % DAYS_A_WEEK)
    return date + MINUTE_MS * (450 + Math.floor(((j % aDay) / aDay) * 540)) + 1_000 * this.#random('opened', j).int(0, 59)
  }

  #state(j: number, r: Random): string {
    if (j >= this.options.invoices * 0.97) return r.of(['in_progress', 'in_progress', 'pending', 'draft'])
    return r.chance(0.9) ? 'paid' : r.chance(0.7) ? 'completed' : 'cancelled'
  }

  /** Which customer and which of their vehicles an invoice is for. */
  partiesOf(j: number): { customer: number; vehicle: number | null } {
    const r = this.#random('parties', j)
    const customer = r.int(0, this.customers - 1)
    const count = this.#vehicleCount(customer)
    return { customer, vehicle: count === 0 ? null : r.int(0, count - 1) }
  }

  invoice(j: number): InvoiceWithParts {
    const r = this.#random('invoice', j)
    const key = this.invoiceKey(j)
    const parties = this.partiesOf(j)
    const opened = this.#openedAt(j)
    const state = this.#state(j, r)
    const { lines, sums } = this.#lines(j, r, key)
    const taxed = this.#taxExempt(parties.customer) ? 0 : TAX_PER_MYRIAD
    const partsTax = Math.round((sums.parts * taxed) / 10_000)
    const shopSupTax = Math.round((sums.supplies * taxed) / 10_000)
    const subTotal = sums.parts + sums.labor + sums.flat + sums.supplies + sums.hazMat - sums.discount
    const total = subTotal + partsTax + shopSupTax
    const year = parties.vehicle === null ? undefined : this.#model(parties.customer, parties.vehicle).year
    const mileage = year === undefined ? undefined : Math.round((2025.6 - year) * MILES_A_YEAR * (0.6 + this.#random('miles', parties.customer).next() * 0.8)) + Math.floor((j / this.options.invoices) * 9_000)
    const [writerId, writer] = r.of(writers)
    const [technicianId, technician] = r.of(technicians)
    const closed = opened + DAY_MS * r.int(0, 2) + MINUTE_MS * r.int(60, 400)
    const paid = state === 'paid' ? total : state === 'completed' && r.chance(0.4) ? Math.floor(total / 2) : 0
    return {
      lines, payments: this.#payments(j, r, key, paid, closed),
      invoice: {
        ...this.#common(), externalDocumentId: key, createdOn: `${day(opened)}T${clock(opened)}`, updatedOn: `${day(closed)} ${clock(closed)}`, state,
        serviceTag: r.chance(0.5) ? `Tag ${r.int(1, 90)}` : undefined, mileageIn: mileage?.toString(), mileageOut: mileage === undefined ? undefined : String(mileage + r.int(0, 9)),
        odometerCode: mileage === undefined ? undefined : 'MI', odometerLabel: mileage === undefined ? undefined : 'Miles',
        shopNote: r.chance(0.12) ? r.of(['Customer waiting', 'Call before any extra work, please', 'Keys in the drop box,\nplate holder loose', 'Says it "pulls left" on the highway']) : undefined,
        externalCustomerId: this.customerKey(parties.customer), externalVehicleId: parties.vehicle === null ? undefined : this.vehicleKey(parties.customer, parties.vehicle),
        externalServiceWriterName: writer, externalServiceWriterId: writerId, externalTechnicianName: technician, externalTechnicianId: technicianId,
        plannedHours: tenths(sums.tenthsOfHours), partsTotal: dollars(sums.parts), laborTotal: dollars(sums.labor), flatFeeTotal: dollars(sums.flat),
        totalDiscount: dollars(sums.discount), shopSuppliesAmount: dollars(sums.supplies), shopSuppliesManuallyEdited: 'false', shopSuppliesAppliedToDocument: String(sums.supplies > 0),
        hazMatAmount: dollars(sums.hazMat), hazMatManuallyEdited: 'false', hazMatAppliedToDocument: String(sums.hazMat > 0), subTotal: dollars(subTotal),
        partsTax: dollars(partsTax), laborTax: '0.00', flatFeeTax: '0.00', hazMatTax: '0.00', shopSupTax: dollars(shopSupTax), tax: dollars(partsTax + shopSupTax),
        total: dollars(total), nonTaxableTotal: dollars(sums.labor + sums.flat + sums.hazMat),
      },
    }
  }

  #works(r: Random): Work[] {
    const count = r.chance(0.6) ? 1 : r.chance(0.8) ? 2 : 3
    const whole = works.reduce((sum, work) => sum + work.often, 0)
    return Array.from({ length: count }, () => {
      let left = r.int(1, whole)
      return works.find((work) => (left -= work.often) <= 0)!
    })
  }

  #lines(j: number, r: Random, invoiceKey: string) {
    const sums = { parts: 0, labor: 0, flat: 0, supplies: 0, hazMat: 0, discount: 0, tenthsOfHours: 0 }
    const lines: Cells<typeof lineItem>[] = []
    const idOf = (n: number) => this.#key('line', `${invoiceKey}-${n}`, j, n)
    const add = (type: string, name: string, cents: number, rest: Cells<typeof lineItem>): string => {
      const id = idOf(lines.length + 1)
      lines.push({
        ...this.#common(), externalDocumentId: invoiceKey, externalDatalineId: id, lineNumber: String(lines.length + 1), datalineType: type, datalineName: name,
        subtotal: dollars(cents), total: dollars(cents), ...rest,
      })
      return id
    }
    const chosen = this.#works(r)
    for (const work of chosen) {
      const labor = Math.round((LABOR_CENTS_PER_HOUR * work.tenthsOfHours) / 10)
      // Some systems write the labor before the part it belongs to.
      const laborFirst = work.parts.length > 0 && r.chance(0.15)
      const addLabor = (parent: string | undefined) => {
        sums.labor += labor
        sums.tenthsOfHours += work.tenthsOfHours
        add('labor', work.name, labor, {
          externalParentDatalineId: parent, laborRate: `${dollars(LABOR_CENTS_PER_HOUR)}00`, quantityOrHours: tenths(work.tenthsOfHours), taxable: 'false', nonTaxableTotal: dollars(labor),
        })
      }
      if (work.flatCents) {
        sums.flat += work.flatCents
        add('flat_fee', work.name, work.flatCents, { quantityOrHours: '1', taxable: 'false', nonTaxableTotal: dollars(work.flatCents) })
      }
      const hasLabor = work.tenthsOfHours > 0
      if (hasLabor && laborFirst) addLabor(idOf(lines.length + 2))
      const [first] = work.parts.map(([group, quantity]) => this.#addPart(r, group, quantity, sums, add))
      if (hasLabor && !laborFirst) addLabor(first)
    }
    if (sums.labor > 0 && r.chance(0.5)) {
      sums.supplies = Math.min(SUPPLIES_AT_MOST_CENTS, Math.round((sums.labor * SUPPLIES_PERCENT_OF_LABOR) / 100))
      add('shop_supplies', 'Shop supplies', sums.supplies, { quantityOrHours: '1', taxable: 'true' })
    }
    if (chosen.some((work) => work.hazMat) && r.chance(0.7)) {
      sums.hazMat = HAZ_MAT_CENTS
      add('hazmat', 'Waste disposal', HAZ_MAT_CENTS, { quantityOrHours: '1', taxable: 'false', nonTaxableTotal: dollars(HAZ_MAT_CENTS) })
    }
    if (sums.labor > 2_000 && r.chance(0.12)) {
      sums.discount = Math.round((sums.labor + sums.parts) / 10)
      add('discount', r.of(['10% off, welcome back', 'Senior discount', 'Fleet discount']), -sums.discount, { taxable: 'false' })
    }
    return { lines, sums }
  }

  #addPart(r: Random, group: number, quantity: number, sums: { parts: number }, add: (type: string, name: string, cents: number, rest: Cells<typeof lineItem>) => string): string {
    const ofGroup = Math.max(1, Math.floor(this.options.parts / partGroups.length))
    const part = this.#part(group + partGroups.length * r.int(0, ofGroup - 1))
    const cents = part.price * quantity
    sums.parts += cents
    return add('part', part.group.name, cents, {
      description: `${part.brand} ${part.number}`, partNumber: part.number, cost: `${dollars(part.cost)}00`, priceRate: `${dollars(part.price)}00`,
      quantityOrHours: String(quantity), taxable: 'true', markupAmount: dollars((part.price - part.cost) * quantity), markupCalcMethodRefCd: 'percentage', markupTypeRefCd: 'cost_plus',
    })
  }

  #payments(j: number, r: Random, invoiceKey: string, paid: number, closed: number): Cells<typeof payment>[] {
    if (paid === 0) return []
    const first = r.chance(0.08) ? Math.floor(paid / 3) : paid
    return [first, paid - first].filter((cents) => cents > 0).map((cents, n) => {
      const [method, type] = r.of([
        ['credit_card', 'card'], ['credit_card', 'card'], ['credit_card', 'card'], ['debit_card', 'card'], ['cash', 'cash'], ['check', 'check'], ['ach', 'bank'],
      ] as const)
      return {
        ...this.#common(), externalPaymentId: this.#key('payment', `${invoiceKey}/${n + 1}`, j, n), externalDocumentId: invoiceKey,
        paymentDate: day(closed), paymentAmount: dollars(cents), paymentMethod: method, paymentMethodType: type,
        paymentReferenceNo: type === 'card' ? `AUTH ${r.int(100_000, 999_999)}` : type === 'check' ? `No. ${r.int(1_000, 9_999)}` : undefined, paymentStatus: 'completed',
      }
    })
  }
}
