import { hash } from 'node:crypto'
import type { CheckContext, Check } from '#lib/contract/column-types.ts'
import { checkOf, codePoints, Fault, hasTypedValue } from '#lib/contract/column-types.ts'
import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import type { Header } from '#lib/contract/header.ts'
import { moneyMeasures, type Column, type Entity } from '#lib/contract/index.ts'
import type { Clock, RowRule, Scalar } from '#lib/contract/rules.ts'
import { KeyFilter } from './key-filter.ts'
import { stagedColumns } from './staged-columns.ts'
import { HAS_NUL } from './record-scanner.ts'

const NULL = '\\N'
// What LOAD DATA would take for a separator or an escape. Nothing else is touched, so text arrives as it was sent.
const SPECIAL = /[\\\t\n\0]/
const SPECIALS = /[\\\t\n\0]/g
const ESCAPED: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' }
export const escapeCell = (text: string) => (SPECIAL.test(text) ? text.replace(SPECIALS, (c) => ESCAPED[c]!) : text)

export const HASH_CHARACTERS = 22
const MAX_VALUE_SHOWN = 1000
const MAX_NAME_SHOWN = 200

/** Whether the value is kept beside its text: it may differ, or it is a link that blanks must not make (rule 17). */
export function isTyped(e: Entity, name: string): boolean {
  return hasTypedValue(e.columns[name]!) || e.parents.some((p) => p.column === name && !p.required)
}

/** The contract columns of a file that get a typed column in staging, in contract order. */
export function typedColumns(e: Entity, header: Header): string[] {
  const present = new Set(header.columns.map((c) => c.column))
  return Object.keys(e.columns).filter((name) => present.has(name) && isTyped(e, name))
}

type CellPlan = {
  name: string; index: number; column: Column; check: Check
  isKey: boolean; isLink: boolean; typed: boolean
  /** Where rules find the value, -1 when none reads it. */
  slot: number
  /** Which money sum the value belongs to, -1 for none. */
  money: number
}

type RulePlan = { rule: RowRule; slots: number[] }

/** What is known about a staged file beside its rows. Sums are cents. */
export type RowFacts = { rejected: number; repeats: boolean; unnamedColumns: number[]; money: Record<string, { file: bigint; valid: bigint }> }

const toScalar: Record<Column['type'], (text: string) => Scalar> = {
  string: (text) => text,
  enum: (text) => text,
  boolean: (text) => text === '1',
  integer: Number,
  decimal: Number,
  datetime: (text) => Date.parse(`${text.replace(' ', 'T')}Z`),
}

function cents(text: string): number {
  return Math.round(Number(text) * 100)
}

/**
 * Turns the records of one file into the lines that LOAD DATA takes: number, line, verdict, repetition, hash, the cells as
 * sent, and the typed values; and collects the exceptions (contract rules 8, 11 to 18). One instance a file.
 */
export class RowEncoder {
  /** Lines for the exceptions table, taken and emptied by the caller. */
  exceptions = ''
  rejected = 0
  repeats = false
  readonly unnamed = new Set<number>()

  // Of the row at hand. A row that is left out has no warnings: only what keeps it out is told.
  #errors: string[] = []
  #warnings: string[] = []
  readonly #width: number
  readonly #cells: CellPlan[]
  readonly #rules: RulePlan[]
  readonly #clock: Clock
  readonly #hashed: number[]
  readonly #own: number[]
  readonly #more: { header: string; index: number }[]
  readonly #unnamedIndexes: number[]
  readonly #keyIndex: number
  readonly #keyLength: number
  readonly #seen: KeyFilter
  readonly #measures: string[]
  readonly #fileCents: number[]
  readonly #validCents: number[]
  readonly #carried: { file: bigint; valid: bigint }[]
  readonly #values: Scalar[]
  readonly #ruleInput: Scalar[] = []
  readonly #rowCents: (number | null)[]

