import { z } from 'zod'
import { searchShops } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'

/** Shops whose id or name begins with a text. A POST, because what people type stays out of addresses and logs. */
export const POST = route({ permission: 'load:read', body: z.object({ prefix: z.string().max(100) }), perMinute: 600 }, async ({ user, body }) => json(await searchShops(user, body.prefix)))
