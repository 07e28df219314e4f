import { z } from 'zod'
import { openLink } from '#lib/data/invitations.ts'
import { linkToken } from '#lib/data/user-query.ts'
import { json, visitorRoute } from '#lib/http/route.ts'

const body = z.strictObject({ token: linkToken })

/** Whom a one-time link is for. The token comes in the body, so that it is in no address and no log. */
export const POST = visitorRoute({ body }, async ({ body }) => json(await openLink(body.token)))
