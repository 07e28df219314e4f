// Runs in the worker and in browsers: no Node APIs here.
import type { Problem, ProblemCode } from '#lib/contract/codes.ts'
import { readCells } from './cells.ts'
import { Utf8Check, archiveOf, looksLikeUtf16, startsWithBom } from './encoding.ts'
import { HAS_NUL, HAS_QUOTES, RecordScanner, TEXT_AFTER_QUOTE } from './record-scanner.ts'

// A record is held in memory whole, and must fit a MEDIUMTEXT. Real ones have a few hundred bytes; what is longer is a quote never closed.
export const MAX_RECORD_BYTES = 16 * 1024 * 1024 - 1
const MAX_HEADER_BYTES = 1024 * 1024
// What tells the encoding; a source may hand it over in pieces of any size.
const HEAD_BYTES = 512

/** Reads the pieces of one file: encoding, records and header. Stops at the first byte that is no UTF-8. */
export class FileInspection {
  /** Records seen, the header included; known after `finish`. */
  records = 0
  headerCells: string[] | null = null
  /** The line on which the header begins: blank ones may lie before it. */
  headerLine = 1
  hasBom = false
  readonly problems: Problem[] = []

  readonly #name: string
  readonly #isUtf8: (piece: Uint8Array) => boolean
  readonly #scanner = new RecordScanner()
  readonly #utf8 = new Utf8Check()
  // The first bytes, until there are enough of them; then null.
  #head: Uint8Array | null = new Uint8Array(0)
  #offset = 0
  #headerBytes: Uint8Array[] = []
  #headerDone = false
  #broken = false
  // The line on which a record begins that is too long; 0 while none does.
  #longLine = 0

  /** `isUtf8`: a faster check of a whole piece where the platform has one; what it refuses is looked at byte by byte. */
  constructor(name: string, { isUtf8 = () => false }: { isUtf8?: (piece: Uint8Array) => boolean } = {}) {
    this.#name = name
    this.#isUtf8 = isUtf8
  }

  read(piece: Uint8Array): void {
    if (this.#broken) return
    if (!this.#head) return this.#read(piece)
    const head = this.#head.length > 0 ? joined([this.#head, piece]) : piece
    if (head.length < HEAD_BYTES) this.#head = head
    else this.#begin(head)
  }

  #begin(head: Uint8Array): void {
    this.#head = null
    const archive = archiveOf(head)
    if (archive) {
      this.#broken = true
      this.#problem('not_utf8', `${this.#name} is ${archive}, not a CSV. Unpack it, or save it as “CSV UTF-8”.`, 1)
      return
    }
    if (looksLikeUtf16(head)) {
      this.#broken = true
      this.#problem('utf16', `${this.#name} is UTF-16, not UTF-8, from line 1, byte 1 on. Save it as UTF-8 (Excel: “CSV UTF-8”).`, 1)
      return
    }
    if (!startsWithBom(head)) return this.#read(head)
    this.hasBom = true
    this.#offset = 3
    this.#read(head.subarray(3))
  }

  #read(piece: Uint8Array): void {
    const wrong = this.#utf8.unfinished === 0 && this.#isUtf8(piece) ? null : this.#utf8.check(piece)
    const good = wrong ? piece.subarray(0, Math.max(0, wrong.at)) : piece
    this.#scanner.scan(good, (start, end, line, flags) => {
      if (!this.#headerDone) this.#readHeader(joined([...this.#headerBytes, good.subarray(0, end)]).subarray(Math.max(start, 0)), line, flags)
      this.#measure(end - start, line)
    })
    if (!this.#headerDone) this.#keepHeaderBytes(good)
    if (wrong) this.#notUtf8(this.#offset + wrong.at, wrong.byte)
    this.#offset += piece.length
  }

  finish(): void {
    if (this.#head) this.#begin(this.#head)
    if (!this.#broken && this.#utf8.unfinished > 0) this.#notUtf8(this.#offset - this.#utf8.unfinished, null)
    if (this.#broken) return
    const bytes = joined(this.#headerBytes)
    const closed = this.#scanner.end((start, end, line, flags) => {
      if (!this.#headerDone) this.#readHeader(bytes, line, flags)
      this.#measure(end - start, line)
    })
    if (!closed) {
      const line = this.#scanner.quoteLine
      this.#problem('unclosed_quote', `${this.#name}: the quote opened on line ${line} is never closed, so the rest of the file cannot be read.`, line)
    } else if (this.#longLine > 0) {
      const line = this.#longLine
      this.#problem('record_too_large', `${this.#name}: the record that begins on line ${line} is longer than 16 MiB. A quote is probably missing before it.`, line)
    }
    this.records = this.#scanner.records
  }

  #measure(bytes: number, line: number): void {
    if (bytes > MAX_RECORD_BYTES) this.#longLine ||= line
  }

  // Bytes before the header's end: blank lines, or the beginning of a header longer than one piece.
  #keepHeaderBytes(piece: Uint8Array): void {
    const pending = this.#scanner.pendingBytes
    if (pending === 0) this.#headerBytes = []
    else if (pending <= piece.length) this.#headerBytes = [piece.subarray(piece.length - pending)]
    else this.#headerBytes.push(piece)
    if (pending > MAX_HEADER_BYTES) this.#headerTooLong()
  }

  #headerTooLong(): void {
    this.#headerDone = true
    this.#headerBytes = []
    this.#problem('header_unreadable', `${this.#name}: the first line is longer than ${MAX_HEADER_BYTES} bytes, so it is no header.`, this.headerLine)
  }

  #readHeader(bytes: Uint8Array, line: number, flags: number): void {
    this.#headerDone = true
    this.#headerBytes = []
    this.headerLine = line
    if (bytes.length > MAX_HEADER_BYTES) return this.#headerTooLong()
    if (flags & (TEXT_AFTER_QUOTE | HAS_NUL)) {
      const why = flags & HAS_NUL ? 'it holds a NUL character' : 'text follows a closing quote'
      this.#problem('header_unreadable', `${this.#name}: the header cannot be read, because ${why}.`, line)
      return
    }
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    this.headerCells = readCells(text.replace(/\r\n?/g, '\n'), (flags & HAS_QUOTES) !== 0)
  }

  #notUtf8(byte: number, value: number | null): void {
    this.#broken = true
    const what = value === null ? 'it ends in the middle of a character' : `byte 0x${value.toString(16).padStart(2, '0')} is no UTF-8`
    this.#problem('not_utf8', `${this.#name}, line ${this.#scanner.line}, byte ${byte + 1}: ${what}. Save the file as UTF-8.`, this.#scanner.line)
  }

  #problem(code: ProblemCode, message: string, line: number): void {
    this.problems.push({ file: this.#name, line, column: null, code, message })
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
