import type { ExceptionFilter, ExceptionGroup } from '#lib/data/exceptions.ts'
import type { EntityName } from '#lib/contract/index.ts'

/** What a page of exceptions is about: the load, and the attempt where another than the newest is meant. */
export type Place = { loadId: string; attempt: number | null }
export type Wanted = Partial<ExceptionFilter> & { after?: string; before?: string }

/** The page of exceptions with a filter. */
export function exceptionsHref({ loadId, attempt }: Place, wanted: Wanted = {}): string {
  return `/loads/${loadId}/exceptions${query({ attempt, ...wanted })}`
}

/** The download of the exceptions that a filter takes. */
export function exceptionsCsvHref({ loadId, attempt }: Place, wanted: Wanted = {}): string {
  return `/api/v1/loads/${loadId}/exceptions/csv${query({ attempt, ...wanted })}`
}

/** The download of the rejected rows of one entity. */
export function rejectedRowsHref({ loadId, attempt }: Place, entity: EntityName): string {
  return `/api/v1/loads/${loadId}/exceptions/rejected-rows${query({ attempt, entity })}`
}

/** One record in the staging browser. */
export function stagedRecordHref({ loadId, attempt }: Place, entity: EntityName, record: number): string {
  return `/staging/${loadId}/${entity}${query({ attempt, record })}`
}

/** The filter that takes exactly this group. */
export function groupFilter({ severity, entity, code, column }: Pick<ExceptionGroup, 'severity' | 'entity' | 'code' | 'column'>): Wanted {
  return { entity: entity ?? 'package', code, column: column ?? '', severity }
}

function query(all: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(all).filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [name, String(value)])
  return given.length > 0 ? `?${new URLSearchParams(given)}` : ''
}
