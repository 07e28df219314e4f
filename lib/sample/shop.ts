import type { customer } from '#lib/contract/entities/customer.ts'
import type { inventoryPart } from '#lib/contract/entities/inventory-part.ts'
import type { supplier } from '#lib/contract/entities/supplier.ts'
import type { vehicle } from '#lib/contract/entities/vehicle.ts'
import { cars, type Car } from './cars.ts'
import { areaCodes, firms, firstNames, lastNames, mailHosts, streets, towns } from './people.ts'
import { random, type Random } from './random.ts'
import { makeVin } from './vin.ts'
import { brands, partGroups, suppliers, type PartGroup } from './work.ts'

/** A row as it stands in a file: text by column, absent where the cell is empty. */
export type Cells<E extends { columns: object }> = { [K in keyof E['columns']]?: string }

export type ShopOptions = { invoices: number; seed: number; keys: 'plain' | 'uuid'; parts: number; shopSlug: string; sourceApp: string }
export type PartFacts = { r: Random; group: PartGroup; price: number; cost: number; number: string; brand: string }

const PLATE_LETTERS = [...'ABCDEFGHJKLMNPRSTVWXYZ']
const OLDEST_USUAL_YEAR = 2006

/** Cents as dollars. */
export const dollars = (cents: number): string => (cents / 100).toFixed(2)
/** Cents as dollars with four decimals, as rates have. */
export const rate = (cents: number): string => `${dollars(cents)}00`
const plain = (text: string) => text.normalize('NFD').replace(/[^A-Za-z]/g, '').toLowerCase()
const twoDigits = (number: number) => String(number).padStart(2, '0')

/**
 * The books of a made-up repair shop, without its invoices (see invoices.ts). Every row is a function of its number and the
 * seed, so a shop of ten million lines takes no more memory than one of ten.
 */
export class SampleShop {
  readonly options: ShopOptions
  readonly customers: number
  readonly suppliers = suppliers.length

  constructor(options: ShopOptions) {
    this.options = options
    this.customers = Math.max(1, Math.round(options.invoices * 0.6))
  }

  random(...what: (string | number)[]): Random {
    return random(this.options.seed, ...what)
  }

