import type { ExceptionCode } from '#lib/contract/codes.ts'
import type { EntityName } from '#lib/contract/index.ts'

/** One way in which a row can be wrong: what stands in which column, and what must come of it. */
export type Defect = { entity: EntityName; column: string; value: string; code: ExceptionCode; outcome: 'rejected' | 'warned' }

const defect = (entity: EntityName, column: string, value: string, code: ExceptionCode, outcome: Defect['outcome']): Defect =>
  ({ entity, column, value, code, outcome })

/** The defects that `dirty` scatters over a sample: the values of one row are enough to see each of them. */
export const scattered: readonly Defect[] = [
  defect('customer', 'defaultLaborRate', 'ask Bill', 'invalid_decimal', 'rejected'),
  defect('customer', 'doNotChargeTax', 'maybe', 'invalid_boolean', 'rejected'),
  defect('customer', 'preferredContact', 'pager', 'invalid_enum', 'warned'),
  defect('customer', 'contactEmail', 'no e-mail', 'invalid_email', 'warned'),
  defect('vehicle', 'make', 'Ford '.repeat(21), 'too_long', 'rejected'),
  defect('vehicle', 'year', 'unknown', 'invalid_integer', 'warned'),
  defect('vehicle', 'vin', 'NOVIN', 'invalid_vin', 'warned'),
  defect('invoice', 'createdOn', '03/04/25', 'invalid_datetime', 'rejected'),
  defect('invoice', 'state', 'closed', 'invalid_enum', 'rejected'),
  defect('invoice', 'mileageOut', '1', 'rule_mileage', 'warned'),
  defect('line_item', 'lineNumber', '2nd', 'invalid_integer', 'rejected'),
  defect('line_item', 'total', '1.234,50', 'invalid_decimal', 'rejected'),
  defect('line_item', 'cost', '12.34567', 'precision_lost', 'warned'),
  defect('payment', 'paymentAmount', '12,34', 'invalid_decimal', 'rejected'),
  defect('payment', 'paymentMethodType', 'barter', 'invalid_enum', 'warned'),
  defect('inventory_part', 'unitCost', '1e3', 'invalid_decimal', 'rejected'),
  defect('inventory_part', 'quantityOnHand', '-3', 'rule_quantity', 'warned'),
  defect('supplier', 'supplierName', '', 'required', 'rejected'),
  defect('supplier', 'emailAddress', 'orders at example', 'invalid_email', 'warned'),
]

const byEntity = new Map<EntityName, Defect[]>()
for (const one of scattered) byEntity.set(one.entity, [...(byEntity.get(one.entity) ?? []), one])

/** The scattered defects that a row of this entity can have. */
export const defectsOf = (entity: EntityName): readonly Defect[] => byEntity.get(entity)!
