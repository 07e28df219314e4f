import type { LoadDetail } from '#lib/data/loads.ts'

/** What a rerun of this load will do, for the person who is about to start it. */
export function rerunEffect({ completedAttempt }: Pick<LoadDetail, 'completedAttempt'>): string {
  return completedAttempt === null
    ? 'Runs the same seven files from the beginning. Until now nothing of this load is in production, and nothing will be unless everything checks out.'
    : 'Runs the same seven files again. Rows that are in are left as they are, also where a later load or the shop has changed them; nothing is doubled.'
}
