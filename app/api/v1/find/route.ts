import { z } from 'zod'
import { findLoads } from '#lib/data/find.ts'
import { json, route } from '#lib/http/route.ts'

/** Loads by a part of their id or shop, for the palette. */
export const GET = route({ permission: 'load:read', query: z.object({ load: z.string().trim().min(1).max(100) }) }, async ({ user, query }) =>
  json({ loads: await findLoads(user, query.load) }))
