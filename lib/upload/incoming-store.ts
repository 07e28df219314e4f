import { createHash, type Hash } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { ERRORS } from '@tus/server'
import type { ArrivedFile } from '#lib/store/index.ts'

// What comes while the disk is busy is written in one go then, and no more of it is held.
const BUFFER_BYTES = 1024 * 1024

/** Unfinished uploads in a folder. Bytes are hashed on their way to the disk, so that a file is not read again when it is whole. */
export class IncomingStore extends FileStore {
  // Of uploads that came through this process from their first byte on. Others are read once more in the end.
  readonly #hashes = new Map<string, { hash: Hash; bytes: number }>()

  constructor({ directory, expirationPeriodInMilliseconds }: { directory: string; expirationPeriodInMilliseconds: number }) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    super({ directory, expirationPeriodInMilliseconds })
  }

  /** Writes what comes from `offset` on; gives the offset reached. */
  override async write(incoming: Readable, id: string, offset: number): Promise<number> {
    const running = offset === 0 ? { hash: createHash('sha256'), bytes: 0 } : this.#hashes.get(id)
    this.#hashes.delete(id)
    const counted = { hash: running?.bytes === offset ? running.hash : null, bytes: offset }
    async function* noted(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        counted.hash?.update(chunk)
        counted.bytes += chunk.byteLength
        yield chunk
      }
    }
    try {
      await pipeline(incoming, noted, createWriteStream(this.#pathOf(id), { flags: 'r+', start: offset, highWaterMark: BUFFER_BYTES }))
    } catch {
      // How much of it is on the disk is not known: where to go on, and the hash, come from there.
      throw ERRORS.FILE_WRITE_ERROR
    }
    if (counted.hash) this.#hashes.set(id, { hash: counted.hash, bytes: counted.bytes })
    return counted.bytes
  }

  override async remove(id: string): Promise<void> {
    this.#hashes.delete(id)
    await super.remove(id)
  }

  /** A file that is whole, with what is known of its bytes. */
  arrived(id: string): ArrivedFile {
    const known = this.#hashes.get(id)
    return { path: this.#pathOf(id), written: known ? { bytes: known.bytes, sha256: known.hash.copy().digest('hex') } : null }
  }

  #pathOf(id: string): string {
    return path.join(this.directory, id)
  }
}
