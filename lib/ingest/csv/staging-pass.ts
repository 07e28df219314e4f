import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { readCells } from './cells.ts'
import { UTF8_BOM, startsWithBom } from './encoding.ts'
import type { RowEncoder } from './encode-rows.ts'
import { HAS_QUOTES, RecordScanner, TEXT_AFTER_QUOTE } from './record-scanner.ts'
import type { Spool } from './spool.ts'

// Handed to the socket in pieces of this size: strings, or rows, would cost more than the parsing.
const OUT_CHARACTERS = 256 * 1024
const LF = 0x0a, CR = 0x0d, TAB = 0x09, BACKSLASH = 0x5c, NUL = 0x00

/** Where the records of a piece lie in it. */
type Batch = { starts: number[]; ends: number[]; lines: number[]; flags: number[] }
const emptyBatch = (): Batch => ({ starts: [], ends: [], lines: [], flags: [] })

/** One pass over the bytes of a file that was inspected before: the lines for LOAD DATA, the exceptions into a spool. */
export class StagingPass {
  /** Of the bytes read, once `lines` has ended. */
  sha256 = ''
  readonly #bytes: Readable
  readonly #encoder: RowEncoder
  readonly #exceptions: Spool
  readonly #onRows: (records: number) => void
  #record = 0
  #headerSeen = false

  constructor(bytes: Readable, encoder: RowEncoder, exceptions: Spool, onRows: (records: number) => void) {
    this.#bytes = bytes
    this.#encoder = encoder
    this.#exceptions = exceptions
    this.#onRows = onRows
  }

  async *lines(): AsyncGenerator<Buffer> {
    const scanner = new RecordScanner()
    const sha256 = createHash('sha256')
    let rest: Buffer = Buffer.alloc(0)
    let head: Buffer | null = Buffer.alloc(0)
    for await (const chunk of this.#bytes) {
      let piece = chunk as Buffer
      sha256.update(piece)
      if (head) {
        piece = head.length > 0 ? Buffer.concat([head, piece]) : piece
        head = piece.length < UTF8_BOM.length ? piece : null
        if (head) continue
        if (startsWithBom(piece)) piece = piece.subarray(UTF8_BOM.length)
      }
      const data = rest.length > 0 ? Buffer.concat([rest, piece]) : piece
      const batch = emptyBatch()
      scanner.scan(piece, (start, end, line, flags) => this.#add(batch, start + rest.length, end + rest.length, line, flags))
      yield* this.#encode(data, batch)
      rest = data.subarray(data.length - scanner.pendingBytes)
    }
    const last = emptyBatch()
    const closed = scanner.end((start, end, line, flags) => this.#add(last, start + rest.length, end + rest.length, line, flags))
    if (!closed) throw new Error('a quote is still open at the end of a file that was inspected before')
    yield* this.#encode(rest, last)
    this.sha256 = sha256.digest('hex')
  }

  #add(batch: Batch, start: number, end: number, line: number, flags: number): void {
    if (!this.#headerSeen) {
      this.#headerSeen = true
      return
    }
    batch.starts.push(start)
    batch.ends.push(end)
    batch.lines.push(line)
    batch.flags.push(flags)
  }

  async *#encode(data: Buffer, batch: Batch): AsyncGenerator<Buffer> {
    const { starts, ends, lines, flags } = batch
    const count = starts.length
    if (count === 0) return
    const encoder = this.#encoder
    const any = flags.reduce((all, f) => all | f, 0)
    const cells = cellsOf(data, batch, any)
    // Whether any cell may hold a character that LOAD DATA would misread; a line break only where there are more than records end in.
    const range = data.subarray(starts[0]!, ends[count - 1]!)
    const special = range.includes(BACKSLASH) || range.includes(TAB) || range.includes(NUL) || (any & HAS_QUOTES) !== 0 && linesIn(range) > linesBetween(data, batch)
    let out = ''
    let parsed = 0
    for (let i = 0; i < count; i++) {
      const record = ++this.#record
      const text = () => data.toString('utf8', starts[i]!, ends[i]!)
      out += flags[i]! & TEXT_AFTER_QUOTE
        ? encoder.misshapen(record, lines[i]!, text(), 'text_after_quote', null, null)
        : encoder.row(record, lines[i]!, cells[parsed++]!, flags[i]!, special, text)
      if (out.length > OUT_CHARACTERS) {
        yield Buffer.from(out)
        out = ''
      }
    }
    if (encoder.exceptions !== '') {
      await this.#exceptions.write(encoder.exceptions)
      encoder.exceptions = ''
    }
    this.#onRows(this.#record)
    if (out !== '') yield Buffer.from(out)
  }
}

/** The cells of all records of a batch that can be split, in order. */
function cellsOf(data: Buffer, { starts, ends, flags }: Batch, any: number): string[][] {
  const quotes = (any & HAS_QUOTES) !== 0
  const count = starts.length
  const newline = any & TEXT_AFTER_QUOTE ? null : separatorOf(data, starts, ends)
  if (newline !== null) return readCells(data.toString('utf8', starts[0]!, ends[count - 1]!), count, quotes, newline)
  const texts: string[] = []
  for (let i = 0; i < count; i++) if (!(flags[i]! & TEXT_AFTER_QUOTE)) texts.push(data.toString('utf8', starts[i]!, ends[i]!))
  return texts.length === 0 ? [] : readCells(texts.join('\n'), texts.length, quotes)
}

/** What separates all records of a batch, or null when it differs from place to place. */
function separatorOf(data: Buffer, starts: number[], ends: number[]): '\n' | '\r\n' | null {
  const width = starts.length > 1 ? starts[1]! - ends[0]! : 1
  for (let i = 1; i < starts.length; i++) {
    const end = ends[i - 1]!
    if (starts[i]! - end !== width) return null
    if (width === 1 ? data[end] !== LF : width !== 2 || data[end] !== CR || data[end + 1] !== LF) return null
  }
  return width === 1 ? '\n' : '\r\n'
}

/** The line breaks between records: blank lines are among them, and a record may end in CR alone. */
function linesBetween(data: Buffer, { starts, ends }: Batch): number {
  let lines = 0
  for (let i = 1; i < starts.length; i++) for (let at = ends[i - 1]!; at < starts[i]!; at++) if (data[at] === LF) lines++
  return lines
}

function linesIn(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines++
  return lines
}
