import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { failpoint } from '#lib/ingest/failpoint.ts'
import { openFile } from '#lib/ingest/source.ts'
import { assertKey, DamagedObject, type ArrivedFile, type ObjectStore, type StoredObject, type Written } from './object-store.ts'

// Below this folder of the root lie files that are still being written; no key can begin with a dot.
const UNFINISHED = '.unfinished'
const READ_BYTES = 256 * 1024
// Another file system, or one without second names for a file.
const CANNOT_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** An object store in a folder of this machine. Files are synced to the disk before they appear below their key. */
export class DiskStore implements ObjectStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = path.resolve(root)
  }

  async put(key: string, stream: AsyncIterable<Uint8Array>, expected?: Written): Promise<Written> {
    return this.#appear(key, expected, (unfinished) => writeSynced(unfinished, stream))
  }

  async take(key: string, file: ArrivedFile, expected: Written): Promise<Written> {
    try {
      return await this.#appear(key, expected, (unfinished) => linkSynced(unfinished, file))
    } catch (error) {
      if (!CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      return this.put(key, createReadStream(file.path, { highWaterMark: READ_BYTES }), expected)
    }
  }

  /** Has an object made where no key is, and lets it appear below its key whole and on the disk. */
  async #appear(key: string, expected: Written | undefined, make: (unfinished: string) => Promise<Written>): Promise<Written> {
    const target = this.#path(key)
    const unfinished = path.join(this.#root, UNFINISHED, randomUUID())
    await mkdir(path.dirname(unfinished), { recursive: true, mode: 0o700 })
    try {
      const written = await make(unfinished)
      if (expected && (written.bytes !== expected.bytes || written.sha256 !== expected.sha256)) {
        throw new DamagedObject(key, expected, written)
      }
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
      await rename(unfinished, target)
      await syncFolder(path.dirname(target))
      return written
    } finally {
      // Also after it appeared: a file that was below its key before, linked twice, is not renamed but left with both names.
      await rm(unfinished, { force: true })
    }
  }

  open(key: string, { start = 0 }: { start?: number } = {}): Readable {
    return openFile(this.#path(key), { start, highWaterMark: READ_BYTES })
  }

  async stat(key: string): Promise<StoredObject | null> {
    const found = await orNull(stat(this.#path(key)))
    return found?.isFile() ? { key, bytes: found.size, modifiedAt: found.mtime } : null
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true })
  }

  async list(prefix: string): Promise<StoredObject[]> {
    const folder = this.#path(prefix.replace(/\/$/, ''))
    const entries = await orNull(readdir(folder, { recursive: true, withFileTypes: true }))
    const keys = (entries ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.#root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    const found = await Promise.all(keys.toSorted().map((key) => this.stat(key)))
    return found.filter((object) => object !== null)
  }

  async removeUnfinished(before: Date): Promise<number> {
    const folder = path.join(this.#root, UNFINISHED)
    let removed = 0
    for (const name of (await orNull(readdir(folder))) ?? []) {
      const file = path.join(folder, name)
      const found = await orNull(stat(file))
      if (!found || found.mtime >= before) continue
      await rm(file, { force: true })
      removed++
    }
    return removed
  }

  #path(key: string): string {
    assertKey(key)
    return path.join(this.#root, ...key.split('/'))
  }
}

async function writeSynced(file: string, stream: AsyncIterable<Uint8Array>): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  const handle = await open(file, 'wx')
  try {
    for await (const chunk of stream) {
      hash.update(chunk)
      bytes += chunk.byteLength
      await handle.appendFile(chunk)
      failpoint('U2')
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Gives a file a second name. Its bytes are read only where nobody noted what they are. */
async function linkSynced(unfinished: string, { path: file, written }: ArrivedFile): Promise<Written> {
  await link(file, unfinished)
  failpoint('U2')
  const handle = await open(unfinished, 'r')
  try {
    await handle.sync()
    return written ?? await readThrough(handle.createReadStream({ highWaterMark: READ_BYTES, autoClose: false }))
  } finally {
    await handle.close()
  }
}

async function readThrough(stream: AsyncIterable<Uint8Array>): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Makes a rename survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null
    throw error
  }
}
