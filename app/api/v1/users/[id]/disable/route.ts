import { disableUser } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Closes somebody else's account, and ends its sessions. */
export const POST = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) => {
  await disableUser(session, params.id)
  return json({})
})
