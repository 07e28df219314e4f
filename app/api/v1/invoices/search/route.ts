import { invoiceSearchBody } from '#lib/data/invoice-query.ts'
import { searchInvoices } from '#lib/data/invoices.ts'
import { json, route } from '#lib/http/route.ts'

/** Finds invoices of a shop by number or customer. A POST, so that names stay out of addresses and logs. */
export const POST = route({ permission: 'invoice:read', body: invoiceSearchBody }, async ({ user, body }) =>
  json(await searchInvoices(user, body.shop, body.text)))
