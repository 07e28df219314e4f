import { entityWords } from '#lib/contract/explain.ts'
import { entities } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'

const EXIT: Partial<Record<Report['status'], number>> = { completed: 0, completed_with_exceptions: 2, failed_validation: 3 }

let printed = false

/** Whether this process has printed its report. */
export const isReportPrinted = (): boolean => printed

/** Prints the report on stdout, and nothing else there: as JSON, or for a person. */
export function printReport(report: Report, { json }: { json?: boolean }): void {
  console.log(json ? JSON.stringify(report, null, 2) : presentReport(report))
  printed = true
}

/** 0 completed, 2 completed_with_exceptions, 3 failed_validation, 1 anything else. */
export function exitCodeOf(report: Report): number {
  return EXIT[report.status] ?? 1
}

const COLUMNS = ['manifest', 'records', 'accepted', 'inserted', 'updated', 'unchanged', 'rejected', 'superseded', 'identical', 'warnings'] as const
const SHOWN = 20

/** The report for a person at a terminal. */
export function presentReport(report: Report): string {
  const { partner, shop, loadId, attempt, dryRun, status, failure } = report
  const lines = [`${partner}/${shop}/${loadId}, attempt ${attempt}${dryRun ? ' (dry run, nothing was written)' : ''}: ${status.replaceAll('_', ' ')} in ${report.seconds.toFixed(1)} s`]
  if (failure) {
    lines.push('', failure.message, ...failure.problems.map((p) => `  - ${p.message}`))
    return lines.join('\n')
  }
  const width = 12
  lines.push('', ['', ...COLUMNS].map((name, i) => (i === 0 ? name.padEnd(16) : name.padStart(width))).join(''))
  for (const e of entities) {
    const counts = report.entities[e.name]
    lines.push(entityWords(e.name).padEnd(16) + COLUMNS.map((c) => counts[c].toLocaleString('en-US').padStart(width)).join(''))
  }
  lines.push('', ['', 'file', 'accepted', 'production'].map((name, i) => (i === 0 ? name.padEnd(28) : name.padStart(18))).join(''))
  for (const [measure, sums] of Object.entries(report.money)) {
    lines.push(measure.padEnd(28) + [sums.file, sums.accepted, sums.production].map((sum) => sum.padStart(18)).join(''))
  }
  if (report.exceptions.length > 0) {
    lines.push('', `${report.exceptionsTotal.toLocaleString('en-US')} exceptions${report.exceptionsTotal > SHOWN ? `, the first ${SHOWN}` : ''}:`)
    lines.push(...report.exceptions.slice(0, SHOWN).map((x) => `  ${x.severity === 'error' ? '✗' : '!'} ${x.line === null ? '' : `${x.file}, `}${x.message}`))
  }
  return lines.join('\n')
}
