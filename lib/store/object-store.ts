import type { Readable } from 'node:stream'

/** What was written: counted and hashed over the bytes themselves. */
export type Written = { bytes: number; sha256: string }
/** A file of this machine that nobody writes to any more. `written`: what was noted of its bytes as they were written; null when nobody did. */
export type ArrivedFile = { path: string; written: Written | null }
export type StoredObject = { key: string; bytes: number; modifiedAt: Date }

/** Where raw files are kept. A key is written whole or not at all, and its bytes never change under a reader. */
export interface ObjectStore {
  /** Writes the stream below `key`. With `expected`, an object of other bytes is not kept and DamagedObject is thrown. */
  put(key: string, stream: AsyncIterable<Uint8Array>, expected?: Written): Promise<Written>
  /**
   * The same with a file, whose bytes need not be copied where the store can take them as they lie. The file stays, for the caller to
   * remove once the arrival is noted.
   */
  take(key: string, file: ArrivedFile, expected: Written): Promise<Written>
  /** The bytes below `key`, from `start` on. The stream fails when there is no such key. */
  open(key: string, range?: { start?: number }): Readable
  stat(key: string): Promise<StoredObject | null>
  /** Removes the key; one that is not there is no error. */
  delete(key: string): Promise<void>
  /** Every object whose key begins with `prefix` (whole path segments), in order of its key. */
  list(prefix: string): Promise<StoredObject[]>
  /** Removes what writers left behind that ended before their key was there, if it has not grown since `before`. Gives how many. */
  removeUnfinished(before: Date): Promise<number>
}

/** The bytes that came are not the bytes that were announced. Nothing was kept. */
export class DamagedObject extends Error {
  readonly key: string
  readonly expected: Written
  readonly found: Written
  constructor(key: string, expected: Written, found: Written) {
    super(`${key} should have ${expected.bytes} bytes and sha256 ${expected.sha256}, but has ${found.bytes} and ${found.sha256}`)
    this.name = 'DamagedObject'
    this.key = key
    this.expected = expected
    this.found = found
  }
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Throws unless `key` is a relative path of plain segments. Keys are made from ids, so any other key is a bug. */
export function assertKey(key: string): void {
  if (key.split('/').every((segment) => SEGMENT.test(segment) && !segment.endsWith('.'))) return
  throw new Error(`${JSON.stringify(key)} is not a key of the object store`)
}

/** The key of a raw file of one delivery of a load. */
export function rawFileKey(loadId: bigint | number | string, delivery: number, name: string): string {
  const key = `loads/${loadId}/${delivery}/${name}`
  assertKey(key)
  return key
}
