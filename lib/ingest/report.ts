import type { EntityName } from '#lib/contract/index.ts'
import type { ExceptionCode, Failure, Severity } from '#lib/contract/codes.ts'

export type AttemptStatus = 'queued' | 'running' | 'completed' | 'completed_with_exceptions' | 'failed_validation' | 'failed' | 'cancelled'

export type EntityCounts = {
  manifest: number; records: number; staged: number; accepted: number; rejected: number; superseded: number; identical: number
  inserted: number; updated: number; unchanged: number; warnings: number
}
/** Sums in the currency of the shop, as text with two decimals. */
export type MoneySums = { file: string; accepted: string; production: string }

export type ReportedException = {
  entity: EntityName | null; file: string; line: number | null; record: number | null; key: string | null; column: string | null
  code: ExceptionCode; severity: Severity; value: string | null; message: string
}

/** What one attempt did; the same document on the command line and at GET /api/v1/loads/{id}/report. */
export type Report = {
  partner: string; shop: string; loadId: string; attempt: number; dryRun: boolean; status: AttemptStatus
  failure: Failure | null
  entities: Record<EntityName, EntityCounts>
  money: Record<'invoice.total' | 'invoice.tax' | 'line_item.total' | 'payment.paymentAmount', MoneySums>
  exceptions: ReportedException[]
  exceptionsTotal: number
  timings: Record<string, number>
  seconds: number
  rowsPerSecond: number
}
