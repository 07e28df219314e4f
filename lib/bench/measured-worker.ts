import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pool } from '#lib/ingest/sql/connect.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { deliverFolder, nameOfFolder } from '#lib/jobs/deliver-folder.ts'
import { enqueue } from '#lib/jobs/queue.ts'
import { DiskStore } from '#lib/store/disk.ts'
import type { Dataset } from './data.ts'
import { spansOf } from './measured-load.ts'
import { startOnramp } from './measured-process.ts'
import { forgetPeakOf, peakBytesOf } from './process-usage.ts'
import type { BenchServer } from './server.ts'

/** `seconds`: from the moment at which the worker takes the load up to the end of its commit. */
export type WorkerLoad = { seconds: number; nodePeakBytes: number }

/** A worker that goes on between loads, as those of an installation do. */
export type MeasuredWorker = {
  /** Sends the data as a load of that shop. Throws when it does not complete. */
  load(data: Dataset, shop: string): Promise<WorkerLoad>
  stop(): Promise<void>
}

const LOOK_AGAIN_MS = 100
const TIME_ZONE = 'America/New_York'

/** Starts `onramp worker` on the server under test. */
export function startWorker(server: BenchServer, signal: AbortSignal): MeasuredWorker {
  const worker = startOnramp(['worker'], server, { signal, env: { ONRAMP_LOG_LEVEL: 'error' } })
  const ended = once(worker, 'close')
  ended.catch(() => undefined)
  worker.stdout.resume()
  const db = pool(server.url)
  const store = new DiskStore(path.join(server.files, 'store'))
  return {
    async load(data, shop) {
      const name = nameOfFolder(data.folder, { shop })
      const delivered = await deliverFolder(db, store, data.folder, name, TIME_ZONE)
      if (delivered.kind === 'refused') throw new Error(`the load ${name.loadId} of ${shop} was refused`)
      await server.settle()
      forgetPeakOf(worker.pid!)
      await enqueue(db, { loadId: delivered.loadId, dryRun: false, userId: null, via: 'cli' })
      const status = await Promise.race([endOf(delivered.loadId), ended.then(() => 'left by the worker')])
      if (!status.startsWith('completed')) throw new Error(`the load ${name.loadId} of ${shop} ended ${status}`)
      const { whole } = await spansOf(server, { ...name, attempt: 1 })
      return { seconds: (whole.toMs - whole.fromMs) / 1000, nodePeakBytes: peakBytesOf(worker.pid!) }
    },
    async stop() {
      worker.kill('SIGTERM')
      await Promise.allSettled([ended, db.end()])
    },
  }

  async function endOf(loadId: number): Promise<string> {
    for (;;) {
      const { status } = (await row<{ status: string }>(db, sql`select status from \`load\` where id = ${loadId}`))!
      if (status !== 'queued' && status !== 'running') return status
      await sleep(LOOK_AGAIN_MS, undefined, { signal })
    }
  }
}
