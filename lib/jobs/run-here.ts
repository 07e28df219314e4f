import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '#lib/errors.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { enqueue, type RunRequest } from './queue.ts'
import { runJob, type JobRunner } from './run-job.ts'
import { nextJob } from './worker.ts'

const LOOK_AGAIN_MS = 500

/**
 * Runs a load in this process and gives the id of the attempt that ended it. It queues like everybody else: if a
 * worker is quicker to take the job, this waits for that worker. What waits before it for the same shop, and what a lost worker
 * has left of the shop, it runs first, since there may be no other worker. Throws a UserError when the load waits or runs already, but not as asked for here.
 */
export async function runHere(runner: JobRunner, loadId: number, request: RunRequest): Promise<number> {
  const { jobId, dryRun } = await enqueue(runner.db, { ...request, loadId })
  if (dryRun === request.dryRun) return toItsEnd(runner, jobId)
  const isLeft = await row(runner.db, sql`select 1 from job where id = ${jobId} and status = 'running' and leasedUntil < now(3)`)
  if (!isLeft) throw new UserError('load_running', `${dryRun ? 'A dry run' : 'A run'} of this load waits or runs already. Wait for its end, then ask again.`)
  await toItsEnd(runner, jobId)
  return runHere(runner, loadId, request)
}

async function toItsEnd(runner: JobRunner, jobId: number): Promise<number> {
  for (;;) {
    const job = await nextJob(runner, jobId)
    const attemptId = job && await runJob(runner, job)
    if (attemptId && job.id === jobId) return attemptId
    if (attemptId) continue
    const found = await row<{ status: string; attemptId: number | null }>(runner.db, sql`
      select status, (select max(id) from attempt where attempt.jobId = job.id) as attemptId from job where id = ${jobId}`)
    if (found!.status !== 'queued' && found!.status !== 'running') {
      if (found!.attemptId) return found!.attemptId
      throw new Error(`job ${jobId} ended without an attempt`)
    }
    await sleep(LOOK_AGAIN_MS)
  }
}
