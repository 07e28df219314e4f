import { sheetParams, sheetQuery } from '#lib/data/staging-query.ts'
import { stagedSheet } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** A staged file: its columns, its counts by verdict, and whether its rows are still kept. */
export const GET = route({ permission: 'staging:read', params: sheetParams, query: sheetQuery }, async ({ user, params, query }) =>
  json(await stagedSheet(user, params.loadId, params.entity, query.attempt)))
