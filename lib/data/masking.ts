import 'server-only'
import { can, type Role } from '#lib/auth/permissions.ts'
import { entities, type EntityName } from '#lib/contract/index.ts'

/** Columns that tell something about a person, beside every phone number, e-mail address and VIN (known by their format). */
const personalColumns: { readonly [E in EntityName]: readonly string[] } = {
  customer: [
    'firstName', 'lastName', 'streetAddress1', 'streetAddress2', 'city', 'zipCode', 'authorizerFirstName', 'authorizerLastName',
  ],
  vehicle: ['licensePlate'],
  invoice: ['shopNote', 'externalServiceWriterName', 'externalTechnicianName'],
  line_item: ['description'],
  payment: ['paymentReferenceNo', 'paymentNotes'],
  inventory_part: [],
  supplier: ['contactPerson', 'streetAddress1', 'streetAddress2', 'city', 'zipCode'],
}

const personal = new Map<string, ReadonlySet<string>>(entities.map((e) => {
  const byFormat = Object.entries(e.columns).filter(([, column]) => column.type === 'string' && column.format).map(([name]) => name)
  return [e.name, new Set([...personalColumns[e.name], ...byFormat])]
}))
const known = new Map<string, ReadonlySet<string>>(entities.map((e) => [e.name, new Set(Object.keys(e.columns))]))

/**
 * Whether values of the column are personal data. What the contract does not know (a column of the partner's own, a whole
 * record that could not be read) is taken for personal.
 */
export function isPersonal(entity: string | null, column: string | null): boolean {
  if (entity === null || column === null) return true
  return !known.get(entity)?.has(column) || personal.get(entity)!.has(column)
}

/** A value of which only the first character is shown: `J•••`. Blank values stay, because that they are blank matters. */
export function mask(value: string): string {
  const [first] = value.trimStart()
  return first === undefined ? value : `${first}•••`
}

/** What this person may see of a value: itself, or masked where it is personal and the role does not include personal data. */
export function shownTo<V extends string | null>(user: { role: Role }, entity: string | null, column: string | null, value: V): V {
  if (value === null || can(user, 'pii:read') || !isPersonal(entity, column)) return value
  return mask(value) as V
}

/** Whether this person sees personal data masked; pages say so. */
export function seesMasked(user: { role: Role }): boolean {
  return !can(user, 'pii:read')
}
