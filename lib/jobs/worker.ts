import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { refuseNewer, schemaState } from '#lib/db/schema-version.ts'
import { UserError } from '#lib/errors.ts'
import { makeSpares } from '#lib/ingest/sql/spares.ts'
import { claim, release, type Job } from './queue.ts'
import { runJob, type JobRunner } from './run-job.ts'

const LOOK_AGAIN_MS = 500
// Other processes take spares too.
const STOCK_AGAIN_MS = 60_000
// With the database away there is nothing to do but ask again, not too often.
const AFTER_ERROR_MS = 2000
// A worker that is told to stop lets running loads end if they can within this time.
const GRACE_MS = 6000
// With the grace, and what a process needs to end, still below ten seconds.
const GIVE_BACK_MS = 2000

/**
 * Claims and runs jobs, `slots` at a time, until `stop` aborts. Loads that are still running some seconds later are given
 * back to the queue; their transactions end with the process. Errors of the database make it wait, never end. With nothing to run
 * it gets spare staging tables ready. Throws when the database was brought to a newer version than this program knows, after
 * running loads have ended: nothing more is claimed.
 */
export async function work(runner: JobRunner, slots: number, stop: AbortSignal, onJob: (job: Job) => void): Promise<void> {
  const running = new Map<number, { job: Job; ended: Promise<unknown> }>()
  let refused: UserError | undefined
  const isIdle = () => running.size === 0 && !stop.aborted
  let stocking: Promise<unknown> | undefined
  let stockAtMs = 0
  while (!stop.aborted && !refused) {
    try {
      const job = running.size < slots ? await nextUnlessStopped(runner, stop) : null
      if (job) {
        onJob(job)
        const ended = runJob(runner, job)
          .catch((error: unknown) => runner.onError(error, { jobId: job.id, loadId: job.loadId }))
          .finally(() => {
            running.delete(job.id)
            stockAtMs = 0
          })
        running.set(job.id, { job, ended })
        continue
      }
      await pause(LOOK_AGAIN_MS, stop)
      if (!stocking && isIdle() && Date.now() >= stockAtMs) {
        stockAtMs = Date.now() + STOCK_AGAIN_MS
        stocking = makeSpares(runner.db, runner.stagingSchema, isIdle)
          .catch((error: unknown) => runner.onError(error, { jobId: 0, loadId: 0 }))
          .finally(() => { stocking = undefined })
      }
    } catch (error) {
      if (error instanceof UserError) {
        refused = error
        continue
      }
      runner.onError(error, { jobId: 0, loadId: 0 })
      await pause(AFTER_ERROR_MS, stop)
    }
  }
  const ended = Promise.allSettled([stocking, ...[...running.values()].map((r) => r.ended)])
  if (refused) await Promise.race([ended, aborted(stop)])
  await Promise.race([ended, sleep(GRACE_MS)])
  // What cannot be given back in time comes back when its lease ends.
  await Promise.race([Promise.all([...running.values()].map(({ job }) => giveBack(runner, job))), sleep(GIVE_BACK_MS)])
  if (refused) throw refused
}

async function giveBack(runner: JobRunner, job: Job): Promise<void> {
  await release(runner.db, job).catch((error: unknown) => runner.onError(error, { jobId: job.id, loadId: job.loadId }))
}

/** The next job; none also when the database takes longer to say so than until `stop`: a job that it still gives is given back. */
async function nextUnlessStopped(runner: JobRunner, stop: AbortSignal): Promise<Job | null> {
  const asked = nextJob(runner)
  const answered = new AbortController()
  const stopped = once(stop, 'abort', { signal: answered.signal }).then(() => undefined, () => undefined)
  const first = await Promise.race([asked, stopped]).finally(() => answered.abort())
  if (first !== undefined) return first
  void asked.then((job) => job && giveBack(runner, job), (error: unknown) => runner.onError(error, { jobId: 0, loadId: 0 }))
  return null
}

/** The next job, or the only one that is asked for; none while the tables are being changed. Throws when they are newer than this program. */
export async function nextJob(runner: JobRunner, only?: number): Promise<Job | null> {
  const schema = await schemaState(runner.db)
  refuseNewer(schema)
  if (schema.underWay.length > 0) return null
  const job = await claim(runner.db, runner.worker, runner.leaseSeconds, only)
  if (!job) return null
  // A migration that begins from here on sees that the job runs; one that began before has not waited for it.
  try {
    const now = await schemaState(runner.db)
    refuseNewer(now)
    if (now.underWay.length === 0) return job
  } catch (error) {
    await giveBack(runner, job)
    throw error
  }
  await giveBack(runner, job)
  return null
}

async function aborted(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort')
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined)
}
