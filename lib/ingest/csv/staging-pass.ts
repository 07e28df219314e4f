import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { UTF8_BOM, startsWithBom } from './encoding.ts'
import type { RowEncoder } from './encode-rows.ts'
import { LineBuffer } from './line-buffer.ts'
import { RecordScanner } from './record-scanner.ts'
import type { Spool } from './spool.ts'

/** Where the records of a piece lie in it. */
type Batch = { starts: number[]; ends: number[]; lines: number[]; flags: number[] }
const emptyBatch = (): Batch => ({ starts: [], ends: [], lines: [], flags: [] })

/** Lines for the tables beside the staging table: the exceptions, the values that differ from their texts, and which rows are late; and notes about the keys. */
export type Beside = { exceptions: Spool; values: Spool; late: Spool; keys: Spool }

// Of what is left over from a piece, as a rule at most.
const LINE_BYTES = 8 * 1024

// The protocol splits what is longer than 16 MiB less one byte, and the driver is wrong where that is the length.
const PACKET_BYTES = 8 * 1024 * 1024

function* inPackets(piece: Buffer): Generator<Buffer> {
  for (let at = 0; at < piece.length; at += PACKET_BYTES) yield piece.subarray(at, at + PACKET_BYTES)
}

/** One pass over the bytes of a file that was inspected before: the lines for LOAD DATA, what stands beside them into spools. */
export class StagingPass {
  /** Of the bytes read, once `lines` has ended. */
  sha256 = ''
  readonly #bytes: Readable
  readonly #encoder: RowEncoder
  readonly #beside: Beside
  readonly #onRows: (records: number) => void
  readonly #out = new LineBuffer()
  #data: Buffer = Buffer.alloc(0)
  #record = 0
  #headerSeen = false

  constructor(bytes: Readable, encoder: RowEncoder, beside: Beside, onRows: (records: number) => void) {
    this.#bytes = bytes
    this.#encoder = encoder
    this.#beside = beside
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
      const data = this.#joined(rest, piece)
      const batch = emptyBatch()
      scanner.scan(piece, (start, end, line, flags) => this.#add(batch, start + rest.length, end + rest.length, line, flags))
      yield* this.#encode(data, batch)
      rest = data.subarray(data.length - scanner.pendingBytes)
    }
    const last = emptyBatch()
    const closed = scanner.end((start, end, line, flags) => this.#add(last, start + rest.length, end + rest.length, line, flags))
    if (!closed) throw new Error('a quote is still open at the end of a file that was inspected before')
    yield* this.#encode(rest, last)
    this.#encoder.end()
    await this.#beside.late.write(this.#encoder.takeLate())
    if (this.#out.length > 0) yield* inPackets(this.#out.take())
    this.sha256 = sha256.digest('hex')
  }

  /** Both in one, good until the next time. `rest` may be the end of the last one. */
  #joined(rest: Buffer, piece: Buffer): Buffer {
    const length = rest.length + piece.length
    const into = length <= this.#data.length ? this.#data : Buffer.allocUnsafeSlow(length + LINE_BYTES)
    into.set(rest)
    into.set(piece, rest.length)
    this.#data = into
    return into.subarray(0, length)
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

  async *#encode(data: Buffer, { starts, ends, lines, flags }: Batch): AsyncGenerator<Buffer> {
    const out = this.#out
    for (let i = 0; i < starts.length; i++) {
      this.#encoder.write(out, data, starts[i]!, ends[i]!, ++this.#record, lines[i]!, flags[i]!)
      if (out.isFull) yield* inPackets(out.take())
    }
    await this.#beside.exceptions.write(this.#encoder.takeExceptions())
    await this.#beside.values.write(this.#encoder.takeValues())
    await this.#beside.late.write(this.#encoder.takeLate())
    await this.#beside.keys.write(this.#encoder.takeKeyNotes())
    this.#onRows(this.#record)
  }
}
