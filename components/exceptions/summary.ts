import { formatNumber } from '#components/ui/num.tsx'
import { entityWords, isOnWholeFile, titleOf } from '#lib/contract/explain.ts'
import type { ExceptionFilter, ExceptionGroup } from '#lib/data/exceptions.ts'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { isUnderWay } from '#lib/load-status.ts'
import { capital, entityPlural, listed } from './words.ts'

const counted = (count: number, one: string, many = `${one}s`) => `${formatNumber(count)} ${count === 1 ? one : many}`

/** The exceptions of an attempt in one sentence. */
export function summary(groups: readonly ExceptionGroup[], status: AttemptStatus): string {
  const sum = (of: (group: ExceptionGroup) => boolean) => groups.filter(of).reduce((total, { count }) => total + count, 0)
  const cascades = sum(isCascade)
  const errors = sum((group) => group.severity === 'error') - cascades
  const onFiles = sum(isOnFile)
  const warnings = sum((group) => group.severity === 'warning') - onFiles
  const parts = [
    errors > 0 && counted(errors, 'error'),
    cascades > 0 && `${counted(cascades, 'row')} left out with a parent`,
    warnings > 0 && counted(warnings, 'warning'),
    onFiles > 0 && counted(onFiles, 'remark on a file', 'remarks on files'),
  ].filter((part) => part !== false)
  const so = isUnderWay(status) ? ' so far' : ''
  return parts.length === 0 ? '' : `${listed(parts)}${so}.`
}

/** How many rows the list folds under others: those left out with their parent, where neither entity nor code is chosen. */
export function foldedCount(groups: readonly ExceptionGroup[], { entity, code, severity, record }: ExceptionFilter): number {
  if (entity !== null || code !== null || record !== null || severity === 'warning') return 0
  return groups.filter(isCascade).reduce((total, { count }) => total + count, 0)
}

const isCascade = (group: ExceptionGroup) => group.severity === 'error' && group.code === 'parent_rejected'

// The reconciliation counts what is said of rows, so these are in none of its numbers.
const isOnFile = (group: ExceptionGroup) => group.severity === 'warning' && isOnWholeFile(group.code)

/** What the list shows, in words; null when it shows everything. */
export function selectionTitle(filter: ExceptionFilter, selected: ExceptionGroup | undefined): string | null {
  if (selected) return selected.title
  const { entity, code, column, severity, record } = filter
  if (record !== null && entity !== null && entity !== 'package') return `${capital(entityWords(entity))} record ${formatNumber(record)}`
  const parts = [
    code !== null && titleOf(code),
    severity !== null && (severity === 'error' ? 'Errors' : 'Warnings'),
    entity !== null && `of ${entityPlural(entity === 'package' ? null : entity)}`,
    column !== null && column !== '' && `in ${column}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? null : capital(parts.join(' '))
}
