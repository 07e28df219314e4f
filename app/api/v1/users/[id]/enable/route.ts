import { enableUser } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Opens a closed account again. */
export const POST = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) => {
  await enableUser(session, params.id)
  return json({})
})
