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

/** Whether the rows of the load are in production. */
export function isCompleted(status: LoadStatus | AttemptStatus): boolean {
  return status === 'completed' || status === 'completed_with_exceptions'
}

/** Whether all that was done with the files which the load has now is a dry run, which leaves it a draft. */
export function isTriedDraft({ status, currentAttempt }: { status: string; currentAttempt: number }): boolean {
  return status === 'draft' && currentAttempt > 0
}

export function isFailed(status: LoadStatus | AttemptStatus): boolean {
  return status === 'failed' || status === 'failed_validation'
}
