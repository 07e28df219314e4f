import 'server-only'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { appendAudit } from '#lib/audit/append.ts'
import type { AuditAction, AuditDetail } from '#lib/audit/event.ts'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { notFound, UserError } from '#lib/errors.ts'
import { cancelQueued, enqueue } from '#lib/jobs/queue.ts'
import { isUnderWay, type LoadStatus } from '#lib/load-status.ts'
import { deliveryNames } from '#lib/upload/delivery-names.ts'
import { inTransaction } from './database.ts'
import { rerunOffer, type RunFacts } from './load-offers.ts'
import { retryingDeadlocks } from './retrying.ts'
import { seenLoad } from './scope.ts'

type LoadRow = RowDataPacket & { id: number; slug: string; status: LoadStatus; delivery: number; completedAttempt: number | null }
type Asked = { id: string; status: 'queued' }

/**
 * Puts the files of a load into the queue once more, or for the first time after a dry run. Two requests at once queue it
 * once: the row of the load decides. Throws `load_running` while an attempt waits or runs, and `conflict` with the reason
 * when it cannot be run again.
 */
export async function rerunLoad(user: CurrentUser, id: string): Promise<Asked> {
  return askForRun(user, id, false)
}

/** The same for a dry run, which does everything and takes it back. */
export async function dryRunLoad(user: CurrentUser, id: string): Promise<Asked> {
  return askForRun(user, id, true)
}

async function askForRun(user: CurrentUser, id: string, dryRun: boolean): Promise<Asked> {
  authorize(user, 'load:rerun')
  const key = await seenLoad(user, id)
  await retryingDeadlocks(() => inTransaction(async (tx) => {
    const load = await lockedLoad(tx, key)
    const offer = rerunOffer(await runFacts(tx, load))
    if (!offer.allowed) throw new UserError(isUnderWay(load.status) ? 'load_running' : 'conflict', `Load ${load.slug} cannot be run ${dryRun ? 'as a dry run' : 'again'} now. ${offer.reason}`, { id })
    const { created } = await enqueue(tx, { loadId: load.id, dryRun, userId: Number(user.id), via: 'portal' })
    if (!created) throw new UserError('load_running', `Load ${load.slug} has an attempt that waits or runs.`, { id })
    await note(tx, user, dryRun ? 'load_dry_run' : 'load_rerun', load, !dryRun && load.status === 'draft' ? { first: true } : {})
  }))
  return { id, status: 'queued' }
}

async function runFacts(tx: Connection, { id, status, delivery, completedAttempt }: LoadRow): Promise<RunFacts> {
  const [[files]] = await tx.query<RowDataPacket[]>('select count(*) as files, count(if(storeKey is null and name in (?), 1, null)) as missing from load_file where loadId = ? and delivery = ?', [[...deliveryNames], id, delivery])
  const [[last]] = await tx.query<RowDataPacket[]>('select status from attempt where loadId = ? and delivery = ? order by number desc limit 1', [id, delivery])
  return { status, files: files!.files, missing: files!.missing, last: last?.status ?? null, cameIn: completedAttempt !== null }
}

/**
 * Takes a waiting load out of the queue; it has the status again that it had before it was asked for. Throws `conflict` when it
 * does not wait: a worker that has begun goes on to the end.
 */
export async function cancelLoad(user: CurrentUser, id: string): Promise<{ id: string; status: LoadStatus }> {
  authorize(user, 'load:rerun')
  const key = await seenLoad(user, id)
  const status = await retryingDeadlocks(() => inTransaction(async (tx) => {
    const load = await lockedLoad(tx, key)
    const before = load.status === 'queued' ? await cancelQueued(tx, load.id) : null
    if (!before) throw new UserError('conflict', `Load ${load.slug} does not wait for a worker any more, so there is nothing to cancel.`, { id })
    await note(tx, user, 'load_cancelled', load)
    return before
  }))
  return { id, status }
}

/** The load, locked. A running one is given as it is: its worker holds the lock until it has written everything. */
async function lockedLoad(tx: Connection, id: bigint): Promise<LoadRow> {
  const select = 'select id, slug, status, delivery, completedAttempt from `load` where id = ?'
  const [[seen]] = await tx.query<LoadRow[]>(select, [id])
  if (!seen) throw notFound('This load')
  if (seen.status === 'running') return seen
  const [[load]] = await tx.query<LoadRow[]>(`${select} for update`, [id])
  return load!
}

async function note(tx: Connection, user: CurrentUser, action: AuditAction, load: LoadRow, more: AuditDetail = {}): Promise<void> {
  await appendAudit(tx, { user, action, objectType: 'load', objectId: String(load.id), detail: { delivery: load.delivery, ...more } })
}
