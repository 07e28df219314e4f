import { z } from 'zod'
import { createPartner, listPartners, mayAddPartners } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'
import { partnerSlug } from '#lib/upload/ids.ts'

const query = z.object({ slug: z.string().max(64).optional() })
const body = z.object({ slug: partnerSlug, name: z.string().trim().min(1, 'Give it a name.').max(200) })

/** Partners, by name; with `slug`, those whose id begins so. `mayAdd`: whether the person may add others. */
export const GET = route({ permission: 'load:read', query }, async ({ user, query }) =>
  json({ partners: await listPartners(user, { slugPrefix: query.slug }), mayAdd: mayAddPartners(user) }))

/** Adds a partner. */
export const POST = route({ permission: 'shop:create', body }, async ({ user, body }) => json(await createPartner(user, body), { status: 201 }))
