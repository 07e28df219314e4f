import { exceptionQuery } from '#lib/data/exception-query.ts'
import { exceptionPage, loadWithAttempts } from '#lib/data/exceptions.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** One page of the exceptions of an attempt (the newest real one unless named). `next` and `previous` go into `after` and `before`. */
export const GET = route({ permission: 'exception:read', params: loadParams, query: exceptionQuery }, async ({ user, params, query }) => {
  const { attempt } = await loadWithAttempts(user, params.id, query.attempt)
  if (!attempt) return json({ attempt: null, rows: [], total: 0, next: null, previous: null })
  return json({ attempt: attempt.number, ...await exceptionPage(user, attempt.id, query.filter, query.cursor) })
})
