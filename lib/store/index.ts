import path from 'node:path'
import { dataDir } from '#lib/config.ts'
import { DiskStore } from './disk.ts'
import type { ObjectStore } from './object-store.ts'

export { DamagedObject, rawFileKey, type ArrivedFile, type ObjectStore, type StoredObject, type Written } from './object-store.ts'

let store: ObjectStore | undefined

/** The store of this installation: a folder below the data folder. */
export function objectStore(): ObjectStore {
  store ??= new DiskStore(path.join(dataDir(), 'store'))
  return store
}
