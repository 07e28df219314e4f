import { z } from 'zod'
import { endOwnSession } from '#lib/data/sessions.ts'
import { json, route } from '#lib/http/route.ts'

const params = z.object({ id: z.string().regex(/^[\w-]{22}$/) })

/** Ends one of one's own sessions. */
export const DELETE = route({ permission: 'account:own', params }, async ({ session, params }) => {
  await endOwnSession(session, params.id)
  return json({})
})
