import type { Entity, EntityName } from './entity.ts'
import { customer } from './entities/customer.ts'
import { inventoryPart } from './entities/inventory-part.ts'
import { invoice } from './entities/invoice.ts'
import { lineItem } from './entities/line-item.ts'
import { payment } from './entities/payment.ts'
import { supplier } from './entities/supplier.ts'
import { vehicle } from './entities/vehicle.ts'
import type { RowOf } from './entity.ts'

export type { Column, ColumnType, Entity, EntityName, Parent, RowOf } from './entity.ts'
export type Customer = RowOf<typeof customer>
export type Vehicle = RowOf<typeof vehicle>
export type Invoice = RowOf<typeof invoice>
export type LineItem = RowOf<typeof lineItem>
export type Payment = RowOf<typeof payment>
export type InventoryPart = RowOf<typeof inventoryPart>
export type Supplier = RowOf<typeof supplier>

export const SCHEMA_VERSION = 'v1'
export const MANIFEST_NAME = 'manifest.json'

/** All entities in load order: parents before children, the independent ones last. */
export const entities: readonly Entity[] = [customer, vehicle, invoice, lineItem, payment, inventoryPart, supplier]
export const entityNames: readonly EntityName[] = entities.map((e) => e.name)

const byName = new Map(entities.map((e) => [e.name, e]))

/** The entity of that name. Throws on a name that is not in the contract. */
export function entityOf(name: string): Entity {
  const found = byName.get(name as EntityName)
  if (!found) throw new Error(`the contract has no entity ${JSON.stringify(name)}`)
  return found
}

/** The entity whose file or alias is called `fileName` (letter case aside), or undefined. */
export function entityOfFile(fileName: string): Entity | undefined {
  const wanted = fileName.toLowerCase()
  return entities.find((e) => e.file === wanted || e.aliases.includes(wanted))
}

/** Column names that a file must have: the key and every required column (contract rule 9). */
export function requiredColumns(e: Entity): string[] {
  return Object.keys(e.columns).filter((name) => e.columns[name]!.required)
}

/** Columns whose sums are kept for file, accepted and production, in cents (contract rule 22). */
export const moneyMeasures = [
  { entity: 'invoice', column: 'total' },
  { entity: 'invoice', column: 'tax' },
  { entity: 'line_item', column: 'total' },
  { entity: 'payment', column: 'paymentAmount' },
] as const satisfies readonly { entity: EntityName; column: string }[]
