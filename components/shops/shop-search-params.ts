import { createParser } from 'nuqs/server'
import { tableSearchParams } from '#components/data-table/search-params.ts'

const parseAsId = createParser<string>({ parse: (text) => (/^\d{1,18}$/.test(text) ? text : null), serialize: (id) => id })

/** How the list of shops is filtered, as its address keeps it. */
export const shopSearchParams = { ...tableSearchParams, partner: parseAsId }
