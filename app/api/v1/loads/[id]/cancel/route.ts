import { cancelLoad } from '#lib/data/load-actions.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** Takes a load that waits for a worker out of the queue. */
export const POST = route({ permission: 'load:rerun', params: loadParams }, async ({ user, params }) => json(await cancelLoad(user, params.id)))
