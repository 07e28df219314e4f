import type { Connection, Pool } from 'mysql2/promise'
import { setTimeout as sleep } from 'node:timers/promises'
import { appendAudit } from '#lib/audit/append.ts'
import type { Failure } from '#lib/contract/codes.ts'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { failpoint } from '#lib/ingest/failpoint.ts'
import { LoadFailed } from '#lib/ingest/load-errors.ts'
import type { Outcome } from '#lib/ingest/run.ts'
import type { Package } from '#lib/ingest/steps/package.ts'
import { join, row, rows, run, sql, type Db } from '#lib/ingest/sql/sql.ts'
import { endWriter, writerOf } from '#lib/ingest/sql/writer-lock.ts'
import { showNumbers } from './ledger-numbers.ts'
import { finish, holds, statusOfFiles, type Job } from './queue.ts'
import { inTransaction } from './transaction.ts'

/** The load that a job is about, and the attempt that this claim makes of it. */
export type Attempt = {
  id: number; number: number
  load: { id: number; slug: string; shopId: number; timeZone: string; delivery: number; partner: string; shop: string; laterLoads: number[] }
}

type LoadRow = { id: number; slug: string; shopId: number; delivery: number; currentAttempt: number; timeZone: string; partner: string; shop: string; completedAttempt: number | null }

const LOST: Failure = { code: 'worker_lost', message: 'The worker stopped in the middle. Nothing was written; another attempt took over.', problems: [] }

/**
 * Ends the connection that still writes for this load, if any: its worker lost the lease but its transaction is open, and
 * holds the locks that the next attempt needs.
 */
async function endOldWriter(db: Pool, loadId: number): Promise<void> {
  await endWriter(db, loadId)
  for (let i = 0; i < 100 && (await writerOf(db, loadId)) !== null; i++) await sleep(100)
}

/**
 * Begins the attempt of a claim: ends what an earlier claim left behind, and makes this attempt the load's current one,
 * which fences every other. Null when the claim was lost meanwhile.
 */
export async function beginAttempt(db: Pool, job: Job, worker: string): Promise<Attempt | null> {
  await endOldWriter(db, job.loadId)
  return inTransaction(db, async (tx) => {
    await row(tx, sql`select 1 from \`load\` where id = ${job.loadId} for update`)
    if (!(await holds(tx, job))) return null
    const load = (await row<LoadRow>(tx, sql`
      select \`load\`.id, \`load\`.slug, \`load\`.shopId, \`load\`.delivery, \`load\`.currentAttempt, \`load\`.completedAttempt, shop.timeZone, shop.slug as shop, partner.slug as partner
      from \`load\` join shop on shop.id = \`load\`.shopId join partner on partner.id = shop.partnerId
      where \`load\`.id = ${job.loadId}`))!
    await run(tx, sql`update attempt set status = 'failed', finishedAt = now(3), seconds = timestampdiff(microsecond, startedAt, now(3)) / 1000000,
      failure = ${JSON.stringify(LOST)} where loadId = ${load.id} and status = 'running'`)
    const number = load.currentAttempt + 1
    const { insertId } = await run(tx, sql`insert into attempt (loadId, number, delivery, jobId, status, dryRun, startedByUserId, startedVia, worker)
      values (${load.id}, ${number}, ${load.delivery}, ${job.id}, 'running', ${job.dryRun}, ${job.userId}, ${job.via}, ${worker})`)
    await run(tx, sql`update \`load\` set status = 'running', currentAttempt = ${number}, updatedAt = now(3) where id = ${load.id}`)
    await run(tx, showNumbers(load.id))
    const { id, slug, shopId, timeZone, delivery, partner, shop, completedAttempt } = load
    const laterLoads = completedAttempt === null ? [] : await loadsAfter(tx, load)
    return { id: insertId, number, load: { id, slug, shopId, timeZone, delivery, partner, shop, laterLoads } }
  })
}

/** The loads of the shop that came in for the first time after this one did: what they brought is newer, also when this one is run again. */
async function loadsAfter(tx: Db, { id, shopId }: LoadRow): Promise<number[]> {
  const cameIn = sql`from attempt join \`load\` on \`load\`.id = attempt.loadId where \`load\`.shopId = ${shopId} and attempt.status in ('completed', 'completed_with_exceptions') and not attempt.dryRun`
  const found = await rows<{ loadId: number }>(tx, sql`select loadId ${cameIn} group by loadId having min(attempt.id) > (select min(attempt.id) ${cameIn} and loadId = ${id})`)
  return found.map(({ loadId }) => loadId)
}

/**
 * Whether the attempt may write: nobody has taken over, and its claim stands. Locks the attempt's row until the transaction
 * ends, so that whoever takes over waits for that end.
 */
