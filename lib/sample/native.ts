import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'

/** What a shop sells as one piece of work: hours of labor, the parts that go with it, and whether there is waste to dispose of. */
type Work = { name: string; hours: number; parts: { name: string; number: string; priceCents: number; quantity: number }[]; hazMat?: true }
type Party = { customerId: number; vehicleId: number | null }

const catalogue: Work[] = [
  {
    name: 'Oil and filter service', hours: 0.5, hazMat: true,
    parts: [{ name: 'Full synthetic oil 5W-30, quart', number: 'MO-5W30', priceCents: 899, quantity: 5 }, { name: 'Oil filter', number: 'PH-7317', priceCents: 1149, quantity: 1 }],
  },
  {
    name: 'Front brake service', hours: 1.8,
    parts: [{ name: 'Ceramic brake pads, front', number: 'BC-1414', priceCents: 6895, quantity: 1 }, { name: 'Brake rotor, front', number: 'BR-55138', priceCents: 7450, quantity: 2 }],
  },
  { name: 'Battery replacement', hours: 0.4, parts: [{ name: 'AGM battery, group 48', number: 'BAT-H6', priceCents: 21999, quantity: 1 }] },
  { name: 'Four-wheel alignment', hours: 1.2, parts: [] },
  {
    name: 'Cooling system service', hours: 1.5, hazMat: true,
    parts: [{ name: 'Coolant, gallon', number: 'AF-DEX', priceCents: 2350, quantity: 2 }, { name: 'Thermostat', number: 'TH-34713', priceCents: 2890, quantity: 1 }],
  },
  { name: 'Tire rotation and balance', hours: 0.7, parts: [{ name: 'Wheel weight', number: 'WW-25', priceCents: 95, quantity: 8 }] },
  {
    name: 'Serpentine belt replacement', hours: 0.9,
    parts: [{ name: 'Serpentine belt', number: 'K060923', priceCents: 3995, quantity: 1 }, { name: 'Belt tensioner', number: 'T-39185', priceCents: 6420, quantity: 1 }],
  },
  { name: 'Check engine light diagnosis', hours: 1, parts: [] },
]
const people = [
  ['Dana', 'Whitfield'], ['Marcus', 'Oyelaran'], ['Priya', 'Raman'], ['Tom', 'Kowalczyk'], ['Lucía', 'Ortega'], ['Grace', 'Nakamura'], ['Owen', 'Delacroix'], ['Aisha', 'Bello'],
] as const
const cars = [
  [2019, 'Honda', 'CR-V'], [2016, 'Ford', 'F-150'], [2021, 'Toyota', 'RAV4'], [2014, 'Subaru', 'Outback'], [2018, 'Chevrolet', 'Silverado 1500'], [2012, 'Nissan', 'Altima'],
] as const
const writers = ['Renee Castillo', 'Bill Hanson']
const technicians = ['Jorge Medina', 'Kyle Brandt', 'Shauna Price']

const LABOR_CENTS = 13_500
const HAZ_MAT_CENTS = 450
const TAX_PER_MILLE = 70
const DAY_MS = 86_400_000
// How far back the newest invoices of a shop go.
const DAYS_BACK = 45

/**
 * Makes invoices in a shop as our own product makes them: ids from AUTO_INCREMENT, no load and no source keys. About half are for
 * customers the shop already has, if it has any. The same seed makes the same invoices, dated back from now. Gives their ids.
 */
export async function createNativeInvoices(connection: Connection, shopId: number, count: number, seed: number): Promise<number[]> {
  const random = randomNumbers(seed)
  const known = await knownParties(connection, shopId)
  const walkIns: Party[] = []
  for (let i = 0; i < Math.min(people.length, Math.ceil(count / 4)); i++) walkIns.push(await createParty(connection, shopId, i, random))
  const ids: number[] = []
  for (let i = 0; i < count; i++) {
    const parties = known.length > 0 && random.chance(0.5) ? known : walkIns
    ids.push(await createInvoice(connection, shopId, random.of(parties), random))
  }
  return ids
}

async function knownParties(connection: Connection, shopId: number): Promise<Party[]> {
  const [rows] = await connection.query<(RowDataPacket & Party)[]>(
    'select customerId, id as vehicleId from vehicle where customerId in (select id from customer where shopId = ?) order by id limit 200', [shopId])
  return rows.map(({ customerId, vehicleId }) => ({ customerId, vehicleId }))
}

async function createParty(connection: Connection, shopId: number, i: number, random: Random): Promise<Party> {
  const [firstName, lastName] = people[i]!
  const customerId = await insert(connection, 'customer', {
    shopId, firstName, lastName, contactCell: `(555) 555-01${String(10 + i)}`, contactEmail: `${firstName}.${lastName}@example.com`.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase(),
    streetAddress1: `${100 + random.below(900)} Maple Street`, city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US', preferredContact: 'cell',
  })
  const [year, make, model] = random.of(cars)
  const vehicleId = await insert(connection, 'vehicle', {
    shopId, customerId, year, make, model, licensePlate: `${random.letters(2)} ${10_000 + random.below(90_000)}`, licenseState: 'IL', licenseCountry: 'US', odometerCode: 'mi',
  })
  return { customerId, vehicleId }
}

