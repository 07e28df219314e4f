import { startDelivery } from '#lib/data/uploads.ts'
import { json, route } from '#lib/http/route.ts'
import { deliveryRequest } from '#lib/upload/request.ts'
import { UPLOAD_PATH } from '#lib/upload/tus.ts'

/** Opens a delivery of a load, or goes on with the one that is open: says which files are still to be sent, and where to. */
export const POST = route({ permission: 'load:create', body: deliveryRequest, maxBodyBytes: 128 * 1024 }, async ({ user, body }) => {
  const { created, ...delivery } = await startDelivery(user, body)
  return json(delivery.alreadyLoaded ? delivery : { ...delivery, uploadUrl: UPLOAD_PATH }, { status: created ? 201 : 200 })
})
