import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { cars } from './cars.ts'
import { areaCodes, firstNames, lastNames, streets, technicians, towns, writers } from './people.ts'
import { random, type Random } from './random.ts'
import { makeVin } from './vin.ts'
import { partGroups, works, type Work } from './work.ts'

type Party = { customerId: number; vehicleId: number | null }
/** A piece of work as it was charged: in cents, with the parts below it. */
type Charge = { work: Work; cents: number; parts: { name: string; number: string; quantity: number; priceCents: number }[] }

const LABOR_CENTS = 13_500
const HAZ_MAT_CENTS = 450
const TAX_PER_MILLE = 62.5
const DAY_MS = 86_400_000
// How far back the newest invoices of a shop go.
const DAYS_BACK = 45
const WALK_IN_EVERY = 4

/**
 * Makes invoices in a shop as our own product makes them: ids from AUTO_INCREMENT, no load and no source keys. About half are for
 * customers the shop already has, if it has any. The same seed makes the same invoices, dated back from now. One transaction; gives their ids.
 */
export async function createNativeInvoices(connection: Connection, shopId: number, count: number, seed: number): Promise<number[]> {
  const r = random(seed, 'native')
  const known = await knownParties(connection, shopId)
  await connection.beginTransaction()
  const walkIns: Party[] = []
  while (walkIns.length < Math.ceil(count / WALK_IN_EVERY)) walkIns.push(await createParty(connection, shopId, r))
  const ids: number[] = []
  for (let i = 0; i < count; i++) {
    const parties = known.length > 0 && r.chance(0.5) ? known : walkIns
    ids.push(await createInvoice(connection, shopId, r.of(parties), r))
  }
  await connection.commit()
  return ids
}

async function knownParties(connection: Connection, shopId: number): Promise<Party[]> {
  const [rows] = await connection.query<(RowDataPacket & Party)[]>(
    'select customerId, id as vehicleId from vehicle where customerId in (select id from customer where shopId = ?) order by id limit 200', [shopId])
  return rows.map(({ customerId, vehicleId }) => ({ customerId, vehicleId }))
}

async function createParty(connection: Connection, shopId: number, r: Random): Promise<Party> {
  const [city, zipCode] = r.of(towns)
  const [firstName, lastName] = [r.of(firstNames), r.of(lastNames)]
  const customerId = await insert(connection, 'customer', {
    shopId, firstName, lastName, contactCell: `(${r.of(areaCodes)}) 555-01${String(r.int(0, 99)).padStart(2, '0')}`,
    streetAddress1: `${r.int(1, 400)} ${r.of(streets)}`, city, state: 'MA', zipCode, country: 'US', preferredContact: 'cell',
  })
  const { maker, make, model, from, to, engine } = r.of(cars)
  const year = r.int(Math.max(from, to - 12), to)
  const vehicleId = await insert(connection, 'vehicle', {
    shopId, customerId, year, make, model, engine, vin: makeVin(maker, year, r), licensePlate: `${r.int(1, 9)}${r.of([...'ABCDEFGH'])}${r.of([...'KLMNPRST'])} ${r.int(100, 999)}`,
    licenseState: 'MA', licenseCountry: 'US', odometerCode: 'mi',
  })
  return { customerId, vehicleId }
}

async function createInvoice(connection: Connection, shopId: number, { customerId, vehicleId }: Party, r: Random): Promise<number> {
  const charges = chargesFor([...new Set([r.of(works), r.of(works), ...(r.chance(0.3) ? [r.of(works)] : [])])], r)
  const state = r.of(['paid', 'paid', 'paid', 'completed', 'in_progress', 'draft'])
  const createdOn = new Date(Date.now() - Math.floor(r.next() * DAYS_BACK * DAY_MS))
  const labor = sum(charges.filter(({ work }) => !work.flatCents).map(({ cents }) => cents))
  const flat = sum(charges.filter(({ work }) => work.flatCents).map(({ cents }) => cents))
  const parts = sum(charges.flatMap((charge) => charge.parts.map((p) => p.priceCents * p.quantity)))
  const discount = r.chance(0.25) ? Math.round((labor + parts) / 10) : 0
  const supplies = Math.min(Math.round(labor / 20), 3_500)
  const hazMat = charges.some(({ work }) => work.hazMat) ? HAZ_MAT_CENTS : 0
  const subTotal = labor + flat + parts + supplies + hazMat - discount
  const partsTax = Math.round((parts * TAX_PER_MILLE) / 1000)
  const total = subTotal + partsTax
  const mileageIn = r.int(20_000, 140_000)
  const invoiceId = await insert(connection, 'invoice', {
    shopId, customerId, vehicleId, state, createdOn, updatedOn: createdOn, serviceTag: `T-${r.int(100, 999)}`,
    mileageIn, mileageOut: mileageIn + r.int(0, 12), odometerCode: 'mi', odometerLabel: 'miles',
    externalServiceWriterName: r.of(writers)[1], externalTechnicianName: r.of(technicians)[1], plannedHours: (sum(charges.map(({ work }) => work.tenthsOfHours)) / 10).toFixed(2),
    partsTotal: amount(parts), laborTotal: amount(labor), flatFeeTotal: amount(flat), totalDiscount: amount(discount),
    shopSuppliesAmount: amount(supplies), shopSuppliesAppliedToDocument: supplies > 0, hazMatAmount: amount(hazMat), hazMatAppliedToDocument: hazMat > 0,
    subTotal: amount(subTotal), partsTax: amount(partsTax), tax: amount(partsTax), total: amount(total),
  })
  await createLines(connection, { shopId, invoiceId }, charges, { supplies, hazMat, discount })
  await createPayments(connection, { shopId, invoiceId }, { state, total, createdOn }, r)
  return invoiceId
}

