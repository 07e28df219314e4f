import type { LedgerFilter, LedgerSort } from '#lib/data/load-ledger-sql.ts'

/** The wizard, with partner, shop and load id of this load filled in. */
export const sendAgainHref = (loadId: string): string => `/loads/new?again=${loadId}`

/** The loads of the ledger that these filters take, as a CSV. */
export function ledgerCsvHref({ status, ...filter }: LedgerFilter, { by, descending }: LedgerSort): string {
  const search = new URLSearchParams({ sort: `${descending ? '-' : ''}${by}` })
  if (status.length > 0) search.set('status', status.join(','))
  for (const [name, value] of Object.entries(filter)) if (value !== null) search.set(name, value instanceof Date ? value.toISOString() : value)
  return `/api/v1/loads/csv?${search}`
}
