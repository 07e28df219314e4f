import { csvResponse } from '#lib/csv-export.ts'
import { ledgerDownload } from '#lib/data/ledger-download.ts'
import { ledgerDownloadQuery } from '#lib/data/load-query.ts'
import { route } from '#lib/http/route.ts'

/** Every load that the filters of the ledger take, as a file that is safe in a spreadsheet. */
export const GET = route({ permission: 'load:read', query: ledgerDownloadQuery, perMinute: 10 }, async ({ user, query: { filter, sort } }) => {
  const { name, header, rows } = await ledgerDownload(user, filter, sort)
  return csvResponse(name, header, rows)
})
