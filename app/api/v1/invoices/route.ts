import { invoiceQuery } from '#lib/data/invoice-query.ts'
import { listInvoices } from '#lib/data/invoices.ts'
import { json, route } from '#lib/http/route.ts'

/** One page of a shop's invoices. */
export const GET = route({ permission: 'invoice:read', query: invoiceQuery }, async ({ user, query }) =>
  json(await listInvoices(user, query.filter, query.sort, query.page)))
