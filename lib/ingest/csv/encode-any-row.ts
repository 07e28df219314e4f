import { hash } from 'node:crypto'
import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import { codePoints, Fault } from '#lib/contract/column-types.ts'
import type { Scalar } from '#lib/contract/rules.ts'
import type { DifferingValues } from './differing-values.ts'
import { NULL, fieldOf } from './field.ts'
import { LineBuffer } from './line-buffer.ts'
import { HAS_NUL } from './record-scanner.ts'
import { scalarOf, type RowPlan } from './row-plan.ts'
import type { RowTotals } from './row-totals.ts'

export const HASH_CHARACTERS = 22

/** The beginning of a text, without the half of a character that the cut may have left. */
const wholeCharacters = (text: string, most: number) => text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
const MAX_VALUE_SHOWN = 1000
const MAX_NAME_SHOWN = 200

/** A decimal with at most two places, in cents. */
export function cents(text: string): number {
  return Math.round(Number(text) * 100)
}

/** Encodes any record, from its cells as text, and tells the exceptions of it (contract rules 8, 11 to 18). */
export class AnyRowEncoder {
  readonly #exceptions = new LineBuffer()
  // Of the row at hand. A row that is left out has no warnings: only what keeps it out is told.
  #errors: string[] = []
  #warnings: string[] = []
  readonly #plan: RowPlan
  readonly #totals: RowTotals
  readonly #differing: DifferingValues
  readonly #stored: (string | null)[]
  readonly #linked: (string | null)[]
  readonly #values: Scalar[]
  readonly #ruleInput: Scalar[] = []
  readonly #cents: (number | null)[]

  constructor(plan: RowPlan, totals: RowTotals, differing: DifferingValues) {
    this.#plan = plan
    this.#totals = totals
    this.#differing = differing
    this.#stored = plan.cells.map(() => null)
    this.#linked = plan.links.map(() => null)
    this.#values = Array.from({ length: plan.slots }, () => null)
    this.#cents = plan.measures.map(() => null)
  }

  /** Lines for the exceptions table since the last time, good until the next row. */
  takeExceptions(): Buffer {
    return this.#exceptions.drain()
  }

  /** The line of a record that cannot be split into cells: kept whole, rejected. */
  misshapen(record: number, line: number, text: string, code: ExceptionCode, value: string | null, detail: string | null): string {
    const { own, more, tellsAbove, cells } = this.#plan
    this.#totals.rejected++
    this.#except(record, line, null, null, code, 'error', value, detail)
    this.#tell(true)
    const typed = cells.reduce((n, cell) => n + (cell.typed ? 1 : 0), 0)
    const nulls = (n: number) => `\t${NULL}`.repeat(n)
    return `${record}\t${line}\t1\t0${nulls(own.length + 1 + (tellsAbove ? 1 : 0) + (more.length > 0 ? 1 : 0))}\t${fieldOf(text)}${nulls(typed)}\n`
  }

