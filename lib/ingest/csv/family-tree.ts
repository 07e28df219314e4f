import { copied } from '#lib/contract/column-types.ts'
import { findCycles } from '../cycles.ts'
import { LineBuffer } from './line-buffer.ts'

// A group is a few rows as a rule; one that outgrows this is looked up in the database instead.
const MOST_REMEMBERED = 200_000
// Of a few keys it does no harm to keep the records that they are part of.
const FEW = 32

/**
 * Finds the parents of rows within the group at hand (the lines of an invoice), by key. Another group begins anew: what is
 * not found here is not missing, only to be looked for elsewhere. A row whose parent comes after it, and what hangs on
 * such a row, is late: it goes into production once its whole group is there, parents first.
 */
export class FamilyTree {
  #group = ''
  #last = 0
  readonly #records = new Map<string, number>()
  /** The records of late rows, in file order, and those of their parents: 0 while these have not come. */
  readonly #late = new Map<number, number>()
  /** Late rows by the key that they wait for. */
  readonly #waiting = new Map<string, number[]>()
  readonly #lines = new LineBuffer()
  #place = 0

  /** Takes the next valid row; gives the record of its parent where that came before and neither of them is late, else 0. */
  add(group: string, key: string, parent: string | null, record: number): number {
    if (group !== this.#group || this.#records.size >= MOST_REMEMBERED || this.#late.size >= MOST_REMEMBERED) this.#begin(group)
    const found = parent === null ? 0 : (this.#records.get(parent) ?? 0)
    const above = this.#late.has(found) ? 0 : found
    if (parent !== null && above === 0) {
      this.#late.set(record, found)
      if (found === 0) this.#wait(parent, record)
    }
    for (const waiting of this.#waiting.get(key) ?? []) this.#late.set(waiting, record)
    this.#waiting.delete(key)
    this.#records.set(this.#records.size < FEW ? key : copied(key), record)
    this.#last = record
    return above
  }

  /** Ends the last group. */
  end(): void {
    this.#begin('')
  }

  /** Lines for the table of late rows since the last time, good until the next row: record, parent's record, place in order, the last record of the group. */
  take(): Buffer {
    return this.#lines.drain()
  }

  #wait(parent: string, record: number): void {
    const waiting = this.#waiting.get(parent)
    if (waiting) waiting.push(record)
    else this.#waiting.set(this.#waiting.size < FEW ? parent : copied(parent), [record])
  }

  #begin(group: string): void {
    if (this.#late.size > 0) this.#putInOrder()
    this.#group = group
    this.#records.clear()
    this.#late.clear()
    this.#waiting.clear()
  }

  /** Parents before what hangs on them. Rows without a parent here, and those in a circle, are left to the database to judge. */
  #putInOrder(): void {
    const settled = new Set(findCycles(this.#late))
    for (const [record, above] of this.#late) if (above === 0) settled.add(record)
    for (const start of this.#late.keys()) {
      const path: number[] = []
      for (let at = start; this.#late.has(at) && !settled.has(at); at = this.#late.get(at)!) {
        path.push(at)
        settled.add(at)
      }
      for (const record of path.reverse()) this.#lines.add(`${record}\t${this.#late.get(record)!}\t${++this.#place}\t${this.#last}\n`)
    }
  }
}
