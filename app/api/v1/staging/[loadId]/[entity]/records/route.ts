import { recordsQuery, sheetParams } from '#lib/data/staging-query.ts'
import { stagedRecords } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** One page of the staged records of a file, as sent, in its order. `next` and `previous` go into `after` and `before`. */
export const GET = route({ permission: 'staging:read', params: sheetParams, query: recordsQuery }, async ({ user, params, query }) =>
  json(await stagedRecords(user, params.loadId, params.entity, query.attempt, query)))
