import type { Pool } from 'mysql2/promise'
import { failpoint } from '#lib/ingest/failpoint.ts'
import { Fenced, LoadFailed } from '#lib/ingest/load-errors.ts'
import { Progress } from '#lib/ingest/progress.ts'
import { runLoad } from '#lib/ingest/run.ts'
import { storedSource } from './stored-source.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import type { ObjectStore } from '#lib/store/object-store.ts'
import { beginAttempt, completeAttempt, expectAsArrived, failAttempt, keepInspection, mayWrite, type Attempt } from './attempts.ts'
import { heartbeat, type Job } from './queue.ts'

export type JobRunner = {
  url: string
  stagingSchema: string
  db: Pool
  store: ObjectStore
  worker: string
  leaseSeconds: number
  /** A store that gives nothing for so long is given up. */
  silentStoreMs?: number
  /** Told of errors that are bugs or the machine's; the load's own failures are in the ledger. */
  onError(error: unknown, facts: { jobId: number; loadId: number }): void
}

// A load that takes ten workers down with it will take the eleventh.
const MOST_CLAIMS = 10

/** Runs a claimed job to its end: the attempt is in the ledger afterwards, whatever happened. Gives its id, or null when the claim was lost. */
export async function runJob(runner: JobRunner, job: Job): Promise<number | null> {
  const beat = setInterval(() => {
    heartbeat(runner.db, job, runner.leaseSeconds).catch((error: unknown) => runner.onError(error, { jobId: job.id, loadId: job.loadId }))
  }, (runner.leaseSeconds * 1000) / 3)
  try {
    failpoint('W1')
    const attempt = await beginAttempt(runner.db, job, runner.worker)
    if (!attempt) return null
    // Claims that could not begin, as while a long rollback holds the load's rows, took nobody down.
    if (job.token > MOST_CLAIMS && (await attemptsOf(runner.db, job)) > MOST_CLAIMS) {
      await failAttempt(runner.db, attempt, job, { code: 'worker_lost', message: `The worker stopped ${MOST_CLAIMS} times while it ran this load, so it is not tried again by itself. Nothing was written.`, problems: [] })
      return attempt.id
    }
    return await runAttempt(runner, job, attempt)
  } finally {
    clearInterval(beat)
  }
}

const attemptsOf = async (db: Pool, job: Job) => Number((await row<{ n: number }>(db, sql`select count(*) as n from attempt where jobId = ${job.id}`))!.n)

async function runAttempt(runner: JobRunner, job: Job, attempt: Attempt): Promise<number | null> {
  const { db } = runner
  try {
    await runLoad({
      url: runner.url, stagingSchema: runner.stagingSchema,
      load: attempt.load, attempt, source: storedSource(db, runner.store, attempt.load.id, attempt.load.delivery, runner.silentStoreMs),
      dryRun: job.dryRun, nowMs: Date.now(), control: db, progress: new Progress(db, attempt.id),
      fence: async (tx) => {
        if (!(await mayWrite(tx, attempt, job))) throw new Fenced()
      },
      finish: async (tx, outcome) => {
        if (!(await completeAttempt(tx, attempt, job, outcome))) throw new Fenced()
      },
      committed: async () => (await row<{ status: string }>(db, sql`select status from attempt where id = ${attempt.id}`))!.status.startsWith('completed'),
      onPackage: async (found) => {
        // What is not as it arrived says nothing of the package.
        await expectAsArrived(db, attempt, found)
        await keepInspection(db, attempt, found)
      },
    })
    failpoint('W20')
    return attempt.id
  } catch (error) {
    if (error instanceof Fenced) return null
    if (error instanceof LoadFailed) {
      if (error.cause) runner.onError(error.cause, { jobId: job.id, loadId: job.loadId })
      await failAttempt(db, attempt, job, { code: error.code, message: error.message, problems: error.problems })
      return attempt.id
    }
    runner.onError(error, { jobId: job.id, loadId: job.loadId })
    await failAttempt(db, attempt, job, {
      code: 'internal_error', problems: [],
      message: `Something went wrong in Onramp itself, so nothing was written. Tell an engineer: attempt ${attempt.id} in the worker’s log.`,
    })
    return attempt.id
  }
}
