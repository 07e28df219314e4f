import { z } from 'zod'
import { confirmIdentity } from '#lib/data/own-account.ts'
import { password } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

const body = z.strictObject({ password })

/** Gives the password again, which changes of accounts ask for. */
export const POST = route({ permission: 'account:own', body }, async ({ session, body }) => {
  await confirmIdentity(session, body.password)
  return json({})
})
