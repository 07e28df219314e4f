// Runs in the worker and in browsers: no Node APIs here.

const COMMA = 0x2c, QUOTE = 0x22, LF = 0x0a, CR = 0x0d, NUL = 0x00

// Where the scanner stands between two bytes. Whether a quote opens a cell is told by the byte before it.
const RECORD_START = 0, PLAIN = 1, QUOTED = 2, QUOTE_IN_QUOTED = 3

/** A cell of this record starts with a quote. */
export const HAS_QUOTES = 1
/** Text follows a closing quote: the record is rejected (contract rule 8). */
export const TEXT_AFTER_QUOTE = 2
/** The record holds a NUL byte: it is rejected (contract rule 6). */
export const HAS_NUL = 4

/** `start` and `end` are offsets into the scanned bytes, the line end left out; `line`, from 1, is where the record begins; `flags` as above. */
export type OnRecord = (start: number, end: number, line: number, flags: number) => void

/**
 * Finds the records of a CSV: comma-separated, RFC 4180 quotes, ended by CRLF, LF or CR, mixed or not; blank lines are
 * no records; a quote inside an unquoted cell is text (contract rules 6 to 8). It only finds ends: the cells are papaparse's.
 *
 * Feed the bytes in pieces. A record that a piece leaves unfinished is reported when a later one ends it, with a `start`
 * below zero that counts back from the piece's first byte.
 */
export class RecordScanner {
  /** Records reported so far, the header included. */
  records = 0
  /** The line that the next byte belongs to, from 1. */
  line = 1
  /** How many bytes the unfinished record has so far. */
  pendingBytes = 0
  /** The line on which the quote that is still open was opened. */
  quoteLine = 0

  #state = RECORD_START
  #flags = 0
  #recordLine = 1
  #afterCr = false
  #lastByte = LF

  scan(bytes: Uint8Array, onRecord: OnRecord): void {
    const n = bytes.length
    // The next byte of each kind that matters; looked up natively, and again only once it is passed.
    const next = (byte: number, from: number) => {
      const at = bytes.indexOf(byte, from)
      return at === -1 ? n : at
    }
    let quote = next(QUOTE, 0)
    let lf = next(LF, 0)
    let cr = next(CR, 0)
    let nul = next(NUL, 0)
    let start = -this.pendingBytes
    let i = 0
    if (n > 0 && this.#afterCr) {
      this.#afterCr = false
      if (bytes[0] === LF) {
        i = 1
        if (this.#state === RECORD_START) start = 1
      }
    }
    while (i < n) {
      if (this.#state === QUOTE_IN_QUOTED) {
        const byte = bytes[i]!
        if (byte === QUOTE) {
          this.#state = QUOTED
          i++
          continue
        }
        if (byte !== COMMA && byte !== LF && byte !== CR) this.#flags |= TEXT_AFTER_QUOTE
        this.#state = PLAIN
      }
      if (quote < i) quote = next(QUOTE, i)
      if (lf < i) lf = next(LF, i)
      if (cr < i) cr = next(CR, i)
      if (nul < i) nul = next(NUL, i)
      const lineEnd = lf < cr ? lf : cr
      if (nul < quote && nul < lineEnd) {
        this.#flags |= HAS_NUL
        if (this.#state === RECORD_START) this.#state = PLAIN
        i = nul + 1
        continue
      }
      if (quote < lineEnd) {
        if (this.#state === QUOTED) {
          this.#state = QUOTE_IN_QUOTED
        } else {
          const before = quote === 0 ? this.#lastByte : bytes[quote - 1]!
          const opens = quote === i ? this.#state === RECORD_START || before === COMMA : before === COMMA
          if (opens) {
            this.#state = QUOTED
            this.#flags |= HAS_QUOTES
            this.quoteLine = this.line
          } else {
            this.#state = PLAIN
          }
        }
        i = quote + 1
        continue
      }
      if (lineEnd === n) {
        if (this.#state === RECORD_START) this.#state = PLAIN
        break
      }
      if (this.#state !== QUOTED) {
        if (this.#state !== RECORD_START || lineEnd > i) {
          this.records++
          onRecord(start, lineEnd, this.#recordLine, this.#flags)
        }
        this.#state = RECORD_START
        this.#flags = 0
      }
      this.line++
      i = lineEnd + 1
      if (bytes[lineEnd] === CR) {
        if (i < n && bytes[i] === LF) i++
        else if (i === n) this.#afterCr = true
      }
      if (this.#state === RECORD_START) {
        start = i
        this.#recordLine = this.line
      }
    }
    if (n > 0) this.#lastByte = bytes[n - 1]!
    this.pendingBytes = n - start
  }

  /** Reports a last record without a line end. `start` counts back from the end of all bytes. False when a quote is still open. */
  end(onRecord: OnRecord): boolean {
    if (this.#state === QUOTED) return false
    if (this.#state !== RECORD_START) {
      this.records++
      onRecord(-this.pendingBytes, 0, this.#recordLine, this.#flags)
      this.#state = RECORD_START
    }
    return true
  }
}
