import { createParser, parseAsArrayOf, parseAsStringLiteral, type inferParserType } from 'nuqs/server'
import { tableSearchParams } from '#components/data-table/search-params.ts'
import { invoiceStates } from '#lib/invoices/states.ts'

const parseAsTextThat = (fits: (text: string) => boolean) => createParser<string>({ parse: (text) => (fits(text) ? text : null), serialize: (text) => text })
const parseAsId = parseAsTextThat((text) => /^\d{1,18}$/.test(text))
const parseAsDay = parseAsTextThat((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)))

/** How the list of invoices is filtered, as its address keeps it: ids, fixed words and days of the shop's calendar; never a name. */
export const invoiceFilterParams = {
  shop: parseAsId,
  state: parseAsArrayOf(parseAsStringLiteral(invoiceStates)).withDefault([]),
  origin: parseAsStringLiteral(['imported', 'native'] as const),
  from: parseAsDay,
  to: parseAsDay,
  load: parseAsId,
}
export type InvoiceFilterValues = inferParserType<typeof invoiceFilterParams>

export const invoiceSearchParams = { ...tableSearchParams, ...invoiceFilterParams }

/** The shop stays when filters are cleared. */
export const noFilters = { state: null, origin: null, from: null, to: null, load: null, page: null }

/** Whether the shop's list is narrowed at all. */
export function isFiltered(filter: InvoiceFilterValues): boolean {
  return filter.state.length > 0 || [filter.origin, filter.from, filter.to, filter.load].some((value) => value !== null)
}
