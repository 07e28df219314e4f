import { z } from 'zod'
import { listShops } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'

/** Shops whose id or name begins with a text. A POST, because what people type stays out of addresses and logs. */
export const POST = route({ permission: 'load:read', body: z.object({ prefix: z.string().max(100) }), perMinute: 600 }, async ({ user, body }) => {
  const { rows, total } = await listShops(user, { prefix: body.prefix, pageSize: 10 })
  return json({ shops: rows, total })
})
