import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'

/** The files of one delivery, wherever they lie. Names are plain file names. */
export type FileSource = {
  names(): Promise<string[]>
  /** A stream of the whole file, in pieces of about 1 MiB. Throws (or the stream does) when it is not there. */
  open(name: string): Readable
}

const CHUNK_BYTES = 1 << 20

/** The files that lie directly in a folder. */
export function folderSource(folder: string): FileSource {
  return {
    names: async () => (await readdir(folder, { withFileTypes: true })).filter((f) => f.isFile()).map((f) => f.name).sort(),
    open: (name) => openFile(path.join(folder, path.basename(name)), { highWaterMark: CHUNK_BYTES }),
  }
}

/**
 * A stream of a file, whose reader may take its time to begin. Without a listener the error of a file that cannot be opened would end
 * the process if it came before that; it is the reader's, who gets it with the first piece.
 */
export function openFile(file: string, options: { start?: number; highWaterMark: number }): Readable {
  return createReadStream(file, options).on('error', () => undefined)
}

/** All bytes of a small file; null when it is larger than `limit`. */
export async function readSmall(source: FileSource, name: string, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source.open(name)) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > limit) return null
  }
  return Buffer.concat(chunks)
}
