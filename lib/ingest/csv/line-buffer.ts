// Handed to the socket in pieces of this size: rows one by one would cost more than the parsing.
const PIECE_BYTES = 128 * 1024
// Of a usual line, so that a piece which is not full has room for one more.
const LINE_BYTES = 8 * 1024

/** Lines on their way to LOAD DATA, as bytes: as texts they would live long enough to cost memory. */
export class LineBuffer {
  bytes: Buffer = Buffer.allocUnsafe(PIECE_BYTES)
  length = 0

  /** Whether a piece is full and should be handed on before more is written. */
  get isFull(): boolean {
    return this.length > PIECE_BYTES - LINE_BYTES
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  /** Appends text as UTF-8. */
  add(text: string): void {
    this.reserve(text.length * 3)
    this.length += this.bytes.write(text, this.length)
  }

  addBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was written since the last time, good until more is written. */
  drain(): Buffer {
    const written = this.bytes.subarray(0, this.length)
    this.length = 0
    return written
  }

  /** What was written since the last time; it is the caller's to keep. */
  take(): Buffer {
    const piece = this.bytes.subarray(0, this.length)
    this.bytes = Buffer.allocUnsafe(PIECE_BYTES)
    this.length = 0
    return piece
  }
}
