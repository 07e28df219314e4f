import { endSessionsOf } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Signs somebody out everywhere. */
export const DELETE = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) => {
  await endSessionsOf(session, params.id)
  return json({})
})