  /** The line of a record. `text` is the record as sent. */
  row(record: number, line: number, cells: string[], flags: number, text: string): string {
    const { width, key: { index: keyIndex } } = this.#plan
    if (cells.length < width) return this.misshapen(record, line, text, 'too_few_cells', String(cells.length), String(width))
    for (let i = width; i < cells.length; i++) {
      if (cells[i] !== '') return this.misshapen(record, line, text, 'too_many_cells', String(cells.length), String(width))
    }
    const totals = this.#totals
    const key = cells[keyIndex]!
    let rejected = false
    if (flags & HAS_NUL) {
      rejected = true
      this.#except(record, line, key, null, 'nul_character', 'error', null, null)
    }
    let typed = ''
    let differs = false
    for (const [c, cell] of this.#plan.cells.entries()) {
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
      if (cell.typed) typed += `\t${fieldOf(stored)}`
      this.#stored[c] = stored
      if (cell.mayDiffer && stored !== (sent === '' ? null : sent)) differs = true
      if (cell.slot !== -1) this.#values[cell.slot] = stored === null ? null : scalarOf[cell.column.type](stored)
      if (cell.link !== -1) this.#linked[cell.link] = stored
      if (cell.money !== -1) this.#cents[cell.money] = stored === null ? null : cents(stored)
    }
    // Of what is left out nothing loads.
    if (rejected) differs = false
    if (differs) this.#differing.add(record, (c) => this.#stored[c]!)
    if (!rejected) this.#checkRules(record, line, key, cells)
    if (rejected) totals.rejected++
    this.#tell(rejected)
    totals.addMoney(this.#cents, rejected)
    for (const index of this.#plan.unnamed) if (cells[index] !== '') totals.unnamed.add(index)
    if (!rejected) for (let i = 0; i < this.#linked.length; i++) if (this.#linked[i] !== null) totals.named[i]!++
    const above = this.#plan.tellsAbove ? this.#above(record, key, cells, rejected) : ''
    this.#rememberKey(record, key)
    return `${record}\t${line}\t${rejected ? 1 : 0}\t${differs ? 1 : 0}${this.#sent(cells)}\t${this.#hash(cells)}${above}${this.#shared(cells)}\t${NULL}${typed}\n`
  }

  /** The field that names the record above this one, where it came just before in the same group (contract rule 20). */
  #above(record: number, key: string, cells: string[], rejected: boolean): string {
    const { family } = this.#plan
    // A rejected row that repeats a key needs no care: the earlier row is known to be repeated, and is not relied on.
    if (family === null || rejected) return `\t${NULL}`
    const found = this.#totals.tree.add(cells[family.group]!, key, this.#linked[family.link]!, record)
    return found === 0 ? `\t${NULL}` : `\t${found}`
  }

  #sent(cells: string[]): string {
    let sent = ''
    for (const index of this.#plan.own) sent += `\t${fieldOf(cells[index]! || null)}`
    return sent
  }

  #shared(cells: string[]): string {
    const { more } = this.#plan
    if (more.length === 0) return ''
    const shared = more.filter((index) => cells[index] !== '').map((index) => [index, cells[index]])
    return `\t${shared.length === 0 ? NULL : fieldOf(JSON.stringify(shared))}`
  }

  #rememberKey(record: number, key: string): void {
    const { maxLength } = this.#plan.key
    if (key.trim() !== '' && (key.length <= maxLength || codePoints(key) <= maxLength)) this.#totals.keys.add(record, key)
  }

  #hash(cells: string[]): string {
    const fields = this.#plan.hashed.map((index) => fieldOf(index === -1 ? null : cells[index]! || null))
    return hash('sha256', fields.join('\t'), 'base64url').slice(0, HASH_CHARACTERS)
  }

  #checkRules(record: number, line: number, key: string, cells: string[]): void {
    for (const { rule, slots } of this.#plan.rules) {
      for (let i = 0; i < slots.length; i++) this.#ruleInput[i] = this.#values[slots[i]!]!
      this.#ruleInput.length = slots.length
      for (const column of rule.broken(this.#ruleInput, this.#plan.clock)) {
        const index = this.#plan.cells.find((c) => c.name === column)?.index
        this.#except(record, line, key, column, rule.code, 'warning', index === undefined ? null : cells[index]!, null)
      }
    }
  }

  #tell(rejected: boolean): void {
    if (this.#errors.length === 0 && this.#warnings.length === 0) return
    for (const line of rejected ? this.#errors : this.#warnings) this.#exceptions.add(line)
    this.#errors = []
    this.#warnings = []
  }

  #except(record: number, line: number, key: string | null, column: string | null, code: ExceptionCode, severity: Severity, value: string | null, detail: string | null): void {
    const field = (text: string | null, most: number) => fieldOf(text !== null && text.length > most ? `${wholeCharacters(text, most)}…` : text || null)
    const told = severity === 'error' ? this.#errors : this.#warnings
    told.push(`${record}\t${line}\t${field(key, MAX_NAME_SHOWN - 1)}\t${column ?? NULL}\t${code}\t${severity}\t${field(value, MAX_VALUE_SHOWN)}\t${field(detail, 400)}\n`)
  }
}
