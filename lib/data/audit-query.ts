import { z } from 'zod'
import { auditActions, auditObjects, type AuditAction, type AuditObject } from '#lib/audit/event.ts'

const id = z.string().regex(/^\d{1,18}$/, 'must be an id')
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).nullable().default(null)

/** Which events; null is any. `who` is an account, or `machine` for what no account did. `id` needs an `object`. */
export type AuditFilter = {
  who: string | null; action: AuditAction | null; object: AuditObject | null; id: string | null; from: Date | null; to: Date | null
}
/** The events older than a number, or those newer than one. */
export type AuditCursor = { after: string } | { before: string } | null

const filter = {
  who: z.union([id, z.literal('machine')]).nullable().default(null),
  action: z.enum(Object.keys(auditActions) as [AuditAction, ...AuditAction[]]).nullable().default(null),
  object: z.enum(auditObjects).nullable().default(null),
  id: id.nullable().default(null),
  from: moment,
  to: moment,
}

/** The query of the audit trail, the same in the address of its page and of the API: ids, fixed words and moments. */
export const auditQuery = z.object({ ...filter, after: id.optional(), before: id.optional() })
  .transform(({ after, before, ...rest }): { filter: AuditFilter; cursor: AuditCursor } => ({
    filter: rest, cursor: after !== undefined ? { after } : before !== undefined ? { before } : null,
  }))

/** The same without a place in it, for downloads. */
export const auditDownloadQuery = z.object(filter)
