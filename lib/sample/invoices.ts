import type { invoice } from '#lib/contract/entities/invoice.ts'
import type { lineItem } from '#lib/contract/entities/line-item.ts'
import type { payment } from '#lib/contract/entities/payment.ts'
import { technicians, writers } from './people.ts'
import type { Random } from './random.ts'
import { dollars, rate, type Cells, type SampleShop } from './shop.ts'
import { partGroups, works, type Work } from './work.ts'

export type InvoiceWithRows = { invoice: Cells<typeof invoice>; lines: Cells<typeof lineItem>[]; payments: Cells<typeof payment>[] }
type Sums = { parts: number; labor: number; flat: number; supplies: number; hazMat: number; discount: number; tenthsOfHours: number }

const LABOR_CENTS_PER_HOUR = 14_200
const TAX_PER_MYRIAD = 625
const HAZ_MAT_CENTS = 450
const SUPPLIES_PERCENT_OF_LABOR = 6
const SUPPLIES_AT_MOST_CENTS = 3_500
const DISCOUNT_FROM_LABOR_CENTS = 2_000
// Open from Monday to Saturday; the books end on a Saturday.
const LAST_WEEK = Date.UTC(2025, 7, 25)
const END_YEAR = 2025.6
const DAYS_A_WEEK = 6
const MOST_DAYS = 900
const FEWEST_INVOICES_A_DAY = 6
const OPENS_AT_MINUTE = 450
const OPEN_MINUTES = 540
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const MILES_A_YEAR = 11_400

const NOTES = ['Customer waiting', 'Call before any extra work, please', 'Keys in the drop box,\nplate holder loose', 'Says it "pulls left" on the highway']
const DISCOUNTS = ['10% off, welcome back', 'Senior discount', 'Fleet discount']
const METHODS = [
  ['credit_card', 'card'], ['credit_card', 'card'], ['credit_card', 'card'], ['debit_card', 'card'], ['cash', 'cash'], ['check', 'check'], ['ach', 'bank'],
] as const

const tenths = (count: number) => (count / 10).toFixed(1)
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 19)

/** Which customer and which of their vehicles the j-th invoice is for. */
export function partiesOf(shop: SampleShop, j: number): { customer: number; vehicle: number | null } {
  const r = shop.random('parties', j)
  const customer = r.int(0, shop.customers - 1)
  const count = shop.vehicleCount(customer)
  return { customer, vehicle: count === 0 ? null : r.int(0, count - 1) }
}

/** The j-th invoice of the shop, in order of time, with its lines and payments. They add up to the cent. */
export function makeInvoice(shop: SampleShop, j: number): InvoiceWithRows {
  const r = shop.random('invoice', j)
  const key = shop.invoiceKey(j)
  const { customer, vehicle } = partiesOf(shop, j)
  const opened = openedAt(shop, j)
  const state = stateOf(shop, j, r)
  const { lines, sums } = new Lines(shop, j, r).write()
  const taxed = shop.taxExempt(customer) ? 0 : TAX_PER_MYRIAD
  const partsTax = Math.round((sums.parts * taxed) / 10_000)
  const shopSupTax = Math.round((sums.supplies * taxed) / 10_000)
  const subTotal = sums.parts + sums.labor + sums.flat + sums.supplies + sums.hazMat - sums.discount
  const total = subTotal + partsTax + shopSupTax
  const mileage = vehicle === null ? undefined : mileageOf(shop, j, customer, vehicle)
  const [writerId, writer] = r.of(writers)
  const [technicianId, technician] = r.of(technicians)
  const closed = opened + DAY_MS * r.int(0, 2) + MINUTE_MS * r.int(60, 400)
  const paid = paidOf(state, total, r)
  return {
    lines,
    payments: payments(shop, j, r, paid, closed),
    invoice: {
      ...shop.common(),
      externalDocumentId: key,
      createdOn: `${day(opened)}T${clock(opened)}`,
      updatedOn: `${day(closed)} ${clock(closed)}`,
      state,
      serviceTag: r.chance(0.5) ? `Tag ${r.int(1, 90)}` : undefined,
      ...(mileage === undefined ? {} : { mileageIn: String(mileage), mileageOut: String(mileage + r.int(0, 9)), odometerCode: 'MI', odometerLabel: 'Miles' }),
      shopNote: r.chance(0.12) ? r.of(NOTES) : undefined,
      externalCustomerId: shop.customerKey(customer),
      externalVehicleId: vehicle === null ? undefined : shop.vehicleKey(customer, vehicle),
      externalServiceWriterName: writer, externalServiceWriterId: writerId,
      externalTechnicianName: technician, externalTechnicianId: technicianId,
      plannedHours: tenths(sums.tenthsOfHours),
      partsTotal: dollars(sums.parts), laborTotal: dollars(sums.labor), flatFeeTotal: dollars(sums.flat), totalDiscount: dollars(sums.discount),
      shopSuppliesAmount: dollars(sums.supplies), shopSuppliesManuallyEdited: 'false', shopSuppliesAppliedToDocument: String(sums.supplies > 0),
      hazMatAmount: dollars(sums.hazMat), hazMatManuallyEdited: 'false', hazMatAppliedToDocument: String(sums.hazMat > 0),
      subTotal: dollars(subTotal),
      partsTax: dollars(partsTax), laborTax: '0.00', flatFeeTax: '0.00', hazMatTax: '0.00', shopSupTax: dollars(shopSupTax),
      tax: dollars(partsTax + shopSupTax), total: dollars(total), nonTaxableTotal: dollars(sums.labor + sums.flat + sums.hazMat),
    },
  }
}

