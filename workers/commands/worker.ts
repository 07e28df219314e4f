import path from 'node:path'
import { anchorFolder } from '#lib/audit/anchors.ts'
import { config, dataDir } from '#lib/config.ts'
import { work } from '#lib/jobs/worker.ts'
import { keepHouse } from '#lib/keeping/housekeeping.ts'
import { log } from '#lib/log.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { jobRunner } from '../runner.ts'

export default command({
  summary: 'runs the loads that wait in the queue, until it is told to stop',
  usage: '',
  details: 'SIGTERM or Ctrl-C: running loads end if they can within some seconds, else they go back to the queue. A second one stops at once.',
  options: {},
  positionals: { min: 0, max: 0 },
  async run() {
    const stop = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (stop.signal.aborted) process.exit(1)
        stop.abort()
      })
    }
    return withDatabase(async ({ workerUrl }) => {
      const slots = config().ONRAMP_WORKER_SLOTS
      const runner = jobRunner(workerUrl, slots)
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
    })
  },
})
