import { makePasswordLink, revokePasswordLink } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Makes a new one-time link to choose a password by. The answer holds its token, which is shown nowhere else. */
export const POST = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) =>
  json(await makePasswordLink(session, params.id), { status: 201 }))

/** Makes the link that is out worthless. */
export const DELETE = route({ permission: 'user:manage', params: userParams }, async ({ session, params }) => {
  await revokePasswordLink(session, params.id)
  return json({})
})
