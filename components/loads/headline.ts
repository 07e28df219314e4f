import { formatNumber } from '#components/ui/num.tsx'
import type { AttemptSummary, LedgerLine } from '#lib/data/loads.ts'
import type { LoadStatus } from '#lib/load-status.ts'
import { totals } from './reconciliation.ts'
import { counted, duration } from './words.ts'

/** What there is to say about a load in one sentence, and what follows from it. */
export type Headline = { says: string; effect: string | null; next: string | null }

type Facts = {
  status: LoadStatus
  attempt: AttemptSummary | null
  lines: readonly LedgerLine[]
  /** The failure's own sentence. */
  failure: string | null
  /** Whether an earlier attempt of this load is in production. */
  completedBefore: boolean
  /** Whether a later one is. */
  loadedSince: boolean
  /** Whether its files are there, so that it can be run. */
  hasFiles: boolean
}

/** The sentence at the top of a load's page. */
export function headline({ status, attempt, lines, failure, completedBefore, loadedSince, hasFiles }: Facts): Headline {
  const nothingWritten = completedBefore ? 'Nothing was written; the rows of the earlier attempt are as they were.' : 'Nothing was written to production.'
  const failed = attempt?.dryRun ? 'Dry run failed' : 'Failed'
  const sayings: Record<LoadStatus, () => Headline> = {
    draft: () => ({ says: 'Waiting for its files', effect: null, next: 'Send the eight files to start the load.' }),
    uploading: () => ({
      says: 'Its files have not all arrived yet', effect: 'What has arrived is kept for seven days after the last sign of its sender.',
      next: 'The load starts by itself when the manifest has arrived. When nobody sends any more, go on sending: choose the same files again.',
    }),
    queued: () => ({ says: 'Waiting for a worker', effect: null, next: 'It starts by itself.' }),
    running: () => ({ says: 'Running', effect: null, next: null }),
    completed: () => completed(attempt, lines, completedBefore || loadedSince),
    completed_with_exceptions: () => completed(attempt, lines, completedBefore || loadedSince),
    failed_validation: () => ({
      says: `${failed} validation: ${failure === null ? 'the package was refused.' : withShortSums(failure)}`,
      effect: nothingWritten,
      next: loadedSince ? null : 'Correct what is listed below, or ask the partner for a new delivery, and send it again under the same load id.',
    }),
    failed: () => ({
      says: `${failed}: ${failure ?? 'the load stopped for a reason that has nothing to do with its files.'}`,
      effect: nothingWritten,
      next: loadedSince ? null : 'Run it again. If it fails once more, tell an engineer the id of this load.',
    }),
    cancelled: () => ({ says: 'Cancelled', effect: nothingWritten, next: hasFiles ? 'Run it again when it is wanted after all.' : 'Send its files again when it is wanted after all.' }),
  }
  return sayings[status]()
}

// Two checksums of 64 digits bury the sentence; in whole they stand in the list of problems and among the files.
function withShortSums(sentence: string): string {
  return sentence.replace(/\b[0-9a-f]{64}\b/g, (sum) => `${sum.slice(0, 10)}…`)
}

function completed(attempt: AttemptSummary | null, lines: readonly LedgerLine[], isLoaded: boolean): Headline {
  const { records, accepted, inserted, updated, unchanged, rejected, warnings } = totals(lines)
  const time = attempt?.seconds == null ? '' : ` in ${duration(attempt.seconds)}`
  const dry = attempt?.dryRun ?? false
  const changedNothing = inserted === 0 && updated === 0 && accepted > 0
  const exceptions = rejected > 0 ? ` with ${counted(rejected, 'exception')}` : ''
  const warned = warnings > 0 ? ` ${counted(warnings, 'warning')}.` : ''
  if (dry) {
    return {
      says: `Dry run finished${exceptions}${time}: ${formatNumber(accepted)} rows of ${formatNumber(records)} would be accepted.${warned}`,
      effect: 'Nothing was written: a dry run undoes what it did.',
      next: isLoaded ? null : 'Load it for real when this is what you expect; else send corrected files under the same load id.',
    }
  }
  if (changedNothing && attempt !== null && attempt.number > 1) {
    return {
      says: `Rerun finished${exceptions}${time}: 0 new, 0 changed, ${formatNumber(unchanged)} unchanged.${warned}`,
      effect: 'Production is as it was before.', next: rejected > 0 ? leftOut(rejected) : null,
    }
  }
  return {
    says: `Completed${exceptions}${time}: ${formatNumber(accepted)} rows accepted of ${formatNumber(records)}.${warned}`,
    effect: `${formatNumber(inserted)} new, ${formatNumber(updated)} changed, ${formatNumber(unchanged)} unchanged in production.`,
    next: rejected > 0 ? leftOut(rejected) : null,
  }
}

function leftOut(rejected: number): string {
  return `${counted(rejected, 'row')} ${rejected === 1 ? 'was' : 'were'} left out. The exceptions say why, line by line.`
}
