import 'server-only'
import { z } from 'zod'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { prisma } from './prisma.ts'

/** What can be an id. Words are refused, because the query stands in the address, and names must not. */
export const searchQuery = z.object({ q: z.string().trim().max(100).regex(/^\S*\d\S*$/, 'must be the id of a load or an invoice') })

export type Hit = { kind: 'load' | 'invoice'; id: string; label: string; shop: string; href: string }

const LIMIT = 8

/** Loads whose id begins with the text, and invoices that have it as their number or as our id, in any shop. */
export async function searchById(user: CurrentUser, q: string): Promise<Hit[]> {
  authorize(user, 'load:read')
  authorize(user, 'invoice:read')
  const [loads, invoices] = await Promise.all([
    prisma().load.findMany({ where: { slug: { startsWith: q } }, include: { shop: true }, orderBy: { id: 'desc' }, take: LIMIT }),
    prisma().$queryRaw<{ id: bigint; number: string | null; shop: string }[]>(invoicesCalled(q)),
  ])
  return [
    ...loads.map(({ id, slug, shop }): Hit => ({ kind: 'load', id: String(id), label: slug, shop: shop.name, href: `/loads/${id}` })),
    ...invoices.map(({ id, number, shop }): Hit => ({ kind: 'invoice', id: String(id), label: number ?? String(id), shop, href: `/invoices/${id}` })),
  ]
}

// Numbers are indexed within a shop. Going from shop to shop keeps that to one look-up each.
function invoicesCalled(q: string): Prisma.Sql {
  const byNumber = Prisma.sql`
    (select straight_join i.id, i.externalDocumentId as number, s.name as shop
     from shop s join invoice i force index (invoice_shop_key) on i.shopId = s.id and i.externalDocumentId = ${q} limit ${LIMIT})`
  if (!/^\d{1,18}$/.test(q)) return byNumber
  return Prisma.sql`${byNumber} union (
    select i.id, i.externalDocumentId as number, s.name as shop from invoice i join shop s on s.id = i.shopId where i.id = ${BigInt(q)})`
}
