import { csvResponse } from '#lib/csv-export.ts'
import { exceptionDownload } from '#lib/data/exception-downloads.ts'
import { exceptionQuery } from '#lib/data/exception-query.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { route } from '#lib/http/route.ts'

/** Every exception that the filter takes, as a file that is safe in a spreadsheet. */
export const GET = route({ permission: 'exception:read', params: loadParams, query: exceptionQuery, perMinute: 30 }, async ({ user, params, query }) => {
  const { name, header, rows } = await exceptionDownload(user, params.id, query.attempt, query.filter)
  return csvResponse(name, header, rows)
})
