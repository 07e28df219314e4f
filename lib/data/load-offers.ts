import type { AttemptStatus } from '#lib/ingest/report.ts'
import { isMoving, type LoadStatus } from '#lib/load-status.ts'

/** Something a person may do now, or the reason why not. */
export type Offer = { allowed: true } | { allowed: false; reason: string }

/** What decides how a load can be run now. */
export type RunFacts = {
  status: LoadStatus
  /** Files of the current delivery, and how many of them are not in the store. */
  files: number
  missing: number
  /** How the latest attempt of the current delivery ended; null before the first. */
  last: AttemptStatus | null
  /** Whether rows of the load are in production. */
  cameIn: boolean
}

/**
 * Whether the check of the package has refused the files that are there: it would refuse the same bytes again, so only other
 * files help. Bytes that came in before were right, so then it is the machine that is at fault.
 */
export function isRefused({ status, last, cameIn }: RunFacts): boolean {
  return last === 'failed_validation' && !cameIn && !isMoving(status)
}

/** Whether a load can be run again, as a dry run, or for the first time after one; if not, why. */
export function rerunOffer(facts: RunFacts): Offer {
  const { status, files, missing, last, cameIn } = facts
  if (status === 'queued') return { allowed: false, reason: 'It is already waiting for a worker.' }
  if (status === 'running') return { allowed: false, reason: 'It is running. It can be run again when this attempt has ended.' }
  // A dry run leaves a load that was never run as the draft it was.
  if (status === 'uploading' || (status === 'draft' && last === null)) return { allowed: false, reason: 'Its files have not all arrived yet.' }
  if (isRefused(facts)) return { allowed: false, reason: 'Its files were refused, and the same files would be refused again. Send corrected files under the same load id.' }
  if ((files === 0 || missing > 0) && cameIn) return { allowed: false, reason: 'Its files are no longer kept. To run them again, send them under a new load id: rows that are the same stay as they are.' }
  if (files === 0 || missing > 0) return { allowed: false, reason: 'Its files are no longer kept. Send them again to load them.' }
  return { allowed: true }
}

/** Whether a load can be taken out of the queue, and if not, why. */
export function cancelOffer(status: LoadStatus): Offer {
  return status === 'queued' ? { allowed: true } : { allowed: false, reason: 'Only a load that waits for a worker can be cancelled.' }
}
