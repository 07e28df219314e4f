import { recordParams, sheetQuery } from '#lib/data/staging-query.ts'
import { stagedRecord } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** One record: as sent, as it loads, and as production holds it now. */
export const GET = route({ permission: 'staging:read', params: recordParams, query: sheetQuery }, async ({ user, params, query }) =>
  json(await stagedRecord(user, params.loadId, params.entity, query.attempt, params.record)))
