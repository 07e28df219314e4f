import { auditQuery } from '#lib/data/audit-query.ts'
import { auditPage } from '#lib/data/audit-trail.ts'
import { json, route } from '#lib/http/route.ts'

/** A page of the audit trail, newest first. */
export const GET = route({ permission: 'audit:read', query: auditQuery }, async ({ user, query }) => json(await auditPage(user, query.filter, query.cursor)))
