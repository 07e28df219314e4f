import { removeInvited } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Takes back an invitation that was never accepted. */
export const DELETE = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) => {
  await removeInvited(session, params.id)
  return json({})
})
