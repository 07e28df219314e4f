import 'server-only'
import { createHash } from 'node:crypto'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { config } from '#lib/config.ts'
import type { EntityName } from '#lib/contract/index.ts'
import { notFound } from '#lib/errors.ts'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { isUnderWay, type LoadStatus } from '#lib/load-status.ts'
import { prisma } from './prisma.ts'
import { loadsOf, seenLoad } from './scope.ts'

export type StepState = 'running' | 'done' | 'failed'
export type StepProgress = {
  name: string
  /** '' for steps that concern the whole load. */
  entity: EntityName | ''
  state: StepState
  startedAt: string
  /** The whole step, or how long it runs so far. */
  seconds: number
  rows: number | null
}
/** Who works on the load, and how long ago that worker gave a sign of life. */
export type WorkerSign = { worker: string | null; /** Null when it gave the load back. */ silentSeconds: number | null; lost: boolean }
/** Why a queued load does not run yet: how many loads that the person sees are before it, whether there are others, and whether one of the same shop is running. */
export type QueuePlace = { ahead: number; othersAhead: boolean; shopIsBusy: boolean; waitingSeconds: number }
export type LoadProgress = {
  status: LoadStatus
  /** What waits or runs is a dry run. */
  dryRun: boolean
  /** The attempt these steps are of, 0 before the first. */
  attempt: number
  /** Changes whenever anything but the clocks did. */
  version: string
  elapsedSeconds: number | null
  steps: StepProgress[]
  worker: WorkerSign | null
  queue: QueuePlace | null
}

type Row = {
  status: LoadStatus; currentAttempt: number; attemptId: bigint | null; elapsed: unknown; seconds: number | null
  jobId: bigint | null; dryRun: boolean | number | null; jobStatus: string | null; jobShopId: bigint | null; worker: string | null; leaseLeft: unknown; waiting: unknown
}

/** How far a load is. Cheap enough to be asked every second: four rows by key, and the steps of one attempt. */
export async function loadProgress(user: CurrentUser, id: string): Promise<LoadProgress> {
  authorize(user, 'load:read')
  const [row] = await prisma().$queryRaw<Row[]>(latest(await seenLoad(user, id)))
  if (!row) throw notFound('This load')
  const [steps, queue] = await Promise.all([stepsOf(row.attemptId), row.status === 'queued' ? queuePlace(user, row) : null])
  const worker = row.status === 'running' ? workerSign(row) : null
  const told = [row.status, row.currentAttempt, steps.map((step) => ({ ...step, seconds: 0 })), queue?.ahead, queue?.othersAhead, queue?.shopIsBusy, worker?.worker, worker?.lost]
  const version = createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 16)
  const elapsedSeconds = row.attemptId === null || row.status === 'queued' ? null : isUnderWay(row.status) ? Number(row.elapsed) : row.seconds
  return { status: row.status, dryRun: isUnderWay(row.status) && Boolean(row.dryRun), attempt: row.currentAttempt, version, elapsedSeconds, steps, worker, queue }
}

/** The steps of an attempt that has begun, in the order in which they began. */
export async function attemptSteps(user: CurrentUser, id: string, number: number): Promise<StepProgress[]> {
  authorize(user, 'load:read')
  const attempt = await prisma().attempt.findUnique({ where: { loadId_number: { loadId: await seenLoad(user, id), number } }, select: { id: true } })
  if (!attempt) throw notFound(`Attempt ${number} of this load`)
  return stepsOf(attempt.id)
}

function latest(id: bigint): Prisma.Sql {
  return Prisma.sql`
    select l.status, l.currentAttempt, a.id as attemptId, timestampdiff(microsecond, a.startedAt, now(3)) / 1000000 as elapsed, a.seconds,
      j.id as jobId, j.dryRun, j.status as jobStatus, j.shopId as jobShopId, j.worker,
      timestampdiff(microsecond, now(3), j.leasedUntil) / 1000000 as leaseLeft,
      timestampdiff(microsecond, j.createdAt, now(3)) / 1000000 as waiting
    from ${Prisma.raw('`load`')} l
    left join attempt a on a.loadId = l.id and a.number = l.currentAttempt
    left join job j on j.id = (select max(newest.id) from job newest where newest.loadId = l.id)
    where l.id = ${id}`
}

type RawStep = { name: string; entity: EntityName | ''; status: StepState; startedAt: Date; seconds: unknown; rows: bigint | null }

async function stepsOf(attemptId: bigint | null): Promise<StepProgress[]> {
  if (attemptId === null) return []
  const steps = await prisma().$queryRaw<RawStep[]>`
    select s.name, s.entity, s.status, s.startedAt, s.${Prisma.raw('`rows`')},
      coalesce(s.seconds, timestampdiff(microsecond, s.startedAt, now(3)) / 1000000) as seconds
    from step s where s.attemptId = ${attemptId} order by s.startedAt, s.name, s.entity`
  return steps.map(({ name, entity, status, startedAt, seconds, rows }) => ({
    name, entity, state: status, startedAt: startedAt.toISOString(), seconds: Number(seconds), rows: rows === null ? null : Number(rows),
  }))
}

function workerSign(row: Row): WorkerSign | null {
  if (row.jobStatus === 'queued') return { worker: null, silentSeconds: null, lost: true }
  if (row.leaseLeft === null) return null
  const left = Number(row.leaseLeft)
  // Every sign of life renews the lease, so what is missing of it is how long the worker has been silent.
  return { worker: row.worker, silentSeconds: Math.max(0, config().ONRAMP_LEASE_SECONDS - left), lost: left < 0 }
}

async function queuePlace(user: CurrentUser, row: Row): Promise<QueuePlace | null> {
  if (row.jobId === null) return null
  const before = { status: 'queued', id: { lt: row.jobId } }
  const [ahead, all, running] = await Promise.all([
    prisma().job.count({ where: { ...before, ...await loadsOf(user) } }),
    prisma().job.count({ where: before }),
    prisma().job.count({ where: { runningShopId: row.jobShopId, id: { not: row.jobId } } }),
  ])
  return { ahead, othersAhead: all > ahead, shopIsBusy: running > 0, waitingSeconds: Number(row.waiting) }
}
