import { findBody, sheetParams } from '#lib/data/staging-query.ts'
import { recordOnLine, recordWithKey } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** The number of the record on a line of the file, or with exactly this key; null when there is none. */
export const POST = route({ permission: 'staging:read', params: sheetParams, body: findBody }, async ({ user, params, body }) => {
  const { loadId, entity } = params
  const record = 'line' in body
    ? await recordOnLine(user, loadId, entity, body.attempt, body.line)
    : await recordWithKey(user, loadId, entity, body.attempt, body.key)
  return json({ record })
})
