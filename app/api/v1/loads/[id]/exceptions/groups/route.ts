import { exceptionGroups, loadWithAttempts } from '#lib/data/exceptions.ts'
import { attemptQuery, loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** The exceptions of an attempt counted by severity, entity, code and column. */
export const GET = route({ permission: 'exception:read', params: loadParams, query: attemptQuery }, async ({ user, params, query }) => {
  const { attempt } = await loadWithAttempts(user, params.id, query.attempt ?? null)
  return json({ attempt: attempt?.number ?? null, groups: attempt ? await exceptionGroups(user, attempt.id) : [] })
})
