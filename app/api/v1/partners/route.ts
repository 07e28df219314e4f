import { z } from 'zod'
import { createPartner, listPartners } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'
import { partnerSlug } from '#lib/upload/ids.ts'

const name = z.string().trim().min(1, 'Give it a name.').max(200)

/** Partners whose id or name begins with `prefix`. */
export const GET = route({ permission: 'load:read', query: z.object({ prefix: z.string().max(100).optional() }) }, async ({ user, query }) =>
  json({ partners: await listPartners(user, query) }))

/** Adds a partner. */
export const POST = route({ permission: 'shop:create', body: z.object({ slug: partnerSlug, name }) }, async ({ user, body }) =>
  json(await createPartner(user, body), { status: 201 }))
