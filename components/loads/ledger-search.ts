import { createParser, parseAsArrayOf, parseAsIsoDateTime, parseAsStringLiteral, type inferParserType } from 'nuqs/server'
import { tableSearchParams } from '#components/data-table/search-params.ts'
import { loadStatuses } from '#lib/load-status.ts'

/** The name under which a browser keeps which columns of the ledger are hidden. */
export const LEDGER = 'ledger'

const parseAsId = createParser<string>({ parse: (text) => (/^\d{1,18}$/.test(text) ? text : null), serialize: (id) => id })

/** How the ledger is filtered, as its address keeps it: ids, fixed words and moments, nothing about persons. */
export const ledgerFilterParams = {
  status: parseAsArrayOf(parseAsStringLiteral(loadStatuses)).withDefault([]),
  partner: parseAsId,
  shop: parseAsId,
  person: parseAsId,
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
  exceptions: parseAsStringLiteral(['rejected', 'warnings', 'none'] as const),
}
export type LedgerFilterValues = inferParserType<typeof ledgerFilterParams>

export const ledgerParams = { ...tableSearchParams, ...ledgerFilterParams }

/** Whether the list is narrowed at all. */
export function isFiltered(filter: LedgerFilterValues): boolean {
  return filter.status.length > 0 || [filter.partner, filter.shop, filter.person, filter.from, filter.to, filter.exceptions].some((value) => value !== null)
}