function chargesFor(chosen: readonly Work[], r: Random): Charge[] {
  return chosen.map((work) => ({
    work,
    cents: work.flatCents ?? Math.round((work.tenthsOfHours * LABOR_CENTS) / 10),
    parts: work.parts.map(([index, quantity]) => {
      const { name, prefix, fromCents, toCents } = partGroups[index]!
      return { name, number: `${prefix}-${r.int(1000, 9999)}`, quantity, priceCents: r.int(fromCents, toCents) }
    }),
  }))
}

type Of = { shopId: number; invoiceId: number }

/** Each piece of work is a line with its parts below it; fees and the discount stand on their own. */
async function createLines(connection: Connection, of: Of, charges: readonly Charge[], extra: { supplies: number; hazMat: number; discount: number }): Promise<void> {
  let lineNumber = 1
  const line = (values: { [column: string]: unknown }, cents: number) =>
    insert(connection, 'line_item', { ...of, lineNumber: lineNumber++, ...values, subtotal: amount(cents), total: amount(cents) })
  for (const { work, cents, parts } of charges) {
    const charged = work.flatCents
      ? { datalineType: 'flat_fee', quantityOrHours: 1, priceRate: amount(work.flatCents) }
      : { datalineType: 'labor', quantityOrHours: work.tenthsOfHours / 10, laborRate: amount(LABOR_CENTS) }
    const parentLineItemId = await line({ datalineName: work.name, taxable: false, ...charged }, cents)
    for (const { name, number, quantity, priceCents } of parts) {
      const part = { datalineType: 'part', datalineName: name, partNumber: number, quantityOrHours: quantity, priceRate: amount(priceCents), taxable: true }
      await line({ parentLineItemId, ...part }, priceCents * quantity)
    }
  }
  if (extra.supplies > 0) await line({ datalineType: 'shop_supplies', datalineName: 'Shop supplies' }, extra.supplies)
  if (extra.hazMat > 0) await line({ datalineType: 'hazmat', datalineName: 'Waste disposal' }, extra.hazMat)
  if (extra.discount > 0) await line({ datalineType: 'discount', datalineName: 'Loyalty discount' }, -extra.discount)
}

async function createPayments(connection: Connection, of: Of, invoice: { state: string; total: number; createdOn: Date }, r: Random): Promise<void> {
  const pay = (cents: number, hoursLater: number, paymentMethod: string, paymentStatus = 'completed') =>
    insert(connection, 'payment', {
      ...of, paymentDate: new Date(Math.min(invoice.createdOn.getTime() + hoursLater * 3_600_000, Date.now())), paymentAmount: amount(cents),
      paymentMethod, paymentMethodType: paymentMethod.endsWith('_card') ? 'card' : paymentMethod, paymentStatus,
    })
  if (invoice.state === 'completed' && r.chance(0.5)) await pay(Math.round(invoice.total / 2), 3, 'check')
  if (invoice.state !== 'paid') return
  const overpaid = r.chance(0.15) ? 2_000 : 0
  await pay(invoice.total + overpaid, 4, r.of(['credit_card', 'credit_card', 'debit_card', 'cash', 'check']))
  if (overpaid > 0) await pay(-overpaid, 28, 'cash', 'refunded')
}

async function insert(connection: Connection, table: string, row: { [column: string]: unknown }): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>('insert into ?? set ?', [table, row])
  return result.insertId
}

function amount(cents: number): string {
  return (cents / 100).toFixed(2)
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
