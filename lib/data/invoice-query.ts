import { z } from 'zod'
import { invoiceStates, type InvoiceState } from '#lib/invoices/states.ts'

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
  sort: z.templateLiteral([z.enum(['', '-']), z.enum(invoiceSorts)]).default('-date').transform((text) =>
    ({ id: text.replace('-', ''), desc: text.startsWith('-') })),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(100).default(50),
}).transform(({ sort, page, size, ...filter }): { filter: InvoiceFilter; sort: InvoiceSort; page: InvoicePage } => ({
  filter,
  sort: sortOf(sort),
  page: { page, size },
}))

/** The order an address asks for; the newest first where it asks for none or for one that there is not. */
export function sortOf(asked: { id: string; desc: boolean } | null): InvoiceSort {
  const by = invoiceSorts.find((name) => name === asked?.id)
  return by && asked ? { by, descending: asked.desc } : { by: 'date', descending: true }
}

/** Which of an invoice's lines: as many as fit on a page, or the ones after those. */
export const linesQuery = z.object({
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
})

/** What a person types to find an invoice; posted, because names do not belong into addresses. */
export const invoiceSearchBody = z.object({ shop: id, text: z.string().trim().min(2, 'type at least two characters').max(100) })