export async function mayWrite(tx: Connection, attempt: Attempt, job: Job): Promise<boolean> {
  const found = await row<{ status: string }>(tx, sql`select status from attempt where id = ${attempt.id} for update`)
  return found!.status === 'running' && await holds(tx, job)
}

async function endAttempt(tx: Db, attempt: Attempt, job: Job, { status, records, errors, warnings }: Outcome, failure: Failure | null): Promise<boolean> {
  if (!(await finish(tx, job))) return false
  const completed = (status === 'completed' || status === 'completed_with_exceptions') && !job.dryRun
  await run(tx, sql`update attempt set status = ${status}, finishedAt = now(3), seconds = timestampdiff(microsecond, startedAt, now(3)) / 1000000,
    records = ${records}, errors = ${errors}, warnings = ${warnings}, failure = ${failure ? JSON.stringify(failure) : null} where id = ${attempt.id}`)
  await run(tx, sql`update \`load\` set status = ${job.dryRun ? await statusOfFiles(tx, attempt.load.id) : status}, updatedAt = now(3),
    completedAttempt = ${completed ? attempt.number : sql`completedAttempt`} where id = ${attempt.load.id}`)
  await run(tx, showNumbers(attempt.load.id))
  failpoint('W21')
  const user = job.userId === null ? undefined : await row<{ id: number; email: string }>(tx, sql`select id, email from \`user\` where id = ${job.userId}`)
  await appendAudit(tx, {
    user: user ?? null, actor: job.via, action: 'attempt_ended', objectType: 'load', objectId: String(attempt.load.id),
    detail: { attempt: attempt.number, status, dryRun: job.dryRun, records, errors, warnings },
  })
  failpoint('W22')
  return true
}

/** Ends an attempt whose rows commit with it. False when another claim has taken over. */
export async function completeAttempt(tx: Connection, attempt: Attempt, job: Job, outcome: Outcome): Promise<boolean> {
  return endAttempt(tx, attempt, job, outcome, null)
}

/** Ends an attempt that wrote nothing, with the reason. */
export async function failAttempt(db: Pool, attempt: Attempt, job: Job, failure: Failure): Promise<void> {
  const status = failure.code === 'package_refused' || failure.code === 'load_id_reused' ? 'failed_validation' : 'failed'
  await inTransaction(db, async (tx) => {
    if (!(await endAttempt(tx, attempt, job, { status, records: 0, errors: 0, warnings: 0 }, failure))) return
    await run(tx, sql`update step set status = 'failed', finishedAt = now(3) where attemptId = ${attempt.id} and status = 'running'`)
  })
}

/**
 * Throws LoadFailed when a file that was read is not what arrived: then the machine is at fault and not the package, which would
 * be right when it is run again on a store that is well.
 */
export async function expectAsArrived(db: Db, attempt: Attempt, found: Package): Promise<void> {
  const arrived = await rows<{ name: string; sha256: string }>(db, sql`
    select name, sha256 from load_file where loadId = ${attempt.load.id} and delivery = ${attempt.load.delivery} and sha256 is not null`)
  const sums = new Map(arrived.map(({ name, sha256 }) => [name, sha256]))
  const read = [...found.files.values(), ...(found.manifestSha256 === null ? [] : [{ name: MANIFEST_NAME, sha256: found.manifestSha256 }])]
  const others = read.filter(({ name, sha256 }) => (sums.get(name) ?? sha256) !== sha256).map(({ name }) => name)
  if (others.length === 0) return
  throw new LoadFailed('internal_error', `The store does not give ${others.join(', ')} back as ${others.length === 1 ? 'it' : 'they'} arrived. Nothing was written. If that stays, send the files again.`)
}

/** Keeps what the inspection found of each file, beside what arrived and what was announced. */
export async function keepInspection(db: Db, attempt: Attempt, found: Package): Promise<void> {
  if (found.listed.length === 0) return
  // One that is listed twice is refused for that; what is listed last is kept.
  const each = new Map(found.listed.map(({ entity, name, rows, sha256 }) => {
    const file = found.files.get(entity)
    return [name, sql`select ${name} as name, ${rows} as manifestRows, ${sha256} as manifestSha256, ${file?.name === name ? file.records : null} as records, ${entity} as entity`]
  }))
  await run(db, sql`update load_file join (${join([...each.values()], ' union all ')}) found on found.name = load_file.name
    set load_file.manifestRows = found.manifestRows, load_file.manifestSha256 = found.manifestSha256, load_file.records = found.records, load_file.entity = found.entity
    where load_file.loadId = ${attempt.load.id} and load_file.delivery = ${attempt.load.delivery}`)
}
