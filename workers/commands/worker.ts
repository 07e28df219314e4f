import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { anchorFolder } from '#lib/audit/anchors.ts'
import { config, dataDir } from '#lib/config.ts'
import { ensureDatabase, type Database } from '#lib/db/ensure.ts'
import { isTransient } from '#lib/ingest/load-errors.ts'
import { work } from '#lib/jobs/worker.ts'
import { keepHouse } from '#lib/keeping/housekeeping.ts'
import { log } from '#lib/log.ts'
import { command } from '../command.ts'
import { jobRunner } from '../runner.ts'
import { whenToldToStop } from '../told-to-stop.ts'

const AGAIN_AFTER_MS = 2_000

/** The database, waited for while it is away: a worker that ended instead would be started again and again. Undefined when told to stop. */
async function whenThere(stop: AbortSignal): Promise<Database | undefined> {
  while (!stop.aborted) {
    try {
      return await ensureDatabase(stop)
    } catch (error) {
      if (stop.aborted) return undefined
      if (!isTransient(error)) throw error
      log().error({ code: (error as { code?: string }).code }, 'the database does not answer; waiting for it')
      await sleep(AGAIN_AFTER_MS, undefined, { signal: stop }).catch(() => undefined)
    }
  }
}

export default command({
  summary: 'runs the loads that wait in the queue, until it is told to stop',
  usage: '',
  details: 'SIGTERM or Ctrl-C: running loads end if they can within some seconds, else they go back to the queue. A second one stops at once.',
  options: {},
  positionals: { min: 0, max: 0 },
  async run() {
    const stop = new AbortController()
    whenToldToStop(() => stop.abort(), () => process.exit(1))
    const database = await whenThere(stop.signal)
    if (!database) return 0
    try {
      const slots = config().ONRAMP_WORKER_SLOTS
      const runner = jobRunner(database.workerUrl, slots)
      log().info({ worker: runner.worker, slots }, 'worker ready')
      void keepHouse({ ...runner, uploads: path.join(dataDir(), 'uploads'), anchors: anchorFolder() }, stop.signal, {
        onPurged: (purged) => log().info(purged, 'purged'),
        onError: (error) => runner.onError(error, { jobId: 0, loadId: 0 }),
      })
      await work(runner, slots, stop.signal, (job) => log().info({ jobId: job.id, loadId: job.loadId, token: job.token }, 'job claimed'))
      log().info({ worker: runner.worker }, 'worker stopped')
      // Loads given back to the queue still hold connections; the process takes them with it.
      setTimeout(() => process.exit(0), 1000).unref()
      return 0
    } finally {
      await database.stop()
    }
  },
})
