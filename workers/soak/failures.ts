import type { FailureCode } from '#lib/contract/codes.ts'

/** Why a load may end failed while the machine is disturbed: the database failed five times in a row, or every worker died that took it up. */
export const EXPLAINED: readonly FailureCode[] = ['database_error', 'worker_lost']

/** `ran`: loads and reruns that were brought to their end. `failed`: how many of the runs that took ended failed, by their reason. */
export type Failures = { ran: number; failed: Readonly<Record<string, number>> }

// The machine is to be disturbed so much that some fail, and not so much that failing is what loads do.
const MOST_FAILED_SHARE = 0.1
// Of very few, one is a large share.
const FEW = 2

/** What is wrong with how many loads ended failed, and why; null when nothing is. */
export function judgeFailures({ ran, failed }: Failures): string | null {
  const reasons = Object.keys(failed).filter((code) => !EXPLAINED.some((known) => known === code) && failed[code]! > 0)
  if (reasons.length > 0) return `loads ended failed for reasons that nothing explains: ${reasons.join(', ')}`
  const count = sumOf(failed)
  if (count > Math.max(FEW, ran * MOST_FAILED_SHARE)) return `${count} runs of ${ran} loads ended failed: more than a tenth`
  return null
}

/** The same in one line. */
export function tellFailures({ ran, failed }: Failures): string {
  const count = sumOf(failed)
  const share = ran === 0 ? 0 : (100 * count) / ran
  const reasons = Object.entries(failed).map(([code, n]) => `${code} ${n}`)
  return `Of ${ran.toLocaleString('en-US')} loads and reruns ${count} ended failed and were run again (${share.toFixed(1)} %)${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`
}

const sumOf = (failed: Failures['failed']) => Object.values(failed).reduce((sum, n) => sum + n, 0)