/** Epoch milliseconds of the shop's own clock, as if it were UTC. */
function openedAt(shop: SampleShop, j: number): number {
  const { invoices } = shop.options
  const aDay = Math.max(FEWEST_INVOICES_A_DAY, Math.ceil(invoices / MOST_DAYS))
  const days = Math.ceil(invoices / aDay)
  const weeks = Math.ceil(days / DAYS_A_WEEK)
  const dayNumber = Math.floor(j / aDay) + DAYS_A_WEEK * weeks - days
  const date = LAST_WEEK + DAY_MS * (7 * (Math.floor(dayNumber / DAYS_A_WEEK) - weeks + 1) + (dayNumber % DAYS_A_WEEK))
  const minute = OPENS_AT_MINUTE + Math.floor(((j % aDay) / aDay) * OPEN_MINUTES)
  return date + MINUTE_MS * minute + 1_000 * shop.random('opened', j).int(0, 59)
}

function stateOf(shop: SampleShop, j: number, r: Random): string {
  if (j >= shop.options.invoices * 0.97) return r.of(['in_progress', 'in_progress', 'pending', 'draft'])
  if (r.chance(0.9)) return 'paid'
  return r.chance(0.7) ? 'completed' : 'cancelled'
}

function paidOf(state: string, total: number, r: Random): number {
  if (state === 'paid') return total
  return state === 'completed' && r.chance(0.4) ? Math.floor(total / 2) : 0
}

function mileageOf(shop: SampleShop, j: number, customer: number, vehicle: number): number {
  const years = END_YEAR - shop.model(customer, vehicle).year
  const use = 0.6 + shop.random('miles', customer).next() * 0.8
  return Math.round(years * MILES_A_YEAR * use) + Math.floor((j / shop.options.invoices) * 9_000)
}

/** The lines of one invoice while they are written, and what they add up to. */
class Lines {
  readonly #shop: SampleShop
  readonly #j: number
  readonly #r: Random
  readonly #lines: Cells<typeof lineItem>[] = []
  readonly #sums: Sums = { parts: 0, labor: 0, flat: 0, supplies: 0, hazMat: 0, discount: 0, tenthsOfHours: 0 }

  constructor(shop: SampleShop, j: number, r: Random) {
    this.#shop = shop
    this.#j = j
    this.#r = r
  }

  write(): { lines: Cells<typeof lineItem>[]; sums: Sums } {
    const r = this.#r
    const sums = this.#sums
    const chosen = chooseWorks(r)
    for (const work of chosen) this.#addWork(work)
    if (sums.labor > 0 && r.chance(0.5)) {
      sums.supplies = Math.min(SUPPLIES_AT_MOST_CENTS, Math.round((sums.labor * SUPPLIES_PERCENT_OF_LABOR) / 100))
      this.#add('shop_supplies', 'Shop supplies', sums.supplies, { quantityOrHours: '1', taxable: 'true' })
    }
    if (chosen.some((work) => work.hazMat) && r.chance(0.7)) {
      sums.hazMat = HAZ_MAT_CENTS
      this.#add('hazmat', 'Waste disposal', HAZ_MAT_CENTS, { quantityOrHours: '1', taxable: 'false', nonTaxableTotal: dollars(HAZ_MAT_CENTS) })
    }
    if (sums.labor > DISCOUNT_FROM_LABOR_CENTS && r.chance(0.12)) {
      sums.discount = Math.round((sums.labor + sums.parts) / 10)
      this.#add('discount', r.of(DISCOUNTS), -sums.discount, { taxable: 'false' })
    }
    return { lines: this.#lines, sums }
  }

  #idOf(n: number): string {
    return this.#shop.key('line', `${this.#shop.invoiceKey(this.#j)}-${n}`, this.#j, n)
  }