  constructor(e: Entity, header: Header, records: number, context: CheckContext & Clock) {
    this.#width = header.width
    this.#clock = context
    const staged = stagedColumns(header)
    this.#own = staged.flatMap((c, index) => (c.own ? [index] : []))
    this.#more = staged.flatMap((c, index) => (c.own ? [] : [{ header: c.header, index }]))
    this.#unnamedIndexes = header.columns.filter((c) => c.header === '').map((c) => c.index)
    const indexOf = new Map(header.columns.filter((c) => c.column !== null).map((c) => [c.column!, c.index]))
    const read = [...new Set(e.rules.flatMap((r) => r.reads))]
    const measures = moneyMeasures.filter((m) => m.entity === e.name).map((m) => m.column as string)
    this.#measures = measures
    this.#cells = Object.entries(e.columns).filter(([name]) => indexOf.has(name)).map(([name, column]) => ({
      name, column, index: indexOf.get(name)!, check: checkOf(column, context),
      isKey: name === e.key || e.parents.some((p) => p.column === name),
      isLink: e.parents.some((p) => p.column === name && !p.required),
      typed: isTyped(e, name), slot: read.indexOf(name), money: measures.indexOf(name),
    }))
    this.#rules = e.rules.map((rule) => ({ rule, slots: rule.reads.map((name) => read.indexOf(name)) }))
    this.#values = read.map(() => null)
    this.#hashed = Object.keys(e.columns).map((name) => indexOf.get(name) ?? -1)
    this.#keyIndex = indexOf.get(e.key)!
    this.#keyLength = (e.columns[e.key] as { maxLength: number }).maxLength
    this.#seen = new KeyFilter(records)
    this.#fileCents = measures.map(() => 0)
    this.#validCents = measures.map(() => 0)
    this.#carried = measures.map(() => ({ file: 0n, valid: 0n }))
    this.#rowCents = measures.map(() => null)
  }

  facts(): RowFacts {
    this.#carry()
    const money = Object.fromEntries(this.#measures.map((name, i) => [name, this.#carried[i]!]))
    return { rejected: this.rejected, repeats: this.repeats, unnamedColumns: [...this.unnamed].sort((a, b) => a - b), money }
  }

  /** The line of a record that cannot be split into cells: kept whole, rejected. */
  misshapen(record: number, line: number, text: string, code: ExceptionCode, value: string | null, detail: string | null): string {
    this.rejected++
    this.#except(record, line, null, null, code, 'error', value, detail)
    this.#tell(true)
    const typed = this.#cells.reduce((n, cell) => n + (cell.typed ? 1 : 0), 0)
    return `${record}\t${line}\t1\t0\t${NULL}${`\t${NULL}`.repeat(this.#own.length + (this.#more.length > 0 ? 1 : 0))}\t${escapeCell(text)}${`\t${NULL}`.repeat(typed)}\n`
  }

  /** The line of a record. `text` gives the record as sent; `special` says whether any cell of the batch needs escapes. */
  row(record: number, line: number, cells: string[], flags: number, special: boolean, text: () => string): string {
    const width = this.#width
    if (cells.length < width) return this.misshapen(record, line, text(), 'too_few_cells', String(cells.length), String(width))
    for (let i = width; i < cells.length; i++) {
      if (cells[i] !== '') return this.misshapen(record, line, text(), 'too_many_cells', String(cells.length), String(width))
    }
    const key = cells[this.#keyIndex]!
    let rejected = false
    if (flags & HAS_NUL) {
      rejected = true
      this.#except(record, line, key, null, 'nul_character', 'error', null, null)
    }
    let typed = ''
    for (const cell of this.#cells) {
      const sent = cells[cell.index]!
      let stored: string | null = null
      if (sent === '' || (cell.isKey && sent.trim() === '')) {
        if (cell.column.required) {
          rejected = true
          this.#except(record, line, key, cell.name, 'required', 'error', sent, null)
        }
      } else {
        const result = cell.check(sent)
        if (result instanceof Fault) {
          const severity = result.always ?? cell.column.onInvalid === 'warn' ? 'warning' : 'error'
          if (severity === 'error') rejected = true
          this.#except(record, line, key, cell.name, result.code, severity, sent, result.detail)
          stored = result.stored
        } else {
          stored = result
          if (result === null && cell.column.required) {
            rejected = true
            this.#except(record, line, key, cell.name, 'required', 'error', sent, null)
          }
        }
      }
      if (cell.typed) typed += stored === null ? `\t${NULL}` : special || cell.column.type === 'string' ? `\t${escapeCell(stored)}` : `\t${stored}`
      if (cell.slot !== -1) this.#values[cell.slot] = stored === null ? null : toScalar[cell.column.type](stored)
      if (cell.money !== -1) this.#rowCents[cell.money] = stored === null ? null : cents(stored)
    }
    if (!rejected) this.#checkRules(record, line, key, cells)
    if (rejected) this.rejected++
    this.#tell(rejected)
    this.#addMoney(rejected)
    for (const index of this.#unnamedIndexes) if (cells[index] !== '') this.unnamed.add(index)
    return `${record}\t${line}\t${rejected ? 1 : 0}\t${this.#repetition(key)}\t${this.#hash(cells)}${this.#sent(cells, special)}\t${NULL}${typed}\n`
  }

  #sent(cells: string[], special: boolean): string {
    let sent = ''
    for (const index of this.#own) {
      const cell = cells[index]!
      sent += cell === '' ? `\t${NULL}` : special ? `\t${escapeCell(cell)}` : `\t${cell}`
    }
    if (this.#more.length === 0) return sent
    const more = this.#more.filter(({ index }) => cells[index] !== '').map(({ header, index }) => [header, cells[index]])
    return `${sent}\t${more.length === 0 ? NULL : escapeCell(JSON.stringify(more))}`
  }

  #repetition(key: string): 0 | 1 {
    if (key.trim() === '' || (key.length > this.#keyLength && codePoints(key) > this.#keyLength) || !this.#seen.seenBefore(key)) return 0
    this.repeats = true
    return 1
  }

  #hash(cells: string[]): string {
    let joined = ''
    for (const index of this.#hashed) joined += index === -1 ? '\0' : `${cells[index]}\0`
    return hash('sha256', joined, 'base64url').slice(0, HASH_CHARACTERS)
  }

  #checkRules(record: number, line: number, key: string, cells: string[]): void {
    for (const { rule, slots } of this.#rules) {
      for (let i = 0; i < slots.length; i++) this.#ruleInput[i] = this.#values[slots[i]!]!
      this.#ruleInput.length = slots.length
      for (const column of rule.broken(this.#ruleInput, this.#clock)) {
        const index = this.#cells.find((c) => c.name === column)?.index
        this.#except(record, line, key, column, rule.code, 'warning', index === undefined ? null : cells[index]!, null)
      }
    }
  }

  #addMoney(rejected: boolean): void {
    for (let i = 0; i < this.#rowCents.length; i++) {
      const value = this.#rowCents[i]
      if (value === null || value === undefined) continue
      this.#fileCents[i]! += value
      if (!rejected) this.#validCents[i]! += value
      // One cell has at most 12 digits; sums move to exact integers long before they could round.
      if (Math.abs(this.#fileCents[i]!) > 2 ** 51 || Math.abs(this.#validCents[i]!) > 2 ** 51) this.#carry()
    }
  }

  #carry(): void {
    for (const [i, sums] of this.#carried.entries()) {
      sums.file += BigInt(this.#fileCents[i]!)
      sums.valid += BigInt(this.#validCents[i]!)
      this.#fileCents[i] = 0
      this.#validCents[i] = 0
    }
  }

  #tell(rejected: boolean): void {
    if (this.#errors.length === 0 && this.#warnings.length === 0) return
    this.exceptions += (rejected ? this.#errors : this.#warnings).join('')
    this.#errors = []
    this.#warnings = []
  }

  #except(record: number, line: number, key: string | null, column: string | null, code: ExceptionCode, severity: Severity, value: string | null, detail: string | null): void {
    const field = (text: string | null, most: number) => (text === null || text === '' ? NULL : escapeCell(text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text))
    const told = severity === 'error' ? this.#errors : this.#warnings
    told.push(`${record}\t${line}\t${field(key, MAX_NAME_SHOWN - 1)}\t${column ?? NULL}\t${code}\t${severity}\t${field(value, MAX_VALUE_SHOWN)}\t${field(detail, 400)}\n`)
  }
}
