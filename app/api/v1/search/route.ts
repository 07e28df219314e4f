import { searchById, searchQuery } from '#lib/data/search.ts'
import { json, route } from '#lib/http/route.ts'

/** Loads and invoices by id; ids only. */
export const GET = route({ permission: 'load:read', query: searchQuery }, async ({ user, query }) => json(await searchById(user, query.q)))
