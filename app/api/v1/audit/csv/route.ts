import { csvResponse } from '#lib/csv-export.ts'
import { auditDownloadQuery } from '#lib/data/audit-query.ts'
import { auditDownload } from '#lib/data/audit-trail.ts'
import { route } from '#lib/http/route.ts'

/** Every event that the filter takes, as a file that is safe in a spreadsheet. */
export const GET = route({ permission: 'audit:read', query: auditDownloadQuery, perMinute: 10 }, async ({ user, query }) => {
  const { name, header, rows } = await auditDownload(user, query)
  return csvResponse(name, header, rows)
})
