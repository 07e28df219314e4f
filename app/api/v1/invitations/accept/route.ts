import { z } from 'zod'
import { acceptLink } from '#lib/data/invitations.ts'
import { linkToken, password } from '#lib/data/user-query.ts'
import { json, visitorRoute } from '#lib/http/route.ts'

const body = z.strictObject({ token: linkToken, password })

/** Chooses a password by a one-time link. */
export const POST = visitorRoute({ body }, async ({ body }) => json(await acceptLink(body.token, body.password)))
