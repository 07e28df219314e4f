import { getInvoice } from '#lib/data/invoice.ts'
import { invoiceParams } from '#lib/data/invoice-query.ts'
import { json, route } from '#lib/http/route.ts'

/** An invoice with payments, balance and origin. */
export const GET = route({ permission: 'invoice:read', params: invoiceParams }, async ({ user, params }) => json(await getInvoice(user, params.id)))
