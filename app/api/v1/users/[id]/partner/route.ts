import { z } from 'zod'
import { changePartner } from '#lib/data/account-changes.ts'
import { partnerLimit, userParams } from '#lib/data/user-query.ts'
import { json, route } from '#lib/http/route.ts'

const body = z.strictObject({ partnerId: partnerLimit })

/** Limits somebody else to one partner, or lets them see all. */
export const POST = route({ permission: 'user:manage', params: userParams, body }, async ({ session, params, body }) => {
  await changePartner(session, params.id, body.partnerId)
  return json({})
})
