import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { LineBuffer } from './line-buffer.ts'

const MEMORY_BYTES = 1024 * 1024
const PIECE_BYTES = 192 * 1024

/** Holds lines until they are wanted: a few in memory, as bytes, more in a temporary file. */
export class Spool {
  readonly #lines = new LineBuffer()
  #folder: string | null = null
  #file: FileHandle | null = null
  #isEmpty = true

  /** Whether nothing was ever written. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** Takes lines; they are copied at once. */
  async write(lines: string | Uint8Array): Promise<void> {
    if (lines.length > 0) this.#isEmpty = false
    if (typeof lines === 'string') this.#lines.add(lines)
    else this.#lines.addBytes(lines)
    if (this.#lines.length > MEMORY_BYTES) await this.#spill()
  }

  /** Everything written so far, once. */
  async read(): Promise<Readable> {
    if (!this.#file) return Readable.from([this.#lines.take()])
    await this.#spill()
    return createReadStream(path.join(this.#folder!, 'spool'), { highWaterMark: 64 * 1024 })
  }

  /** The same in pieces, each good until the next one: a stream would make garbage of as many bytes as it reads. */
  async *pieces(): AsyncGenerator<Buffer> {
    if (!this.#file) return yield this.#lines.drain()
    await this.#spill()
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
    for (let at = 0; ;) {
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield piece.subarray(0, bytesRead)
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(path.join(tmpdir(), 'onramp-'))
    this.#file ??= await open(path.join(this.#folder, 'spool'), 'wx+', 0o600)
    await this.#file.writeFile(this.#lines.drain())
  }
}
