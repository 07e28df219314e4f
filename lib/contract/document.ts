import type { Column, Entity, Parent } from './entity.ts'
import { describeColumn } from './column-types.ts'
import { entities, SCHEMA_VERSION } from './index.ts'

/** The contract as one JSON document, for partners and other programs. */
export function contractDocument() {
  return {
    schema_version: SCHEMA_VERSION,
    folder: 'imports/{partner_id}/{shop_id}/{load_id}/',
    entities: entities.map(({ name, file, aliases, key, parents, mayBeEmpty, columns, rules }) => ({
      entity: name, file, aliases, key: [key], parents, mayBeEmpty,
      columns: Object.entries(columns).map(([column, definition]) => ({ name: column, ...definition })),
      ...(rules.length > 0 ? { rules: rules.map(({ rule }) => ({ rule, onInvalid: 'warn' })) } : {}),
    })),
  }
}

/** An empty file of an entity: its header row. */
export function csvTemplate(e: Entity): string {
  return `${Object.keys(e.columns).join(',')}\r\n`
}

export type ColumnHelp = { name: string; takes: string; required: boolean; isKey: boolean; parent: string | null; invalid: string }

/** What a person must know about each column of an entity, in the order of the contract. */
export function columnHelp(e: Entity): ColumnHelp[] {
  return Object.entries(e.columns).map(([name, column]) => ({
    name,
    takes: describeColumn(column),
    required: column.required ?? false,
    isKey: name === e.key,
    parent: parentHelp(e.parents.find((parent) => parent.column === name)),
    invalid: whenInvalid(column),
  }))
}

function parentHelp(parent: Parent | undefined): string | null {
  if (!parent) return null
  const { entity, required, sameParent } = parent
  const words = entity.replaceAll('_', ' ')
  const named = `Names a ${words}${sameParent ? ` with the same ${sameParent}` : ''}, in this load or imported before.`
  return `${named} ${required ? 'Without it the row is left out.' : 'Without it the row comes in with this link empty.'}`
}

// Contract rule 12: a warned value is stored as sent where its column can hold it, else it is left empty.
const warned: { [T in Column['type']]: (column: Extract<Column, { type: T }>) => string } = {
  string: ({ format }) => (format ? 'Warning: the row comes in with the value as sent' : 'Warning: the row comes in without the value'),
  integer: () => 'Warning: the row comes in; a number out of range as sent, anything else left empty',
  decimal: () => 'Warning: the row comes in; a number out of range as sent, anything else left empty',
  boolean: () => 'Warning: the row comes in without the value',
  datetime: () => 'Warning: the row comes in without the value',
  enum: () => 'Warning: the row comes in without the value',
}

/** What a value that breaks its column's rules does to its row. */
export function whenInvalid(column: Column): string {
  if (column.onInvalid !== 'warn') return 'The row is left out'
  return (warned[column.type] as (column: Column) => string)(column)
}
