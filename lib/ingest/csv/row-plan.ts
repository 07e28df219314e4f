import { castOf, checkOf, type Check, type CheckContext } from '#lib/contract/column-types.ts'
import type { Header } from '#lib/contract/header.ts'
import { moneyMeasures, type Column, type Entity } from '#lib/contract/index.ts'
import { year1900Ms, type Clock, type RowRule, type Scalar } from '#lib/contract/rules.ts'
import { stagedColumns } from './staged-columns.ts'

/** Whether the value is kept beside its text in staging, since it is written otherwise as a rule. */
export function isTyped(e: Entity, name: string): boolean {
  return castOf(e.columns[name]!) === null
}

/**
 * Whether the value is the text as a rule, and another only in some rows: an amount with a currency sign, a text too long
 * for its column, a link that blanks must not make (rule 17). Those rows have a line of values in a table of its own.
 */
export function mayDiffer(e: Entity, name: string): boolean {
  const column = e.columns[name]!
  if (isTyped(e, name)) return false
  return column.type !== 'string' || column.onInvalid === 'warn' || e.parents.some((p) => p.column === name && !p.required)
}

/** The contract columns of a file that get a typed column in staging, in contract order. */
export const typedColumns = (e: Entity, header: Header): string[] => presentColumns(e, header, isTyped)

/** The contract columns of a file whose value may differ from the text, in contract order. */
export const differingColumns = (e: Entity, header: Header): string[] => presentColumns(e, header, mayDiffer)

function presentColumns(e: Entity, header: Header, wanted: (e: Entity, name: string) => boolean): string[] {
  const present = new Set(header.columns.map((c) => c.column))
  return Object.keys(e.columns).filter((name) => present.has(name) && wanted(e, name))
}

/** Whether rows of the entity may hang on one another, so that staging notes which earlier record each hangs on. */
export const hasOwnKind = (e: Entity): boolean => e.parents.some((p) => p.entity === e.name)

/** A contract column that the file has, and what to do with its cells. */
export type CellPlan = {
  name: string; index: number; column: Column; check: Check
  isKey: boolean; typed: boolean; mayDiffer: boolean
  /** Which of the optional parents it names, -1 for none. */
  link: number
  /** Where rules find the value, -1 when none reads it. */
  slot: number
  /** Which money sum the value belongs to, -1 for none. */
  money: number
}

/** How the records of one file become staged rows. Numbers are places of cells in a record. */
export type RowPlan = {
  /** How many cells a record has. */
  width: number
  clock: Clock
  cells: CellPlan[]
  rules: { rule: RowRule; slots: number[] }[]
  /** How many values the rules read. */
  slots: number
  /** What the row hash is of, as fields for LOAD DATA, in contract order; -1 for a column that the file does not have. */
  hashed: number[]
  /** Whether those are just the first cells of a record. */
  hashedInOrder: boolean
  /** Cells with a staging column of their own, and those that share one. */
  own: number[]
  more: number[]
  isShared: Uint8Array
  /** The first of the latter, past the last cell where there are none. */
  firstShared: number
  unnamed: number[]
  key: { index: number; maxLength: number }
  /** The columns that name optional parents, and those that are summed. */
  links: string[]
  measures: string[]
  /** Whether a line says which earlier record its row hangs on. */
  tellsAbove: boolean
  /** Where the file can name a parent of the row's own kind: its cell, which link that is, and the cell of the group both must share. */
  family: { group: number; parent: number; link: number } | null
  /** How many bytes the cells need in a line, at most, beside those of the record. */
  cellsRoom: number
}

/** What the plan of a load's files depends on beside their headers. */
export type PlanContext = CheckContext & Pick<Clock, 'nowMs' | 'currentYear'> & {
  /** Whether the shop has no rows of the entity yet. Those of others are linked in the work table, whatever came before them. */
  isFresh: boolean
}

/** The plan for a file of the entity with that header. */
export function planRows(e: Entity, header: Header, context: PlanContext): RowPlan {
  const staged = stagedColumns(e, header)
  const more = staged.flatMap((c, index) => (c.own ? [] : [index]))
  const indexOf = new Map(header.columns.filter((c) => c.column !== null).map((c) => [c.column!, c.index]))
  const read = [...new Set(e.rules.flatMap((r) => r.reads))]
  const optional = e.parents.filter((p) => !p.required && indexOf.has(p.column))
  const links = optional.map((p) => p.column)
  const measures = moneyMeasures.filter((m) => m.entity === e.name).map((m) => m.column as string)
  const ownKind = optional.find((p) => p.entity === e.name)
  const group = ownKind && indexOf.get(ownKind.sameParent!)
  const tellsAbove = context.isFresh && hasOwnKind(e)
  const hashed = Object.keys(e.columns).map((name) => indexOf.get(name) ?? -1)
  return {
    width: header.width,
    clock: { nowMs: context.nowMs, currentYear: context.currentYear, year1900Ms: year1900Ms(context.timeZone) },
    cells: Object.entries(e.columns).filter(([name]) => indexOf.has(name)).map(([name, column]) => ({
      name, column, index: indexOf.get(name)!, check: checkOf(column, context),
      isKey: name === e.key || e.parents.some((p) => p.column === name),
      link: links.indexOf(name), typed: isTyped(e, name), mayDiffer: mayDiffer(e, name), slot: read.indexOf(name), money: measures.indexOf(name),
    })),
    rules: e.rules.map((rule) => ({ rule, slots: rule.reads.map((name) => read.indexOf(name)) })),
    slots: read.length,
    hashed, hashedInOrder: hashed.every((index, i) => index === i) && staged.slice(0, hashed.length).every((c) => c.own),
    own: staged.flatMap((c, index) => (c.own ? [index] : [])),
    isShared: Uint8Array.from(staged, (c) => (c.own ? 0 : 1)),
    more, firstShared: more[0] ?? header.width,
    unnamed: header.columns.filter((c) => c.header === '').map((c) => c.index),
    key: { index: indexOf.get(e.key)!, maxLength: (e.columns[e.key] as { maxLength: number }).maxLength },
    links, measures, tellsAbove,
    family: tellsAbove && ownKind && group !== undefined ? { group, parent: indexOf.get(ownKind.column)!, link: links.indexOf(ownKind.column) } : null,
    // Each may be NULL, and has a tab behind it.
    cellsRoom: 3 * header.width,
  }
}

/** The epoch milliseconds of a stored time, `2025-08-30 14:00:00.000` in UTC. */
function storedTimeMs(text: string): number {
  const number = (from: number, to: number) => {
    let value = 0
    for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48
    return value
  }
  const year = number(0, 4)
  // Date.UTC takes the years before 100 for others.
  if (year < 100) return Date.parse(`${text.replace(' ', 'T')}Z`)
  return Date.UTC(year, number(5, 7) - 1, number(8, 10), number(11, 13), number(14, 16), number(17, 19), number(20, 23))
}

/** A stored value as the rules read it. */
export const scalarOf: Record<Column['type'], (text: string) => Scalar> = {
  string: (text) => text,
  enum: (text) => text,
  boolean: (text) => text === '1',
  integer: Number,
  decimal: Number,
  datetime: storedTimeMs,
}
