import { csvResponse } from '#lib/csv-export.ts'
import { rejectedRowsDownload } from '#lib/data/exception-downloads.ts'
import { rejectedRowsQuery } from '#lib/data/exception-query.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { route } from '#lib/http/route.ts'

/** The rejected rows of one entity with all their columns as sent, the line and the reason, to be corrected and sent again. */
export const GET = route({ permission: 'exception:read', params: loadParams, query: rejectedRowsQuery, perMinute: 30 }, async ({ user, params, query }) => {
  const { name, header, rows } = await rejectedRowsDownload(user, params.id, query.attempt, query.entity)
  return csvResponse(name, header, rows)
})
