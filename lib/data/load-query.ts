import { z } from 'zod'
import { loadStatuses } from '#lib/load-status.ts'
import { ledgerSorts, type LedgerFilter, type LedgerPage, type LedgerSort } from './load-ledger-sql.ts'

const id = z.string().regex(/^\d{1,18}$/, 'must be an id').nullable().default(null)
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).nullable().default(null)

/** The address of a load: `{id}` below /api/v1/loads. */
export const loadParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'must be an id') })
export const attemptQuery = z.object({ attempt: z.coerce.number().int().min(1).optional() })

// Named as in the address of the ledger's page. `sort` has `-` before it for the largest first.
const narrowed = z.object({
  status: z.string().default('').transform((text) => text.split(',').filter(Boolean)).pipe(z.array(z.enum(loadStatuses))),
  partner: id,
  shop: id,
  person: id,
  from: moment,
  to: moment,
  exceptions: z.enum(['rejected', 'warnings', 'none']).nullable().default(null),
  sort: z.templateLiteral([z.enum(['', '-']), z.enum(ledgerSorts)]).default('-started').transform((text) =>
    ({ id: text.replace('-', ''), desc: text.startsWith('-') })),
})

/** The query of the ledger. */
export const ledgerQuery = narrowed.extend({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(50),
}).transform(({ sort, page, size, ...filter }): { filter: LedgerFilter; sort: LedgerSort; page: LedgerPage } => ({
  filter,
  sort: sortOf(sort),
  page: { page, size },
}))

/** The query of the ledger's download: which loads, in which order; all pages of them. */
export const ledgerDownloadQuery = narrowed.transform(({ sort, ...filter }): { filter: LedgerFilter; sort: LedgerSort } => ({ filter, sort: sortOf(sort) }))

/** What to sort by, for a column's name as it stands in an address; the newest first when it names none. */
export function sortOf(asked: { id: string; desc: boolean } | null): LedgerSort {
  const by = ledgerSorts.find((name) => name === asked?.id)
  return by && asked ? { by, descending: asked.desc } : { by: 'started', descending: true }
}
