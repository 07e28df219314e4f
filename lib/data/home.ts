import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { isTriedDraft } from '#lib/load-status.ts'
import { prisma, type Prisma } from './prisma.ts'
import { loadsOf } from './scope.ts'

export type HomeLoad = {
  id: string; loadId: string; shop: string; partner: string; status: string; /** What waits, runs or was done is a dry run. */ dryRun: boolean
  startedBy: string | null; at: string; /** Those of the attempt that gave it its status, as in the ledger. */ errors: number | null; warnings: number | null; records: number | null
}
export type Home = {
  /** Nothing was ever loaded here that the person sees. */
  first: boolean
  attention: HomeLoad[]
  attentionTotal: number
  running: HomeLoad[]
  day: { attempts: number; records: number; rejected: number; failed: number; inserted: number; updated: number }
}

const NEEDS_ATTENTION = ['failed', 'failed_validation', 'completed_with_exceptions']
const UNFINISHED = ['draft', 'uploading']
const GOING_ON = ['queued', 'running']
const DAY_MS = 24 * 60 * 60 * 1000
// An upload that was touched this recently is probably still under way in somebody's browser.
const UNFINISHED_AFTER_MS = 10 * 60 * 1000

/** What the home page shows of the loads that this person sees: those that want somebody, the caller's own running ones, and the last 24 hours. */
export async function readHome(user: CurrentUser): Promise<Home> {
  authorize(user, 'load:read')
  const nowMs = Date.now()
  const seen = await loadsOf(user)
  const wanting = {
    ...seen,
    updatedAt: { gte: new Date(nowMs - 14 * DAY_MS) },
    OR: [
      { status: { in: NEEDS_ATTENTION } },
      { status: { in: UNFINISHED }, updatedAt: { lt: new Date(nowMs - UNFINISHED_AFTER_MS) } },
    ],
  }
  const [any, attention, attentionTotal, running, day] = await Promise.all([
    prisma().load.findFirst({ where: seen, select: { id: true } }),
    prisma().load.findMany({ where: wanting, orderBy: { updatedAt: 'desc' }, take: 8, include: withNames }),
    prisma().load.count({ where: wanting }),
    prisma().load.findMany({
      where: { ...seen, status: { in: GOING_ON }, OR: [{ createdByUserId: BigInt(user.id) }, { jobs: { some: { requestedByUserId: BigInt(user.id), finishedAt: null } } }] },
      orderBy: { updatedAt: 'desc' }, take: 10, include: withNames,
    }),
    lastDay(new Date(nowMs - DAY_MS), seen),
  ])
  return { first: any === null, attention: attention.map(homeLoad), attentionTotal, running: running.map(homeLoad), day }
}

const withNames = {
  shop: { include: { partner: true } },
  createdByUser: { select: { name: true } },
  jobs: { where: { finishedAt: null }, select: { dryRun: true } },
} as const

type LoadWithNames = Prisma.LoadGetPayload<{ include: typeof withNames }>

function homeLoad(load: LoadWithNames): HomeLoad {
  const { id, slug, shop, status, createdByUser, updatedAt, jobs, errors, warnings, records } = load
  const count = (value: bigint | null) => (value === null ? null : Number(value))
  return {
    id: String(id), loadId: slug, shop: shop.name, partner: shop.partner.name, status,
    dryRun: jobs.some(({ dryRun }) => dryRun) || isTriedDraft(load), startedBy: createdByUser?.name ?? null,
    at: updatedAt.toISOString(), errors: count(errors), warnings: count(warnings), records: count(records),
  }
}

async function lastDay(since: Date, seen: Prisma.LoadWhereInput): Promise<Home['day']> {
  const finished = { finishedAt: { gte: since }, dryRun: false, ...(seen.shopId ? { load: seen } : {}) }
  const [attempts, failed, lines] = await Promise.all([
    prisma().attempt.count({ where: finished }),
    prisma().attempt.count({ where: { ...finished, status: { in: ['failed', 'failed_validation'] } } }),
    prisma().ledgerLine.aggregate({
      where: { attempt: { ...finished, status: { in: ['completed', 'completed_with_exceptions'] } } },
      _sum: { records: true, rejected: true, inserted: true, updated: true },
    }),
  ])
  const sum = (value: bigint | null) => Number(value ?? 0)
  const { records, rejected, inserted, updated } = lines._sum
  return { attempts, failed, records: sum(records), rejected: sum(rejected), inserted: sum(inserted), updated: sum(updated) }
}
