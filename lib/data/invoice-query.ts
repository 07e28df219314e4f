import { z } from 'zod'
import { invoice } from '#lib/contract/entities/invoice.ts'

/** The states of the contract, and `none` for invoices that came without one. */
export const invoiceStates = [...invoice.columns.state.values, 'none'] as const
export type InvoiceState = (typeof invoiceStates)[number]
export const invoiceSorts = ['date', 'total'] as const
export type InvoiceSort = { by: (typeof invoiceSorts)[number]; descending: boolean }

export type InvoiceFilter = {
  shop: string
  state: readonly InvoiceState[]
  origin: 'imported' | 'native' | null
  /** Days of the shop's calendar, both included: `2025-08-22`. */
  from: string | null
  to: string | null
  /** The load that brought the invoice; our id. */
  load: string | null
}
export type InvoicePage = { page: number; size: number }

const id = z.string().regex(/^\d{1,18}$/, 'must be an id')
const day = z.iso.date().nullable().default(null)

/** The address of an invoice: `{id}` below /api/v1/invoices. */
export const invoiceParams = z.object({ id })

/** The query of the list, named as in the address of its page. `sort` has `-` before it for the largest first. */
export const invoiceQuery = z.object({
  shop: id,
  state: z.string().default('').transform((text) => text.split(',').filter(Boolean)).pipe(z.array(z.enum(invoiceStates))),
  origin: z.enum(['imported', 'native']).nullable().default(null),
  from: day,
  to: day,
  load: id.nullable().default(null),
  sort: z.templateLiteral([z.enum(['', '-']), z.enum(invoiceSorts)]).default('-date'),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(25),
}).transform(({ sort, page, size, ...filter }): { filter: InvoiceFilter; sort: InvoiceSort; page: InvoicePage } => ({
  filter,
  sort: { by: sort.replace('-', '') as InvoiceSort['by'], descending: sort.startsWith('-') },
  page: { page, size },
}))

/** Which of an invoice's lines: as many as fit on a page, or the ones after those. */
export const linesQuery = z.object({
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
})

/** What a person types to find an invoice; posted, because names do not belong into addresses. */
export const invoiceSearchBody = z.object({ shop: id, text: z.string().trim().min(2, 'type at least two characters').max(100) })
