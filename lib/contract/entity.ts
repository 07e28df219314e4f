import type { RowRule } from './rules.ts'

export type EntityName = 'customer' | 'vehicle' | 'invoice' | 'line_item' | 'payment' | 'inventory_part' | 'supplier'

/** What a broken value does: without `onInvalid` the row is rejected, with `warn` it loads (contract rule 12). */
type Common = { readonly required?: true; readonly onInvalid?: 'warn' }
export type StringColumn = Common & { readonly type: 'string'; readonly maxLength: number; readonly format?: 'phone' | 'email' | 'vin' }
export type IntegerColumn = Common & { readonly type: 'integer'; readonly min?: number; readonly max?: number | 'currentYear+2' }
export type DecimalColumn = Common & { readonly type: 'decimal'; readonly precision: number; readonly scale: number; readonly min?: number }
export type BooleanColumn = Common & { readonly type: 'boolean' }
export type DatetimeColumn = Common & { readonly type: 'datetime' }
export type EnumColumn = Common & { readonly type: 'enum'; readonly values: readonly string[] }
export type Column = StringColumn | IntegerColumn | DecimalColumn | BooleanColumn | DatetimeColumn | EnumColumn
export type ColumnType = Column['type']

export type Parent = {
  readonly column: string
  readonly entity: EntityName
  readonly required: boolean
  /** The parent must carry the same value in this column (contract rule 20). */
  readonly sameParent?: string
}

export type Entity = {
  readonly name: EntityName
  readonly file: string
  readonly aliases: readonly string[]
  readonly key: string
  readonly parents: readonly Parent[]
  readonly mayBeEmpty: boolean
  readonly columns: { readonly [name: string]: Column }
  readonly rules: readonly RowRule[]
}

/** Declares an entity of the contract; the one definition that DDL, checks, matching, grids and templates derive from. */
export function entity<const E extends Entity>(definition: E): E {
  return definition
}

type ValueOf<C> = C extends { type: 'integer' } ? number
  : C extends { type: 'boolean' } ? boolean
  : C extends { type: 'datetime' } ? Date
  : C extends { type: 'enum'; values: readonly (infer V)[] } ? V
  : string

/** The production row of an entity, with its internal and native-made values left out. Decimals are text, to the cent. */
export type RowOf<E extends Entity> = {
  -readonly [K in keyof E['columns']]: E['columns'][K] extends { required: true }
    ? ValueOf<E['columns'][K]>
    : ValueOf<E['columns'][K]> | null
}
