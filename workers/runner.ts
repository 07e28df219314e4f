import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { config, stagingSchema } from '#lib/config.ts'
import { pool } from '#lib/ingest/sql/connect.ts'
import type { JobRunner } from '#lib/jobs/run-job.ts'
import { log } from '#lib/log.ts'
import { objectStore } from '#lib/store/index.ts'

/** Everything that running jobs needs in this process. End its `db` when done. */
export function jobRunner(url: string, slots = 1): JobRunner {
  // What a load makes dies at once, so letting V8 grow the space for young objects only costs memory: measured, 300 MB at
  // the peak instead of 190.
  setFlagsFromString('--semi-space-growth-factor=1')
  // By itself V8 lets the old space grow by 16 MB, which is so near to the end that it begins to mark at once, twice in a load
  // of 10,000 lines (a tenth of what that takes); or to four times, all of it garbage.
  setFlagsFromString('--heap-growing-percent=100')
  return {
    url, stagingSchema: stagingSchema(url), store: objectStore(), leaseSeconds: config().ONRAMP_LEASE_SECONDS,
    // Each running load uses two or three at a moment: steps, progress, heartbeat.
    db: pool(url, 3 * slots + 2),
    worker: `${hostname()}:${process.pid}`,
    onError: (error, facts) => {
      const { code, errno } = error as { code?: string; errno?: number }
      // Messages of the database may quote values of rows: the stack and the codes are enough, without the first line.
      const stack = error instanceof Error ? error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')).slice(0, 8).map((line) => line.trim()) : undefined
      log().error({ ...facts, error: error instanceof Error ? error.name : typeof error, code, errno, stack }, 'job failed')
    },
  }
}
