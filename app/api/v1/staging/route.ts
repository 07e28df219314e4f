import { stagedLoadsQuery } from '#lib/data/staging-query.ts'
import { stagedLoads } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** Loads of which something was staged, newest first. `next` and `previous` go into `after` and `before`. */
export const GET = route({ permission: 'staging:read', query: stagedLoadsQuery }, async ({ user, query }) => json(await stagedLoads(user, query)))
