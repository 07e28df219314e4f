import { Prisma } from '#lib/generated/prisma/client.ts'
import type { InvoiceState } from '#lib/invoices/states.ts'
import type { InvoicePage, InvoiceSort } from './invoice-query.ts'

/** The list's filter with days turned into moments. */
export type InvoiceConditions = {
  shop: bigint
  state: readonly InvoiceState[]
  origin: 'imported' | 'native' | null
  from: Date | null
  /** Before this moment. */
  to: Date | null
  load: bigint | null
}

// Holds every column that the list filters and sorts by, so that a page is found without reading rows. Left to itself the
// server sometimes takes the index over the invoices' numbers, and then reads each invoice of the shop.
const invoices = Prisma.raw('invoice force index (invoice_shop_created)')
const sortedBy: Record<InvoiceSort['by'], string> = { date: 'createdOn', total: 'total' }

/** The ids of one page, in order. */
export function invoicePage(filter: InvoiceConditions, { by, descending }: InvoiceSort, { page, size }: InvoicePage): Prisma.Sql {
  const direction = descending ? 'desc' : 'asc'
  const order = Prisma.raw(`order by ${sortedBy[by]} ${direction}, id ${direction}`)
  return Prisma.sql`select id from ${invoices} where ${conditions(filter)} ${order} limit ${size} offset ${(page - 1) * size}`
}

/** Per state, how many invoices match the rest of the filter, and what their totals add up to. */
export function invoiceCounts(filter: InvoiceConditions): Prisma.Sql {
  // Grouped by a number and named by one row of each group: by the text itself it takes half as long again.
  return Prisma.sql`
    select one.state, grouped.invoices, grouped.total from (
      select min(id) as id, count(*) as invoices, coalesce(sum(total), 0) as total from ${invoices} where ${conditions({ ...filter, state: [] })} group by crc32(state)
    ) grouped straight_join invoice one on one.id = grouped.id`
}

function conditions(filter: InvoiceConditions): Prisma.Sql {
  const all = [
    Prisma.sql`shopId = ${filter.shop}`,
    filter.state.length > 0 && stateIn(filter.state),
    filter.origin === 'imported' && Prisma.sql`importedLoadId is not null`,
    filter.origin === 'native' && Prisma.sql`importedLoadId is null`,
    filter.from && Prisma.sql`createdOn >= ${filter.from}`,
    filter.to && Prisma.sql`createdOn < ${filter.to}`,
    filter.load !== null && Prisma.sql`importedLoadId = ${filter.load}`,
  ]
  return Prisma.join(all.filter((condition) => condition instanceof Prisma.Sql), ' and ')
}

function stateIn(wanted: readonly InvoiceState[]): Prisma.Sql {
  const named = wanted.filter((state) => state !== 'none')
  const either = [
    ...(named.length > 0 ? [Prisma.sql`state in (${Prisma.join(named)})`] : []),
    ...(named.length < wanted.length ? [Prisma.sql`state is null`] : []),
  ]
  return Prisma.sql`(${Prisma.join(either, ' or ')})`
}

/** Customers whose name holds every word. Names are read from their index alone, not row by row. */
export function customersNamed(shop: bigint, words: readonly string[], limit: number): Prisma.Sql {
  const named = words.map((word) => Prisma.sql`concat_ws(' ', firstName, lastName) like ${`%${escapedForLike(word)}%`}`)
  return Prisma.sql`select id from customer force index (customer_shop_name) where shopId = ${shop} and ${Prisma.join(named, ' and ')} limit ${limit}`
}

/** The newest invoices of these customers. */
export function invoicesOfCustomers(ids: readonly bigint[], limit: number): Prisma.Sql {
  return Prisma.sql`select id, createdOn from invoice where customerId in (${Prisma.join([...ids])}) order by createdOn desc, id desc limit ${limit}`
}

/** The invoices whose number begins with the text, and the one that has it as our id. */
export function invoicesNumbered(shop: bigint, text: string, limit: number): Prisma.Sql {
  const numbered = Prisma.sql`
    (select id, createdOn from invoice force index (invoice_shop_key)
     where shopId = ${shop} and externalDocumentId like ${`${escapedForLike(text)}%`} order by externalDocumentId limit ${limit})`
  if (!/^\d{1,18}$/.test(text)) return numbered
  return Prisma.sql`${numbered} union (select id, createdOn from invoice where id = ${BigInt(text)} and shopId = ${shop})`
}

/** Text that `like` takes for what it is. */
export function escapedForLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
