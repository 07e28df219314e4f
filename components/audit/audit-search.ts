import { createParser, parseAsIsoDateTime, parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs/server'
import { auditActions, auditObjects, type AuditAction } from '#lib/audit/event.ts'
import type { AuditFilter } from '#lib/data/audit-query.ts'

const parseAsId = createParser<string>({ parse: (text) => (/^\d{1,18}$/.test(text) ? text : null), serialize: (id) => id })

/** How the audit trail is filtered, as its address keeps it: ids, fixed words and moments, nothing about persons. */
export const auditParams = {
  who: createParser<string>({ parse: (text) => (/^(\d{1,18}|machine)$/.test(text) ? text : null), serialize: (who) => who }),
  action: parseAsStringLiteral(Object.keys(auditActions) as AuditAction[]),
  object: parseAsStringLiteral(auditObjects),
  id: parseAsId,
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
  after: parseAsString,
  before: parseAsString,
}
export type AuditSearch = inferParserType<typeof auditParams>

/** Whether the list is narrowed at all. */
export function isNarrowed({ who, action, object, from, to }: AuditFilter): boolean {
  return [who, action, object, from, to].some((value) => value !== null)
}

function query(filter: AuditFilter, place: { after?: string | null; before?: string | null } = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...filter, ...place })) {
    if (value !== null && value !== undefined) search.set(name, value instanceof Date ? value.toISOString() : String(value))
  }
  return search.size > 0 ? `?${search}` : ''
}

export const auditHref = (filter: AuditFilter, place?: { after?: string | null; before?: string | null }): string => `/admin/audit${query(filter, place)}`
export const auditCsvHref = (filter: AuditFilter): string => `/api/v1/audit/csv${query(filter)}`
