import { createReadStream, createWriteStream, type WriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'

const MEMORY_BYTES = 4 * 1024 * 1024

/** Holds lines until they are wanted: a few in memory, more in a temporary file. */
export class Spool {
  #text = ''
  #bytes = 0
  #folder: string | null = null
  #file: WriteStream | null = null

  /** Whether anything was written. */
  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  async write(text: string): Promise<void> {
    if (text === '') return
    this.#bytes += text.length
    this.#text += text
    if (this.#text.length > MEMORY_BYTES) await this.#spill()
  }

  /** Everything written so far, once. */
  async read(): Promise<Readable> {
    if (!this.#file) return Readable.from([Buffer.from(this.#text)])
    await this.#spill()
    this.#file.end()
    await finished(this.#file)
    return createReadStream(this.#file.path, { highWaterMark: 256 * 1024 })
  }

  async close(): Promise<void> {
    this.#file?.destroy()
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }

  async #spill(): Promise<void> {
    if (!this.#file) {
      this.#folder = await mkdtemp(path.join(tmpdir(), 'onramp-'))
      this.#file = createWriteStream(path.join(this.#folder, 'spool'), { mode: 0o600 })
      // A full disk says so in an event, whenever it likes; whoever writes or reads next hears of it.
      this.#file.on('error', () => undefined)
    }
    const text = this.#text
    this.#text = ''
    if (this.#file.errored) throw this.#file.errored
    if (!this.#file.write(text)) await once(this.#file, 'drain')
  }
}
