import 'server-only'
import { authorize, can } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { localToUtc } from '#lib/contract/time-zone.ts'
import { notFound } from '#lib/errors.ts'
import type { Prisma } from '#lib/generated/prisma/client.ts'
import { amountOf, cents, paidStatuses } from '#lib/invoices/balance.ts'
import { invoiceStates, type InvoiceState } from '#lib/invoices/states.ts'
import { originsOfInvoices, type Imported } from './imported.ts'
import { customersNamed, invoiceCounts, invoicePage, invoicesNumbered, invoicesOfCustomers, type InvoiceConditions } from './invoice-list-sql.ts'
import type { InvoiceFilter, InvoicePage, InvoiceSort } from './invoice-query.ts'
import { shownTo } from './masking.ts'
import { prisma } from './prisma.ts'
import { loadsOf, seenLoad, seenShop, shopsOf } from './scope.ts'

export type InvoiceRow = {
  id: string
  /** The number the shop knows it by: the partner's for imported invoices, our id for native ones. */
  number: string
  date: string | null
  customer: string
  vehicle: string | null
  state: string | null
  total: string | null
  paid: string
  balance: string | null
  /** Null for an invoice made in the shop product. */
  imported: Imported | null
}
export type InvoiceList = {
  rows: InvoiceRow[]
  /** How many match, and the sum of their totals. */
  count: number
  total: string
  /** Per state, how many match the rest of the filter. */
  counts: Record<InvoiceState, number>
  timeZone: string
}

/** One page of a shop's invoices, with the number and the total of all that match. */
export async function listInvoices(user: CurrentUser, filter: InvoiceFilter, sort: InvoiceSort, page: InvoicePage): Promise<InvoiceList> {
  authorize(user, 'invoice:read')
  const shop = await prisma().shop.findUnique({ where: { id: await seenShop(user, filter.shop) } })
  if (!shop) throw notFound('This shop')
  if (filter.load !== null) await seenLoad(user, filter.load)
  const conditions = conditionsOf(filter, shop.timeZone)
  const [ids, counted] = await Promise.all([
    prisma().$queryRaw<{ id: bigint }[]>(invoicePage(conditions, sort, page)),
    prisma().$queryRaw<{ state: InvoiceState | null; invoices: bigint; total: Prisma.Decimal }[]>(invoiceCounts(conditions)),
  ])
  const counts = Object.fromEntries(invoiceStates.map((state) => [state, 0])) as InvoiceList['counts']
  for (const { state, invoices } of counted) counts[state ?? 'none'] = Number(invoices)
  const wanted = counted.filter(({ state }) => filter.state.length === 0 || filter.state.includes(state ?? 'none'))
  return {
    rows: await rowsOf(user, ids.map(({ id }) => id)),
    count: wanted.reduce((sum, { invoices }) => sum + Number(invoices), 0),
    total: amountOf(wanted.reduce((sum, { total }) => sum + cents(total.toFixed(2)), 0n)),
    counts,
    timeZone: shop.timeZone,
  }
}

const DAY_MS = 86_400_000

function conditionsOf({ shop, state, origin, from, to, load }: InvoiceFilter, timeZone: string): InvoiceConditions {
  const startOf = localToUtc(timeZone)
  return {
    shop: BigInt(shop), state, origin,
    from: from === null ? null : new Date(startOf(Date.parse(from))),
    to: to === null ? null : new Date(startOf(Date.parse(to) + DAY_MS)),
    load: load === null ? null : BigInt(load),
  }
}

export type InvoiceSearch = { rows: InvoiceRow[]; more: boolean; timeZone: string; byName: boolean }
const SEARCH_LIMIT = 50
const MOST_NAMED = 200

/**
 * Invoices of a shop whose number begins with the text or whose customer's name holds its words, the newest of those found
 * first; `more`: there are others. Only who may see names finds by them: for everybody else a name that is found would be a
 * name that is told.
 */
export async function searchInvoices(user: CurrentUser, shopId: string, text: string): Promise<InvoiceSearch> {
  authorize(user, 'invoice:read')
  const shop = await prisma().shop.findUnique({ where: { id: await seenShop(user, shopId) } })
  if (!shop) throw notFound('This shop')
  const byName = can(user, 'pii:read')
  const words = text.split(/\s+/).filter(Boolean).slice(0, 6)
  const [numbered, named] = await Promise.all([
    prisma().$queryRaw<Found[]>(invoicesNumbered(shop.id, text, SEARCH_LIMIT + 1)),
    byName && words.length > 0 ? ofCustomersNamed(shop.id, words) : { found: [], more: false },
  ])
  const ids = [...new Map([...numbered, ...named.found].map((row) => [row.id, row])).values()].sort(newestFirst).map(({ id }) => id)
  return { rows: await rowsOf(user, ids.slice(0, SEARCH_LIMIT)), more: named.more || ids.length > SEARCH_LIMIT, timeZone: shop.timeZone, byName }
}

async function ofCustomersNamed(shop: bigint, words: readonly string[]): Promise<{ found: Found[]; more: boolean }> {
  const customers = await prisma().$queryRaw<{ id: bigint }[]>(customersNamed(shop, words, MOST_NAMED + 1))
  if (customers.length === 0) return { found: [], more: false }
  const found = await prisma().$queryRaw<Found[]>(invoicesOfCustomers(customers.slice(0, MOST_NAMED).map(({ id }) => id), SEARCH_LIMIT + 1))
  return { found, more: customers.length > MOST_NAMED }
}