  /** A key as the options want it: `readable`, or a UUID that belongs to the row. */
  key(kind: string, readable: string, ...numbers: number[]): string {
    if (this.options.keys === 'plain') return readable
    const r = this.random('key', kind, ...numbers)
    const hex = Array.from({ length: 4 }, () => Math.floor(r.next() * 2 ** 32).toString(16).padStart(8, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  /** What every row of every file begins with. */
  common() {
    return { sourceAppName: this.options.sourceApp, externalShopId: this.options.shopSlug }
  }

  customerKey = (i: number): string => this.key('customer', `C-${10_001 + i}`, i)
  vehicleKey = (i: number, n: number): string => this.key('vehicle', `V-${10_001 + i}-${n + 1}`, i, n)
  invoiceKey = (j: number): string => this.key('invoice', `RO-${20_001 + j}`, j)
  supplierKey = (k: number): string => this.key('supplier', `SUP-${String(k + 1).padStart(3, '0')}`, k)

  taxExempt(i: number): boolean {
    return this.random('tax', i).chance(0.03)
  }

  vehicleCount(i: number): number {
    const r = this.random('garage', i)
    if (r.chance(0.03)) return 0
    return r.chance(0.18) ? 2 : 1
  }

  customer(i: number): Cells<typeof customer> {
    const r = this.random('customer', i)
    const firm = r.chance(0.06) ? r.of(firms) : undefined
    const [first, last] = [r.of(firstNames), r.of(lastNames)]
    const [city, zipCode] = r.of(towns)
    // Numbers that no telephone has: 555-0100 to 555-0199.
    const phone = () => `(${r.of(areaCodes)}) 555-01${twoDigits(r.int(0, 99))}`
    const email = r.chance(0.78) ? `${plain(first)}.${plain(last)}${r.int(1, 999)}@${r.of(mailHosts)}` : undefined
    return {
      ...this.common(),
      externalCustomerId: this.customerKey(i),
      firstName: firm ? undefined : first,
      lastName: firm ?? last,
      streetAddress1: `${r.int(1, 980)} ${r.of(streets)}`,
      streetAddress2: r.chance(0.12) ? `Apt ${r.int(1, 40)}` : undefined,
      country: 'US', state: 'MA', city, zipCode,
      contactCell: r.chance(0.9) ? phone() : undefined,
      contactWork: firm ? phone() : undefined,
      contactHome: r.chance(0.15) ? phone() : undefined,
      contactEmail: email,
      preferredContact: email && r.chance(0.4) ? 'email' : 'cell',
      authorizerFirstName: firm && first,
      authorizerLastName: firm && last,
      authorizerPhone: firm && phone(),
      defaultLaborRate: firm ? '128.50' : undefined,
      doNotChargeTax: this.taxExempt(i) ? 'Y' : 'N',
    }
  }

  /** What the n-th vehicle of a customer is. */
  model(i: number, n: number): { car: Car; year: number } {
    const r = this.random('model', i, n)
    const car = r.of(cars)
    return { car, year: r.int(Math.max(car.from, Math.min(car.to, OLDEST_USUAL_YEAR)), car.to) }
  }

  vehicles(i: number): Cells<typeof vehicle>[] {
    return Array.from({ length: this.vehicleCount(i) }, (_, n) => {
      const r = this.random('vehicle', i, n)
      const { car, year } = this.model(i, n)
      return {
        ...this.common(),
        externalVehicleId: this.vehicleKey(i, n),
        externalCustomerId: this.customerKey(i),
        year: String(year), make: car.make, model: car.model, engine: car.engine, vin: makeVin(car.maker, year, r),
        licensePlate: plate(r),
        licenseState: r.chance(0.92) ? 'MA' : r.of(['CT', 'NH', 'VT', 'NY']),
        licenseCountry: 'US',
        odometerCode: 'MI', odometerLabel: 'Miles',
        fuelType: car.fuel, nonAcesBodyTypeName: car.body, nonAcesFuelTypeName: car.fuel,
      }
    })
  }

  partFacts(k: number): PartFacts {
    const r = this.random('part', k)
    const group = partGroups[k % partGroups.length]!
    const price = r.int(group.fromCents, group.toCents)
    const cost = Math.round(price * (0.52 + r.next() * 0.14))
    return { r, group, price, cost, number: `${group.prefix}-${1000 + r.int(0, 899) * 10 + (k % 10)}`, brand: r.of(brands) }
  }

  part(k: number): Cells<typeof inventoryPart> {
    const { r, group, price, cost, number, brand } = this.partFacts(k)
    return {
      ...this.common(),
      externalPartId: this.key('part', `PRT-${String(k + 1).padStart(5, '0')}`, k),
      partNumber: number, partDescription: `${group.name}, ${brand}`, partCategory: group.category,
      unitCost: rate(cost), unitPrice: rate(price),
      quantityOnHand: `${r.int(0, 40)}.000`, reorderLevel: `${r.int(0, 8)}`,
      supplierId: this.supplierKey(k % suppliers.length), supplierPartNumber: `${number}-${r.int(10, 99)}`,
      isActive: r.chance(0.95) ? '1' : '0',
    }
  }

  supplier(k: number): Cells<typeof supplier> {
    const r = this.random('supplier', k)
    const [city, zipCode] = r.of(towns)
    const host = `${suppliers[k]!.split(/[ ,]/).slice(0, 2).map(plain).join('-')}.example`
    return {
      ...this.common(),
      externalSupplierId: this.supplierKey(k),
      supplierName: suppliers[k],
      contactPerson: `${r.of(firstNames)} ${r.of(lastNames)}`,
      streetAddress1: `${r.int(1, 400)} ${r.of(streets)}`,
      city, state: 'MA', zipCode, country: 'US',
      phoneNumber: `413-555-01${twoDigits(r.int(0, 99))}`,
      emailAddress: `orders@${host}`, website: `https://www.${host}`,
      isActive: 'yes', paymentTerms: r.of(['Net 30', '2% 10, Net 30', 'COD', 'Net 15']),
    }
  }
}

function plate(r: Random): string {
  const letter = () => r.of(PLATE_LETTERS)
  if (r.chance(0.5)) return `${r.int(1, 9)}${letter()}${letter()}${letter()} ${r.int(10, 99)}`
  return `${r.int(100, 999)} ${letter()}${letter()}${r.int(1, 9)}`
}