  /** Adds a line and gives its key. */
  #add(datalineType: string, datalineName: string, cents: number, rest: Cells<typeof lineItem>): string {
    const number = this.#lines.length + 1
    const externalDatalineId = this.#idOf(number)
    this.#lines.push({
      ...this.#shop.common(),
      externalDocumentId: this.#shop.invoiceKey(this.#j), externalDatalineId, lineNumber: String(number), datalineType, datalineName,
      subtotal: dollars(cents), total: dollars(cents),
      ...rest,
    })
    return externalDatalineId
  }

  /** The labor hangs on the first part. Some systems write it before that part. */
  #addWork(work: Work): void {
    const hasLabor = work.tenthsOfHours > 0
    const laborFirst = work.parts.length > 0 && this.#r.chance(0.15)
    if (work.flatCents) {
      this.#sums.flat += work.flatCents
      this.#add('flat_fee', work.name, work.flatCents, { quantityOrHours: '1', taxable: 'false', nonTaxableTotal: dollars(work.flatCents) })
    }
    if (hasLabor && laborFirst) this.#addLabor(work, this.#idOf(this.#lines.length + 2))
    const [first] = work.parts.map(([group, quantity]) => this.#addPart(group, quantity))
    if (hasLabor && !laborFirst) this.#addLabor(work, first)
  }

  #addLabor({ name, tenthsOfHours }: Work, parent: string | undefined): void {
    const cents = Math.round((LABOR_CENTS_PER_HOUR * tenthsOfHours) / 10)
    this.#sums.labor += cents
    this.#sums.tenthsOfHours += tenthsOfHours
    this.#add('labor', name, cents, {
      externalParentDatalineId: parent, laborRate: rate(LABOR_CENTS_PER_HOUR), quantityOrHours: tenths(tenthsOfHours),
      taxable: 'false', nonTaxableTotal: dollars(cents),
    })
  }

  #addPart(group: number, quantity: number): string {
    const ofGroup = Math.max(1, Math.floor(this.#shop.options.parts / partGroups.length))
    const part = this.#shop.partFacts(group + partGroups.length * this.#r.int(0, ofGroup - 1))
    const cents = part.price * quantity
    this.#sums.parts += cents
    return this.#add('part', part.group.name, cents, {
      description: `${part.brand} ${part.number}`, partNumber: part.number, cost: rate(part.cost), priceRate: rate(part.price),
      quantityOrHours: String(quantity), taxable: 'true',
      markupAmount: dollars((part.price - part.cost) * quantity), markupCalcMethodRefCd: 'percentage', markupTypeRefCd: 'cost_plus',
    })
  }
}

const WORKS_IN_ALL = works.reduce((sum, work) => sum + work.often, 0)

function chooseWorks(r: Random): Work[] {
  const more = r.chance(0.6) ? 0 : r.chance(0.8) ? 1 : 2
  return Array.from({ length: 1 + more }, () => {
    let left = r.int(1, WORKS_IN_ALL)
    return works.find((work) => (left -= work.often) <= 0)!
  })
}

function payments(shop: SampleShop, j: number, r: Random, paid: number, closed: number): Cells<typeof payment>[] {
  if (paid === 0) return []
  const invoiceKey = shop.invoiceKey(j)
  const first = r.chance(0.08) ? Math.floor(paid / 3) : paid
  return [first, paid - first].filter((cents) => cents > 0).map((cents, n) => {
    const [method, type] = r.of(METHODS)
    return {
      ...shop.common(),
      externalPaymentId: shop.key('payment', `${invoiceKey}/${n + 1}`, j, n),
      externalDocumentId: invoiceKey,
      paymentDate: day(closed), paymentAmount: dollars(cents), paymentMethod: method, paymentMethodType: type,
      paymentReferenceNo: reference(type, r),
      paymentStatus: 'completed',
    }
  })
}

function reference(type: string, r: Random): string | undefined {
  if (type === 'card') return `AUTH ${r.int(100_000, 999_999)}`
  return type === 'check' ? `No. ${r.int(1_000, 9_999)}` : undefined
}
