import { KeyFilter } from './key-filter.ts'
import { LineBuffer } from './line-buffer.ts'
import { putNumber } from './put-bytes.ts'

const FIRST_A = 0x811c9dc5 | 0, FIRST_B = 0x9747b28c | 0
// Record number and both halves of the hash.
const NOTE_BYTES = 12
const LINE_BYTES = 12
// As a rule fewer keys come again. Where more do, more records are told that need not be looked at.
const KEYS_PER_REPEATED = 32

/**
 * The keys of a file: tells at its end which records have one that may come more than once. A filter suspects such keys while
 * they come; the record in which one came first is found in the notes, which are of every key and lie outside of memory. So
 * nobody has to search the staged rows for it. What is told still needs an exact look: never too few records, rarely too many.
 */
export class SeenKeys {
  readonly #seen: KeyFilter
  readonly #expected: number
  #again: KeyFilter | null = null
  readonly #notes = new LineBuffer()
  #noted = 0

  /** `expected` is how many keys will come at most. */
  constructor(expected: number) {
    this.#expected = expected
    this.#seen = new KeyFilter(expected)
  }

  /** Whether a key may have come more than once. */
  get mayRepeat(): boolean {
    return this.#again !== null
  }

  /** Takes the key of a record. */
  add(record: number, key: string): void {
    let a = FIRST_A
    let b = FIRST_B
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 15
    }
    this.#add(record, a, b)
  }

  /** The same for a key in ASCII, from its bytes. */
  addBytes(record: number, bytes: Uint8Array, from: number, to: number): void {
    let a = FIRST_A
    let b = FIRST_B
    for (let i = from; i < to; i++) {
      const unit = bytes[i]!
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 15
    }
    this.#add(record, a, b)
  }

  /** Notes since the last time, good until the next key. */
  takeNotes(): Buffer {
    return this.#notes.drain()
  }

  /** Lines of the records whose keys may come more than once, in file order, from the notes, of which each piece may go with the next one; throws when those are not all that were taken. */
  async *repeating(notes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const again = this.#again
    if (!again) return
    const out = new LineBuffer()
    let rest: Buffer = Buffer.alloc(0)
    let read = 0
    for await (const piece of notes) {
      const data = rest.length > 0 ? Buffer.concat([rest, piece]) : piece
      let at = 0
      for (; at + NOTE_BYTES <= data.length; at += NOTE_BYTES) {
        if (!again.mayHave(data.readInt32LE(at + 4), data.readInt32LE(at + 8))) continue
        out.reserve(LINE_BYTES)
        out.length = putNumber(out.bytes, out.length, data.readInt32LE(at))
        out.bytes[out.length++] = 0x0a
        if (out.isFull) yield out.take()
      }
      read += at / NOTE_BYTES
      rest = Buffer.from(data.subarray(at))
    }
    if (read !== this.#noted || rest.length > 0) throw new Error(`${this.#noted} keys were noted, and the notes of ${read} could be read`)
    if (out.length > 0) yield out.take()
  }

  #add(record: number, a: number, b: number): void {
    const notes = this.#notes
    notes.reserve(NOTE_BYTES)
    notes.bytes.writeInt32LE(record, notes.length)
    notes.bytes.writeInt32LE(a, notes.length + 4)
    notes.bytes.writeInt32LE(b, notes.length + 8)
    notes.length += NOTE_BYTES
    this.#noted++
    if (!this.#seen.add(a, b)) return
    this.#again ??= new KeyFilter(Math.ceil(this.#expected / KEYS_PER_REPEATED))
    this.#again.add(a, b)
  }
}