async function createInvoice(connection: Connection, shopId: number, { customerId, vehicleId }: Party, random: Random): Promise<number> {
  const work = random.some(catalogue, 1 + random.below(3))
  const state = random.of(['paid', 'paid', 'paid', 'completed', 'in_progress', 'draft'])
  const createdOn = new Date(Date.now() - Math.floor(random.next() * DAYS_BACK * DAY_MS))
  const labor = sum(work.map((w) => Math.round(w.hours * LABOR_CENTS)))
  const parts = sum(work.flatMap((w) => w.parts.map((p) => p.priceCents * p.quantity)))
  const discount = random.chance(0.25) ? Math.round((labor + parts) / 10) : 0
  const supplies = Math.min(Math.round(labor / 20), 3_500)
  const hazMat = work.some((w) => w.hazMat) ? HAZ_MAT_CENTS : 0
  const subTotal = labor + parts + supplies + hazMat - discount
  const partsTax = Math.round((parts * TAX_PER_MILLE) / 1000)
  const total = subTotal + partsTax
  const mileageIn = 20_000 + random.below(120_000)
  const invoiceId = await insert(connection, 'invoice', {
    shopId, customerId, vehicleId, state, createdOn, updatedOn: createdOn, serviceTag: `T-${100 + random.below(900)}`,
    mileageIn, mileageOut: mileageIn + random.below(12), odometerCode: 'mi', odometerLabel: 'miles',
    externalServiceWriterName: random.of(writers), externalTechnicianName: random.of(technicians), plannedHours: sum(work.map((w) => w.hours)).toFixed(2),
    partsTotal: amount(parts), laborTotal: amount(labor), totalDiscount: amount(discount), shopSuppliesAmount: amount(supplies), shopSuppliesAppliedToDocument: true,
    hazMatAmount: amount(hazMat), hazMatAppliedToDocument: hazMat > 0, subTotal: amount(subTotal), partsTax: amount(partsTax), tax: amount(partsTax), total: amount(total),
  })
  await createLines(connection, { shopId, invoiceId }, work, { supplies, hazMat, discount })
  await createPayments(connection, { shopId, invoiceId }, { state, total, createdOn }, random)
  return invoiceId
}

type Of = { shopId: number; invoiceId: number }

/** Each piece of work is a labor line with its parts below it; fees and the discount stand on their own. */
async function createLines(connection: Connection, of: Of, work: Work[], extra: { supplies: number; hazMat: number; discount: number }): Promise<void> {
  let lineNumber = 1
  const line = (values: { [column: string]: unknown }, cents: number) =>
    insert(connection, 'line_item', { ...of, lineNumber: lineNumber++, ...values, subtotal: amount(cents), total: amount(cents) })
  for (const { name, hours, parts } of work) {
    const labor = { datalineType: 'labor', datalineName: name, quantityOrHours: hours, laborRate: amount(LABOR_CENTS), taxable: false }
    const parentLineItemId = await line(labor, Math.round(hours * LABOR_CENTS))
    for (const part of parts) {
      const values = { datalineType: 'part', datalineName: part.name, partNumber: part.number, quantityOrHours: part.quantity, priceRate: amount(part.priceCents), taxable: true }
      await line({ parentLineItemId, ...values }, part.priceCents * part.quantity)
    }
  }
  if (extra.supplies > 0) await line({ datalineType: 'shop_supplies', datalineName: 'Shop supplies' }, extra.supplies)
  if (extra.hazMat > 0) await line({ datalineType: 'hazmat', datalineName: 'Waste disposal' }, extra.hazMat)
  if (extra.discount > 0) await line({ datalineType: 'discount', datalineName: 'Loyalty discount' }, -extra.discount)
}

async function createPayments(connection: Connection, of: Of, invoice: { state: string; total: number; createdOn: Date }, random: Random): Promise<void> {
  const pay = (cents: number, hoursLater: number, paymentMethod: string, paymentStatus = 'completed') =>
    insert(connection, 'payment', {
      ...of, paymentDate: new Date(Math.min(invoice.createdOn.getTime() + hoursLater * 3_600_000, Date.now())), paymentAmount: amount(cents),
      paymentMethod, paymentMethodType: paymentMethod.endsWith('_card') ? 'card' : paymentMethod, paymentStatus,
    })
  if (invoice.state === 'completed' && random.chance(0.5)) await pay(Math.round(invoice.total / 2), 3, 'check')
  if (invoice.state !== 'paid') return
  const overpaid = random.chance(0.15) ? 2_000 : 0
  await pay(invoice.total + overpaid, 4, random.of(['credit_card', 'credit_card', 'debit_card', 'cash', 'check']))
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

type Random = ReturnType<typeof randomNumbers>

/** The same numbers for the same seed (mulberry32). */
function randomNumbers(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const of = <T>(choices: readonly T[]): T => choices[below(choices.length)]!
  const some = <T>(choices: readonly T[], wanted: number): T[] => {
    const left = [...choices]
    return Array.from({ length: Math.min(wanted, left.length) }, () => left.splice(below(left.length), 1)[0]!)
  }
  const letters = (length: number) => Array.from({ length }, () => of([...'ABCDEFGHJKLMNPRSTUVWXYZ'])).join('')
  return { next, below, of, some, letters, chance: (odds: number) => next() < odds }
}
