import { getLedgerRow, getLoad } from '#lib/data/loads.ts'
import { loadProgress } from '#lib/data/load-progress.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { json, route } from '#lib/http/route.ts'

/** A load, its attempts, its row of the ledger, and how far it is. */
export const GET = route({ permission: 'load:read', params: loadParams }, async ({ user, params }) => {
  const [load, row, progress] = await Promise.all([getLoad(user, params.id), getLedgerRow(user, params.id), loadProgress(user, params.id)])
  return json({ ...load, row, progress })
})
