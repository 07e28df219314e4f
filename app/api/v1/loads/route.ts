import { ledgerQuery } from '#lib/data/load-query.ts'
import { listLoads } from '#lib/data/loads.ts'
import { startDelivery } from '#lib/data/uploads.ts'
import { json, route } from '#lib/http/route.ts'
import { deliveryRequest } from '#lib/upload/request.ts'
import { UPLOAD_PATH } from '#lib/upload/tus.ts'

/** The ledger: loads that match the filters, a page of them, and how many there are of each status. */
export const GET = route({ permission: 'load:read', query: ledgerQuery }, async ({ user, query: { filter, sort, page } }) =>
  json(await listLoads(user, filter, sort, page)))

/** Opens a delivery of a load, or goes on with the one that is open: says which files are still to be sent, and where to. */
export const POST = route({ permission: 'load:create', body: deliveryRequest, maxBodyBytes: 128 * 1024, inTurn: true }, async ({ user, body }) => {
  const { created, ...delivery } = await startDelivery(user, body)
  return json(delivery.alreadyLoaded ? delivery : { ...delivery, uploadUrl: UPLOAD_PATH }, { status: created ? 201 : 200 })
})
