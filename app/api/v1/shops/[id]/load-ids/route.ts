import { z } from 'zod'
import { findLoad } from '#lib/data/shops.ts'
import { json, route } from '#lib/http/route.ts'
import { loadSlug } from '#lib/upload/ids.ts'

const params = z.object({ id: z.string() })
const query = z.object({ loadId: loadSlug })

/** Whether a load id is in use at a shop, and by which load. */
export const GET = route({ permission: 'load:read', params, query }, async ({ user, params, query }) =>
  json({ load: await findLoad(user, params.id, query.loadId) }))
