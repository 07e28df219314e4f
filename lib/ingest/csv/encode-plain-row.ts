import { hash } from 'node:crypto'
import { Fault, copied } from '#lib/contract/column-types.ts'
import type { IntegerColumn } from '#lib/contract/entity.ts'
import type { Scalar } from '#lib/contract/rules.ts'
import type { DifferingValues } from './differing-values.ts'
import { cents, HASH_CHARACTERS } from './encode-any-row.ts'
import type { LineBuffer } from './line-buffer.ts'
import { putAscii, putCell, putNull, putNumber } from './put-bytes.ts'
import { scalarOf, type CellPlan, type RowPlan } from './row-plan.ts'
import type { RowTotals } from './row-totals.ts'

const COMMA = 0x2c, QUOTE = 0x22, TAB = 0x09, LF = 0x0a, CR = 0x0d, BACKSLASH = 0x5c, NUL = 0, POINT = 0x2e, ZERO = 0x30, SPACE = 0x20
const OPENED = 0x5b, CLOSED = 0x5d
// Of each byte: whether a record that holds it needs the general path, or only cells that are read as text or kept as JSON do.
const NEEDS_ESCAPE = 1, NOT_ASCII = 2, NEEDS_JSON_ESCAPE = 4
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === BACKSLASH || byte === TAB || byte === LF || byte === CR || byte === NUL) return NEEDS_ESCAPE
  return byte > 0x7f ? NOT_ASCII : byte < SPACE || byte === QUOTE ? NEEDS_JSON_ESCAPE : 0
})

// How the cells of a column are read: as bytes where that is enough, else as text by the column's own check.
const TEXT = 0, DECIMAL = 1, INTEGER = 2, CHECKED = 3
type Reader = CellPlan & { reads: typeof TEXT | typeof DECIMAL | typeof INTEGER | typeof CHECKED; maxLength: number; whole: number; scale: number; min: number; max: number }

// What a cell's value is: none, the bytes as sent, or another text.
const NONE = 0, AS_SENT = 1, OTHER = 2

const MOST_WORDS = 1000
// Bytes that a line needs beside those of its cells: before them, and behind.
const NUMBERS_ROOM = 40
const REST_ROOM = HASH_CHARACTERS + 40
// Beside the head and the value of a cell that shares a column.
const SHARED_ROOM = 4

function readerOf(cell: CellPlan): Reader {
  const { column } = cell
  const reader = { ...cell, maxLength: 0, whole: 0, scale: 0, min: 0, max: 0 }
  if (column.type === 'string' && !column.format) return { ...reader, reads: TEXT, maxLength: column.maxLength }
  if (column.type === 'decimal') return { ...reader, reads: DECIMAL, whole: column.precision - column.scale, scale: column.scale }
  // Bounds that depend on the day are left to the check.
  const bounded = column as IntegerColumn
  if (column.type === 'integer' && typeof bounded.max !== 'string') return { ...reader, reads: INTEGER, min: bounded.min ?? 0, max: bounded.max ?? Number.MAX_SAFE_INTEGER }
  return { ...reader, reads: CHECKED }
}

/**
 * Encodes records that nothing is wrong or unusual with, straight from their bytes, which is most of the time several times
 * faster than `AnyRowEncoder`: no cell becomes a string unless its check needs one. Whatever it does not understand it
 * leaves to that one untouched, so that every exception is told in one place; the lines of both must be the same.
 */
export class PlainRowEncoder {
  readonly #plan: RowPlan
  readonly #totals: RowTotals
  readonly #differing: DifferingValues
  readonly #readers: Reader[]
  /** The cells whose value is kept beside their text. */
  readonly #typed: number[]
  readonly #from: Int32Array
  readonly #to: Int32Array
  readonly #kinds: Uint8Array
  readonly #stored: Uint8Array
  readonly #texts: string[]
  readonly #values: Scalar[]
  readonly #ruleInputs: Scalar[][]
  /** Which of the optional parents the row at hand names. */
  readonly #linked: Uint8Array
  readonly #cents: (number | null)[]
  /** Words that were understood before, where a column takes words only. */
  readonly #words: (Map<string, string> | null)[]
  /** What stands before the value of a cell that shares a column, by cell: which it is. */
  readonly #heads: Buffer[]
  /** The cells of the row at hand that share a column and hold something, in its first `#filled` places. */
  readonly #shared: Int32Array
  #filled = 0
  /** Whether a value of the row at hand differs from its text where that is not the rule. */
  #differs = false
  /** Where what the hash is of ends in the line, if it is just the first cells. */
  #hashedTo = 0
  #scratch = Buffer.allocUnsafe(64 * 1024)

