import { getInvoiceLines } from '#lib/data/invoice.ts'
import { invoiceParams, linesQuery } from '#lib/data/invoice-query.ts'
import { json, route } from '#lib/http/route.ts'

/** A stretch of the invoice's lines, in tree order. */
export const GET = route({ permission: 'invoice:read', params: invoiceParams, query: linesQuery }, async ({ user, params, query }) =>
  json(await getInvoiceLines(user, params.id, query)))
