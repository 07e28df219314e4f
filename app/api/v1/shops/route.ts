import { z } from 'zod'
import { createShop, listShops } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'
import { shopSlug } from '#lib/upload/ids.ts'

const databaseId = z.string().regex(/^\d{1,18}$/)
const query = z.object({
  slug: z.string().max(64).optional(),
  partner: databaseId.optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
})
const body = z.object({
  partnerId: databaseId,
  slug: shopSlug,
  name: z.string().trim().min(1, 'Give it a name.').max(200),
  timeZone: z.string().max(64).default('America/New_York'),
})

/** One page of the shops, by name; with `slug`, of those whose id begins so. */
export const GET = route({ permission: 'load:read', query }, async ({ user, query: { slug, partner, page } }) => {
  const { rows, total } = await listShops(user, { slugPrefix: slug, partnerId: partner, page })
  return json({ shops: rows, total })
})

/** Adds a shop of a partner. */
export const POST = route({ permission: 'shop:create', body }, async ({ user, body }) => json(await createShop(user, body), { status: 201 }))
