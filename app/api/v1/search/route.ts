import { searchById, searchQuery } from '#lib/data/search.ts'
import { json, route } from '#lib/http/route.ts'

/** Loads and invoices by id; ids only. */
export const GET = route({ permission: 'invoice:read', query: searchQuery }, async ({ user, query }) => json({ hits: await searchById(user, query.q) }))
