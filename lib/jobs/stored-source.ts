import type { FileSource } from '#lib/ingest/source.ts'
import { rows, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { rawFileKey, type ObjectStore } from '#lib/store/index.ts'

/** The files of one delivery in the object store. Files that lay beside them are known by name only. */
export function storedSource(db: Db, store: ObjectStore, loadId: number, delivery: number): FileSource {
  return {
    names: async () => (await rows<{ name: string }>(db, sql`select name from load_file where loadId = ${loadId} and delivery = ${delivery} and receivedAt is not null order by id`)).map((f) => f.name),
    open: (name) => store.open(rawFileKey(loadId, delivery, name)),
  }
}
