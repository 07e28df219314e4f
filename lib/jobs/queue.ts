import type { Pool } from 'mysql2/promise'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { UserError } from '#lib/errors.ts'
import { row, run, sql, type Db } from '#lib/ingest/sql/sql.ts'
import type { LoadStatus } from '#lib/load-status.ts'
import { showNumbers } from './ledger-numbers.ts'
import { inTransaction } from './transaction.ts'

/** Who asked for a run: a person in the portal, the command line, or the worker taking up what another left. */
export type Requester = { userId: number | null; via: 'portal' | 'cli' }

/** What is asked for. `delivery`: the files that it is about; else those that the load has. */
export type RunRequest = Requester & { dryRun: boolean; delivery?: number }

/** A claimed job. `token` fences it: whoever claims it later has a higher one. */
export type Job = { id: number; loadId: number; shopId: number; dryRun: boolean; token: number; userId: number | null; via: string }

/**
 * Asks for a run of a load. A load with a job that waits or runs gets no second one: `created` is false and `jobId` is that
 * one's. Given a pool, it is a transaction of its own; given a connection, part of the caller's. Throws a UserError when the
 * `delivery` that shall run is not the load's any more.
 */
export async function enqueue(db: Db, request: RunRequest & { loadId: number | bigint }): Promise<{ jobId: number; dryRun: boolean; created: boolean }> {
  return inTransaction(db, async (tx) => {
    const load = await row<{ shopId: number; delivery: number }>(tx, sql`select shopId, delivery from \`load\` where id = ${request.loadId} for update`)
    if (!load) throw new Error(`there is no load ${request.loadId}`)
    if (request.delivery !== undefined && request.delivery !== load.delivery) {
      throw new UserError('conflict', 'Somebody else began to send files of this load while these were copied. Nothing was loaded; look at the load in the portal, then send the files again.')
    }
    const open = await row<{ id: number; dryRun: number }>(tx, sql`select id, dryRun from job where loadId = ${request.loadId} and status in ('queued', 'running') limit 1`)
    if (open) return { jobId: open.id, dryRun: open.dryRun === 1, created: false }
    const { insertId } = await run(tx, sql`insert into job (loadId, shopId, status, dryRun, requestedByUserId, requestedVia)
      values (${request.loadId}, ${load.shopId}, 'queued', ${request.dryRun}, ${request.userId}, ${request.via})`)
    await run(tx, sql`update \`load\` set status = 'queued', updatedAt = now(3) where id = ${request.loadId}`)
    return { jobId: insertId, dryRun: request.dryRun, created: true }
  })
}

/** Takes back a job that nobody has begun. Gives the status that the load has then; null when it is too late. */
export async function cancelQueued(db: Db, loadId: number | bigint): Promise<LoadStatus | null> {
  return inTransaction(db, async (tx) => {
    const job = await row<{ id: number }>(tx, sql`select id from job where loadId = ${loadId} and status = 'queued' for update skip locked`)
    if (!job) return null
    const status = await statusOfFiles(tx, loadId)
    await run(tx, sql`update job set status = 'cancelled', finishedAt = now(3) where id = ${job.id}`)
    await run(tx, sql`update \`load\` set status = ${status}, updatedAt = now(3) where id = ${loadId}`)
    await run(tx, showNumbers(loadId))
    return status
  })
}

/**
 * What a load's files have led to so far: rows that are in production stay there when another run is given up, or was a dry
 * one. Files that were refused because the load has come in with others are not its own (contract rule 5).
 */
export async function statusOfFiles(tx: Db, loadId: number | bigint): Promise<LoadStatus> {
  const last = await row<{ status: AttemptStatus; dryRun: number }>(tx, sql`
    select attempt.status, attempt.dryRun from attempt join \`load\` on \`load\`.id = attempt.loadId
    where attempt.loadId = ${loadId} and not coalesce(json_contains(attempt.failure, '"load_id_reused"', '$.code'), false) and (attempt.delivery = \`load\`.delivery or attempt.number = \`load\`.completedAttempt) order by attempt.dryRun, attempt.number desc limit 1`)
  if (!last) return 'cancelled'
  return last.dryRun ? 'draft' : last.status
}

/**
 * Claims the oldest job that may run: one that waits, or one whose worker has been silent for longer than its lease. A shop
 * has one running job at a time. Leases are on the database's clock. `only` limits the claim to one job, and to what it would wait
 * for: those of its shop that are before it, and what a silent worker of the shop has left. Null: nothing to do.
 */
export async function claim(db: Pool, worker: string, leaseSeconds: number, only?: number): Promise<Job | null> {
  try {
    return await inTransaction(db, async (tx) => {
      const wanted = only === undefined ? sql`true` : sql`(job.shopId = (select shopId from job mine where mine.id = ${only}) and (job.id <= ${only} or job.status = 'running'))`
      const job = await row<Omit<Job, 'dryRun'> & { dryRun: number }>(tx, sql`
        select job.id, job.loadId, job.shopId, job.dryRun, job.token + 1 as token, job.requestedByUserId as userId, job.requestedVia as via
        from job
        where ${wanted} and ((job.status = 'queued' and job.notBefore <= now(3)
            and not exists (select 1 from job other where other.runningShopId = job.shopId)
            and not exists (select 1 from job earlier where earlier.shopId = job.shopId and earlier.status = 'queued' and earlier.id < job.id))
          or (job.status = 'running' and job.leasedUntil < now(3)))
        order by job.id limit 1 for update skip locked`)
      if (!job) return null
      await run(tx, sql`update job set status = 'running', worker = ${worker}, token = ${job.token}, runningShopId = shopId,
        leasedUntil = now(3) + interval ${leaseSeconds} second where id = ${job.id}`)
      return { ...job, dryRun: job.dryRun === 1 }
    })
  } catch (error) {
    // Two claims for one shop at the same moment: the unique runningShopId lets one of them through.
    if ([1062, 1213, 1205].includes((error as { errno?: number }).errno ?? 0)) return null
    throw error
  }
}

/** Prolongs the lease. False when the job was claimed by somebody else meanwhile, or has ended. */
export async function heartbeat(db: Db, job: Job, leaseSeconds: number): Promise<boolean> {
  await inTransaction(db, (tx) => run(tx, sql`update job set leasedUntil = now(3) + interval ${leaseSeconds} second where id = ${job.id} and token = ${job.token} and status = 'running'`))
  return holds(db, job)
}

/** Whether the job is still this claim's. */
export async function holds(db: Db, job: Job): Promise<boolean> {
  const found = await row(db, sql`select 1 from job where id = ${job.id} and token = ${job.token} and status = 'running'`)
  return found !== undefined
}

/** Ends the job within the caller's transaction, so that it commits with what the job did. False when it is not ours any more. */
export async function finish(tx: Db, job: Job): Promise<boolean> {
  const mine = await row(tx, sql`select 1 from job where id = ${job.id} and token = ${job.token} and status = 'running' for update`)
  if (!mine) return false
  await run(tx, sql`update job set status = 'done', runningShopId = null, leasedUntil = null, finishedAt = now(3) where id = ${job.id}`)
  return true
}

/** Gives the job back, so that another worker takes it up at once: a worker that is told to stop does so. */
export async function release(db: Db, job: Job): Promise<void> {
  await run(db, sql`update job set status = 'queued', runningShopId = null, leasedUntil = null, worker = null where id = ${job.id} and token = ${job.token} and status = 'running'`)
}
