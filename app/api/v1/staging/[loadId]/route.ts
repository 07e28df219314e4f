import { stagedLoadParams } from '#lib/data/staging-query.ts'
import { getStagedLoad } from '#lib/data/staging.ts'
import { json, route } from '#lib/http/route.ts'

/** What was staged of a load, and what of it was purged. */
export const GET = route({ permission: 'staging:read', params: stagedLoadParams }, async ({ user, params }) => json(await getStagedLoad(user, params.loadId)))