  constructor(plan: RowPlan, totals: RowTotals, differing: DifferingValues) {
    this.#plan = plan
    this.#totals = totals
    this.#differing = differing
    this.#readers = plan.cells.map(readerOf)
    this.#typed = plan.cells.flatMap(({ typed }, c) => (typed ? [c] : []))
    this.#heads = []
    for (const index of plan.more) this.#heads[index] = Buffer.from(`[${index},"`)
    this.#shared = new Int32Array(plan.more.length)
    this.#from = new Int32Array(plan.width)
    this.#to = new Int32Array(plan.width)
    this.#kinds = new Uint8Array(plan.width)
    this.#stored = new Uint8Array(plan.cells.length)
    this.#texts = plan.cells.map(() => '')
    this.#values = Array.from({ length: plan.slots }, () => null)
    this.#ruleInputs = plan.rules.map(({ slots }) => slots.map(() => null))
    this.#linked = new Uint8Array(plan.links.length)
    this.#cents = plan.measures.map(() => null)
    this.#words = plan.cells.map(({ column }) => (column.type === 'enum' || column.type === 'boolean' ? new Map() : null))
  }

  /** Writes the line of the record in `data`; false, with nothing changed, when it is for the general encoder. */
  row(out: LineBuffer, data: Buffer, start: number, end: number, record: number, line: number): boolean {
    const { key, unnamed, cellsRoom } = this.#plan
    out.reserve(end - start + cellsRoom + NUMBERS_ROOM)
    const cellsAt = this.#putNumbers(out, record, line)
    const cellsEnd = this.#putCells(out.bytes, cellsAt, data, start, end)
    if (cellsEnd === -1) return false
    const text = data.toString('latin1', start, end)
    if (!this.#check(data, text, start) || !this.#rulesHold()) return false
    // From here on the row is this encoder's.
    const totals = this.#totals
    totals.addMoney(this.#cents, false)
    for (const index of unnamed) if (this.#to[index]! > this.#from[index]!) totals.unnamed.add(index)
    for (let i = 0; i < this.#linked.length; i++) totals.named[i]! += this.#linked[i]!
    totals.keys.addBytes(record, data, this.#from[key.index]!, this.#to[key.index]!)
    if (this.#differs) this.#differing.add(record, (c) => this.#storedOf(c, text, start))
    if (this.#differs) out.bytes[cellsAt - 2] = ZERO + 1
    this.#putRest(out, cellsAt, cellsEnd, data, this.#above(text, start, record))
    return true
  }

  /** What stands before the cells, as if no value differed; gives the place behind. Until the line is whole, `out` is no longer. */
  #putNumbers(out: LineBuffer, record: number, line: number): number {
    const { bytes } = out
    let at = putNumber(bytes, out.length, record)
    bytes[at++] = TAB
    at = putNumber(bytes, at, line)
    bytes[at++] = TAB
    bytes[at++] = ZERO
    bytes[at++] = TAB
    bytes[at++] = ZERO
    bytes[at++] = TAB
    return at
  }

  /**
   * Finds the cells, and writes those with a column of their own, each with a tab behind it; gives the place behind the
   * last, or -1 when there are too few or too many, or one has to be escaped or unquoted with care.
   */
  #putCells(bytes: Buffer, cellsAt: number, data: Buffer, start: number, end: number): number {
    const { width, firstShared, isShared, hashed } = this.#plan
    const froms = this.#from
    const tos = this.#to
    const last = width - 1
    const lastHashed = hashed.length - 1
    let at = cellsAt
    let cell = 0
    let filled = 0
    let i = start
    for (;;) {
      // Most cells of a wide file are empty.
      while (isShared[cell] && i < end && data[i] === COMMA && cell < last) {
        froms[cell] = i
        tos[cell] = i
        cell++
        i++
      }
      const isQuoted = i < end && data[i] === QUOTE
      const stop = isQuoted ? QUOTE : COMMA
      let kinds = 0
      froms[cell] = isQuoted ? ++i : i
      if (isShared[cell]) {
        while (i < end) {
          const byte = data[i]!
          if (byte === stop) break
          kinds |= KIND[byte]!
          i++
        }
        if (i > froms[cell]!) this.#shared[filled++] = cell
      } else {
        const begun = at
        while (i < end) {
          const byte = data[i]!
          if (byte === stop) break
          kinds |= KIND[byte]!
          bytes[at++] = byte
          i++
        }
        if (at === begun) at = putNull(bytes, at)
        bytes[at++] = TAB
      }
      tos[cell] = i
      // A doubled quote, which stands for one.
      if (isQuoted && ++i < end && data[i] !== COMMA) return -1
      if (kinds & NEEDS_ESCAPE || (kinds & NEEDS_JSON_ESCAPE && cell >= firstShared)) return -1
      this.#kinds[cell] = kinds
      if (cell === lastHashed) this.#hashedTo = at - 1
      if (i >= end) {
        this.#filled = filled
        return cell === last ? at : -1
      }
      if (cell === last) return -1
      cell++
      i++
    }
  }

  #check(data: Buffer, text: string, start: number): boolean {
    const readers = this.#readers
    this.#differs = false
    for (let c = 0; c < readers.length; c++) {
      const reader = readers[c]!
      const from = this.#from[reader.index]!
      const to = this.#to[reader.index]!
      if (from === to) {
        if (reader.column.required) return false
        this.#stored[c] = NONE
        if (reader.slot !== -1) this.#values[reader.slot] = null
        if (reader.link !== -1) this.#linked[reader.link] = 0
        if (reader.money !== -1) this.#cents[reader.money] = null
        continue
      }
      this.#stored[c] = AS_SENT
      const needsText = reader.isKey || reader.slot !== -1 || reader.reads !== TEXT
      if (needsText && this.#kinds[reader.index] !== 0) return false
      if (reader.reads === TEXT) {
        // Bytes are never fewer than code points. Keys of blanks are none, so a key that begins with one is looked at with care.
        if (to - from > reader.maxLength || (reader.isKey && data[from]! <= SPACE)) return false
        if (reader.slot !== -1) this.#values[reader.slot] = text.substring(from - start, to - start)
        if (reader.link !== -1) this.#linked[reader.link] = 1
      } else if ((reader.reads === DECIMAL && this.#isDecimal(data, from, to, reader)) || (reader.reads === INTEGER && this.#isInteger(data, from, to, reader))) {
        continue
      } else if (!this.#isChecked(c, reader, text.substring(from - start, to - start))) {
        return false
      }
    }
    return true
  }

  /** Digits with at most the column's places, without sign or leading zeros: stored as sent. */
  #isDecimal(data: Buffer, from: number, to: number, { whole, scale, slot, money }: Reader): boolean {
    let i = from
    let digits = 0
    while (i < to) {
      const digit = data[i]! - ZERO
      if (digit < 0 || digit > 9) break
      digits = digits * 10 + digit
      i++
    }
    const places = i - from
    if (places === 0 || places > whole || (places > 1 && data[from] === ZERO)) return false
    let decimals = 0
    if (i < to) {
      if (data[i] !== POINT) return false
      decimals = to - ++i
      if (decimals === 0 || decimals > scale) return false
      for (; i < to; i++) {
        const digit = data[i]! - ZERO
        if (digit < 0 || digit > 9) return false
        digits = digits * 10 + digit
      }
    }
    if (slot !== -1) this.#values[slot] = digits / 10 ** decimals
    if (money !== -1) this.#cents[money] = Math.round(digits * 10 ** (2 - decimals))
    return true
  }

  /** Up to nine digits without sign or leading zero, within the bounds: stored as sent. */
  #isInteger(data: Buffer, from: number, to: number, { min, max, slot }: Reader): boolean {
    if (to - from > 9 || data[from] === ZERO) return false
    let value = 0
    for (let i = from; i < to; i++) {
      const digit = data[i]! - ZERO
      if (digit < 0 || digit > 9) return false
      value = value * 10 + digit
    }
    if (value < min || value > max) return false
    if (slot !== -1) this.#values[slot] = value
    return true
  }

  /** By the column's own check. */
  #isChecked(c: number, reader: Reader, text: string): boolean {
    const words = this.#words[c]
    let stored = words?.get(text)
    if (stored === undefined) {
      const checked = reader.check(text)
      if (checked === null || checked instanceof Fault) return false
      stored = checked
      if (words && words.size < MOST_WORDS) words.set(copied(text), stored)
    }
    if (stored !== text) {
      // Another text than was sent is a word of the contract, a number or a time: ASCII that needs no escape.
      this.#stored[c] = OTHER
      this.#texts[c] = stored
      if (reader.mayDiffer) this.#differs = true
    }
    if (reader.slot !== -1) this.#values[reader.slot] = scalarOf[reader.column.type](stored)
    if (reader.money !== -1) this.#cents[reader.money] = cents(stored)
    return true
  }

  /** What may differ is ASCII here, so its bytes are its text. */
  #storedOf(c: number, text: string, start: number): string | null {
    if (this.#stored[c] === NONE) return null
    const { index } = this.#readers[c]!
    return this.#stored[c] === OTHER ? this.#texts[c]! : text.substring(this.#from[index]! - start, this.#to[index]! - start)
  }

  #rulesHold(): boolean {
    const { rules, clock } = this.#plan
    for (let r = 0; r < rules.length; r++) {
      const { rule, slots } = rules[r]!
      const input = this.#ruleInputs[r]!
      for (let i = 0; i < slots.length; i++) input[i] = this.#values[slots[i]!]!
      if (rule.broken(input, clock).length > 0) return false
    }
    return true
  }

  #above(text: string, start: number, record: number): number {
    const { family, key } = this.#plan
    if (family === null) return 0
    const cell = (index: number) => text.substring(this.#from[index]! - start, this.#to[index]! - start)
    return this.#totals.tree.add(cell(family.group), cell(key.index), this.#linked[family.link]! ? cell(family.parent) : null, record)
  }

  /** What stands behind the cells in a line, which lie from `cellsAt` to `cellsEnd`; ends it. */
  #putRest(out: LineBuffer, cellsAt: number, cellsEnd: number, data: Buffer, above: number): void {
    const { more, tellsAbove, hashedInOrder } = this.#plan
    const hashed = hashedInOrder ? hash('sha256', out.bytes.subarray(cellsAt, this.#hashedTo), 'base64url') : this.#hash(data)
    out.length = cellsEnd
    let room = REST_ROOM
    for (let i = 0; i < this.#filled; i++) room += this.#heads[this.#shared[i]!]!.length + this.#to[this.#shared[i]!]! - this.#from[this.#shared[i]!]! + SHARED_ROOM
    for (const c of this.#typed) room += this.#stored[c] === OTHER ? this.#texts[c]!.length + 1 : this.#to[this.#readers[c]!.index]! - this.#from[this.#readers[c]!.index]! + 3
    out.reserve(room)
    const bytes = out.bytes
    let at = putAscii(bytes, cellsEnd, hashed, HASH_CHARACTERS)
    if (tellsAbove) {
      bytes[at++] = TAB
      at = above === 0 ? putNull(bytes, at) : putNumber(bytes, at, above)
    }
    if (more.length > 0) {
      bytes[at++] = TAB
      at = this.#putShared(bytes, at, data)
    }
    bytes[at++] = TAB
    at = putNull(bytes, at)
    for (const c of this.#typed) {
      const { index } = this.#readers[c]!
      bytes[at++] = TAB
      if (this.#stored[c] === OTHER) at = putAscii(bytes, at, this.#texts[c]!, this.#texts[c]!.length)
      else if (this.#stored[c] === NONE) at = putNull(bytes, at)
      else at = putCell(bytes, at, data, this.#from[index]!, this.#to[index]!)
    }
    bytes[at++] = LF
    out.length = at
  }

  /** The cells that share a column, as `AnyRowEncoder` writes them: JSON of their places in the record and their values. */
  #putShared(bytes: Buffer, start: number, data: Buffer): number {
    let at = start
    for (let i = 0; i < this.#filled; i++) {
      const cell = this.#shared[i]!
      const head = this.#heads[cell]!
      bytes[at] = at === start ? OPENED : COMMA
      at = putCell(bytes, at + 1, head, 0, head.length)
      at = putCell(bytes, at, data, this.#from[cell]!, this.#to[cell]!)
      bytes[at++] = QUOTE
      bytes[at++] = CLOSED
    }
    if (at === start) return putNull(bytes, at)
    bytes[at] = CLOSED
    return at + 1
  }

  #hash(data: Buffer): string {
    const { hashed } = this.#plan
    let room = 0
    for (let i = 0; i < hashed.length; i++) room += hashed[i] === -1 ? 3 : this.#to[hashed[i]!]! - this.#from[hashed[i]!]! + 3
    if (room > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(room * 2)
    const scratch = this.#scratch
    let at = 0
    for (let i = 0; i < hashed.length; i++) {
      const index = hashed[i]!
      if (i > 0) scratch[at++] = TAB
      at = index === -1 ? putNull(scratch, at) : putCell(scratch, at, data, this.#from[index]!, this.#to[index]!)
    }
    return hash('sha256', scratch.subarray(0, at), 'base64url')
  }
}
