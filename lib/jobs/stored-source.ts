import { Readable } from 'node:stream'
import type { FileSource } from '#lib/ingest/source.ts'
import { rows, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { rawFileKey, type ObjectStore } from '#lib/store/index.ts'

// A worker that waits for its store keeps its lease, so nobody else would end the load. Shorter than the 30 seconds after which a
// database server that is given nothing gives LOAD DATA up, so that it is the store that is named.
const SILENT_MS = 20_000

/** The files of one delivery in the object store. Files that lay beside them are known by name only. */
export function storedSource(db: Db, store: ObjectStore, loadId: number, delivery: number, silentMs = SILENT_MS): FileSource {
  return {
    names: async () => (await rows<{ name: string }>(db, sql`select name from load_file where loadId = ${loadId} and delivery = ${delivery} and receivedAt is not null order by id`)).map((f) => f.name),
    open: (name) => unlessSilent(store.open(rawFileKey(loadId, delivery, name)), silentMs),
  }
}

/** The same stream, which fails when its next piece does not come. How long its reader takes is no matter. */
function unlessSilent(stream: Readable, silentMs: number): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    const each = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    try {
      for (;;) {
        const next = await within(silentMs, each.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      stream.destroy()
    }
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: stream.readableHighWaterMark })
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the store gave nothing for ${ms / 1000} seconds`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
