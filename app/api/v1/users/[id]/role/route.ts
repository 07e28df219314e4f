import { z } from 'zod'
import { roles } from '#lib/auth/permissions.ts'
import { changeRole } from '#lib/data/account-changes.ts'
import { userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

const body = z.strictObject({ role: z.enum(roles) })

/** Gives somebody else another role. */
export const POST = route({ permission: 'user:manage', params: userParams, body }, async ({ session, params, body }) => {
  await changeRole(session, params.id, body.role)
  return json({})
})
