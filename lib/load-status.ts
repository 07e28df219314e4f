import type { AttemptStatus } from '#lib/ingest/report.ts'

/** Every state of a load, in the order in which lists show them. */
export const loadStatuses = [
  'draft', 'uploading', 'queued', 'running', 'completed', 'completed_with_exceptions', 'failed_validation', 'failed', 'cancelled',
] as const
export type LoadStatus = (typeof loadStatuses)[number]

/** Whether a worker has the load, or will have it: its numbers still change by themselves. */
export function isUnderWay(status: LoadStatus | AttemptStatus): boolean {
  return status === 'queued' || status === 'running'
}

/** Whether the load changes without anybody on its pages: a worker has it or will have it, or its files arrive. */
export function isMoving(status: LoadStatus): boolean {
  return isUnderWay(status) || status === 'uploading'
}

/** Whether the rows of the load are in production. */
export function isCompleted(status: LoadStatus | AttemptStatus): boolean {
  return status === 'completed' || status === 'completed_with_exceptions'
}

/** Whether all that was done with the files which the load has now is a dry run, which leaves it a draft. */
export function isTriedDraft({ status, currentAttempt }: { status: string; currentAttempt: number }): boolean {
  return status === 'draft' && currentAttempt > 0
}

type Attempts = {
  status: LoadStatus; currentAttempt: number; completedAttempt: number | null
  /** Newest first. */
  attempts: readonly { number: number; dryRun: boolean }[]
}

/**
 * Which attempt a load's pages show unless another is asked for: the one in production where the load is completed (a later
 * dry run or a refused delivery changed nothing), the dry run of a draft, else the last real one, or the last. 0 before the first.
 */
export function usualAttempt({ status, currentAttempt, completedAttempt, attempts }: Attempts): number {
  const decided = isCompleted(status) ? completedAttempt : status === 'draft' ? currentAttempt : null
  return decided ?? (attempts.find(({ dryRun }) => !dryRun) ?? attempts[0])?.number ?? 0
}

export function isFailed(status: LoadStatus | AttemptStatus): boolean {
  return status === 'failed' || status === 'failed_validation'
}
