import { contractDocument } from '#lib/contract/document.ts'
import { SCHEMA_VERSION } from '#lib/contract/index.ts'
import { json, route } from '#lib/http/route.ts'

/** The contract as JSON. */
export const GET = route({ permission: 'load:read' }, () =>
  json(contractDocument(), { headers: { 'content-disposition': `attachment; filename="onramp-contract.${SCHEMA_VERSION}.json"` } }))
