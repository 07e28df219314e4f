import { loadReport } from '#lib/data/load-report.ts'
import { attemptQuery, loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** The report of the latest attempt, or of `?attempt=n`: the same document that the command line prints. */
export const GET = route({ permission: 'load:read', params: loadParams, query: attemptQuery }, async ({ user, params, query }) =>
  json(await loadReport(user, params.id, query.attempt)))
