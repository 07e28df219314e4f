import type { AttemptSummary, LoadDetail } from '#lib/data/loads.ts'
import { isCompleted, isFailed, isUnderWay, usualAttempt, type LoadStatus } from '#lib/load-status.ts'

export type ShownAttempt = {
  /** 0 when there is none yet. */
  number: number
  summary: AttemptSummary | null
  /** What the page says about it: the attempt's outcome, or what the load waits for. */
  status: LoadStatus
  /** It waits or runs, and the page follows it. */
  live: boolean
  /** A later attempt is in production. */
  loadedSince: boolean
  /** It is the one that is shown unless somebody asks for another. */
  usual: boolean
  /** An earlier attempt of this load is in production. */
  completedBefore: boolean
}

type Facts = Pick<LoadDetail, 'status' | 'currentAttempt' | 'completedAttempt' | 'attempts'>

/** Which attempt a load's page shows: the one asked for, else what is going on, else the usual one. */
export function shownAttempt(load: Facts, asked: number | null): ShownAttempt {
  const usual = usualAttempt(load)
  const live = isUnderWay(load.status) && (asked === null || (asked === load.currentAttempt && load.status === 'running'))
  const number = live ? load.currentAttempt : (asked ?? usual)
  const summary = load.attempts.find((attempt) => attempt.number === number) ?? null
  // Between two attempts the load has a status of its own: its files arrive again, or it was cancelled.
  const between = asked === null && !summary?.dryRun && !isCompleted(load.status) && !isFailed(load.status)
  return {
    number, summary, live,
    status: between || !summary ? load.status : (summary.status as LoadStatus),
    usual: number === usual,
    loadedSince: load.completedAttempt !== null && load.completedAttempt > number,
    completedBefore: load.completedAttempt !== null && (between || load.completedAttempt < number),
  }
}
