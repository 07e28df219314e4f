import { belowQuery } from '#lib/data/exception-query.ts'
import { exceptionsBelow, loadWithAttempts } from '#lib/data/exceptions.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Rows of one entity that were left out because the row `causeEntity`, `causeRecord` was. `next` goes into `after`. */
export const GET = route({ permission: 'exception:read', params: loadParams, query: belowQuery }, async ({ user, params, query }) => {
  const { attempt } = await loadWithAttempts(user, params.id, query.attempt)
  return json(await exceptionsBelow(user, attempt!.id, { entity: query.causeEntity, record: query.causeRecord }, query.entity, query.after))
})