type Found = { id: bigint; createdOn: Date | null }

function newestFirst(a: Found, b: Found): number {
  return (b.createdOn?.getTime() ?? -Infinity) - (a.createdOn?.getTime() ?? -Infinity) || (b.id > a.id ? 1 : -1)
}

/** The rows of these invoices, in this order. What was paid is summed for them alone. */
async function rowsOf(user: CurrentUser, ids: readonly bigint[]): Promise<InvoiceRow[]> {
  if (ids.length === 0) return []
  const [invoices, payments] = await Promise.all([
    prisma().invoice.findMany({
      where: { id: { in: [...ids] } },
      select: {
        id: true, importedLoadId: true, externalDocumentId: true, createdOn: true, state: true, total: true, createdAt: true, updatedAt: true,
        customer: { select: { id: true, externalCustomerId: true, firstName: true, lastName: true } },
        vehicle: { select: { year: true, make: true, model: true, licensePlate: true } },
      },
    }),
    prisma().payment.groupBy({ by: ['invoiceId'], where: { invoiceId: { in: [...ids] }, ...received }, _sum: { paymentAmount: true } }),
  ])
  const paidOf = new Map(payments.map((sum) => [sum.invoiceId, sum._sum.paymentAmount?.toFixed(2) ?? '0.00']))
  const origins = await originsOfInvoices(invoices)
  const rowOf = new Map(invoices.map((invoice) => {
    const total = invoice.total?.toFixed(2) ?? null
    const paid = paidOf.get(invoice.id) ?? '0.00'
    return [invoice.id, {
      id: String(invoice.id),
      number: numberOf(invoice),
      date: invoice.createdOn?.toISOString() ?? null,
      customer: customerName(user, invoice.customer),
      vehicle: invoice.vehicle && vehicleName(user, invoice.vehicle),
      state: invoice.state,
      total, paid,
      balance: total === null ? null : amountOf(cents(total) - cents(paid)),
      imported: origins.get(invoice.id) ?? null,
    }]
  }))
  return ids.flatMap((id) => rowOf.get(id) ?? [])
}

const received = { OR: [{ paymentStatus: { in: [...paidStatuses] } }, { paymentStatus: null }] } satisfies Prisma.PaymentWhereInput

/** The invoice's number as the shop knows it. */
export function numberOf(invoice: { id: bigint; externalDocumentId: string | null }): string {
  return invoice.externalDocumentId ?? String(invoice.id)
}

/** The customer's name as far as this person may see it; the source key or our id where there is none. */
export function customerName(
  user: CurrentUser, customer: { id: bigint; externalCustomerId: string | null; firstName: string | null; lastName: string | null },
): string {
  const names = [shownTo(user, 'customer', 'firstName', customer.firstName), shownTo(user, 'customer', 'lastName', customer.lastName)]
  return names.filter((name) => name?.trim()).join(' ') || (customer.externalCustomerId ?? `Customer ${customer.id}`)
}

/** `2014 Ford F-150 · ABC 123`, the plate as far as this person may see it. */
export function vehicleName(
  user: CurrentUser, vehicle: { year: number | null; make: string | null; model: string | null; licensePlate: string | null },
): string {
  const kind = [vehicle.year, vehicle.make, vehicle.model].filter((part) => part !== null && part !== '').join(' ')
  return [kind, shownTo(user, 'vehicle', 'licensePlate', vehicle.licensePlate)].filter(Boolean).join(' · ') || 'Unnamed vehicle'
}

export type InvoiceShop = { id: string; slug: string; name: string; partner: string; timeZone: string }
export type InvoiceChoices = { shops: InvoiceShop[]; loads: { id: string; loadId: string }[] }

/** The shops there are, by name, and the loads of the shop that brought anything, newest first; the chosen load is always among them. */
export async function invoiceChoices(user: CurrentUser, shop: string, load: string | null): Promise<InvoiceChoices> {
  authorize(user, 'invoice:read')
  const shopId = await seenShop(user, shop)
  if (load !== null) await seenLoad(user, load)
  const [shops, loads] = await Promise.all([
    prisma().shop.findMany({ where: shopsOf(user), include: { partner: true }, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
    prisma().load.findMany({
      where: { shopId, OR: [{ completedAttempt: { not: null } }, ...(load === null ? [] : [{ id: BigInt(load) }])] }, orderBy: { id: 'desc' },
    }),
  ])
  return {
    shops: shops.map(({ id, slug, name, timeZone, partner }) => ({ id: String(id), slug, name, timeZone, partner: partner.name })),
    loads: loads.map(({ id, slug }) => ({ id: String(id), loadId: slug })),
  }
}

/** The shop whose invoices to show to who has not chosen one: that of the given load, else the one with the latest completed load. */
export async function shopToShow(user: CurrentUser, load: string | null): Promise<string | null> {
  authorize(user, 'invoice:read')
  const seen = await loadsOf(user)
  const ofLoad = load === null ? null : await prisma().load.findUnique({ where: { id: await seenLoad(user, load) } })
  const latest = ofLoad ?? (await prisma().load.findFirst({ where: { ...seen, completedAttempt: { not: null } }, orderBy: { updatedAt: 'desc' } }))
  const shop = latest?.shopId ?? (await prisma().shop.findFirst({ where: shopsOf(user), orderBy: { id: 'asc' } }))?.id
  return shop === undefined ? null : String(shop)
}
