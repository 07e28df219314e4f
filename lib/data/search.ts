import 'server-only'
import { z } from 'zod'
import { authorize, can } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { looksLikeId } from '#lib/invoices/looks-like-id.ts'
import { isTriedDraft } from '#lib/load-status.ts'
import { escapedForLike } from './invoice-list-sql.ts'
import { prisma } from './prisma.ts'
import { shopIdsOf } from './scope.ts'

/** What can be an id. Words are refused: the query stands in the address, and names must not. */
export const searchQuery = z.object({ q: z.string().trim().max(100).refine(looksLikeId, 'must be the id of a load or an invoice') })

export type FoundLoad = { id: string; loadId: string; shop: string; partner: string; status: string; dryRun: boolean }
export type FoundInvoice = { id: string; number: string; shop: string; imported: boolean }
export type Found = { loads: FoundLoad[]; invoices: FoundInvoice[] }

const LIMIT = 8

/** The newest loads whose load id holds the text or whose shop is called that, and the invoices with this number or id, in any shop that the person sees. */
export async function searchById(user: CurrentUser, q: string): Promise<Found> {
  authorize(user, 'load:read')
  const shops = await shopIdsOf(user)
  const [found, invoices] = await Promise.all([
    prisma().$queryRaw<{ id: bigint }[]>(loadsCalled(q, shops)),
    can(user, 'invoice:read') ? prisma().$queryRaw<RawInvoice[]>(invoicesCalled(q, shops)) : [],
  ])
  const loads = await prisma().load.findMany({ where: { id: { in: found.map(({ id }) => id) } }, include: { shop: { include: { partner: true } } }, orderBy: { id: 'desc' } })
  return {
    loads: loads.map((load) => ({ id: String(load.id), loadId: load.slug, status: load.status, dryRun: isTriedDraft(load), shop: load.shop.name, partner: load.shop.partner.name })),
    invoices: invoices.map(({ id, number, shop, importedLoadId }) => ({ id: String(id), number: number ?? String(id), shop, imported: importedLoadId !== null })),
  }
}

// A part of a load id is in no order, but the index of ids is narrow, and only that is read.
function loadsCalled(q: string, shops: Shops): Prisma.Sql {
  const loads = Prisma.raw('`load` l force index (load_shop_slug)')
  return Prisma.sql`
    (select l.id from ${loads} where l.slug like ${`%${escapedForLike(q)}%`} and ${among('l.shopId', shops)} order by l.id desc limit ${LIMIT}) union
    (select l.id from shop s join ${loads} on l.shopId = s.id where s.slug = ${q} and ${among('s.id', shops)} order by l.id desc limit ${LIMIT})
    order by id desc limit ${LIMIT}`
}

type RawInvoice = { id: bigint; number: string | null; importedLoadId: bigint | null; shop: string }

// Numbers are indexed within a shop. Going from shop to shop keeps that to one look-up each.
function invoicesCalled(q: string, shops: Shops): Prisma.Sql {
  const columns = Prisma.raw('i.id, i.externalDocumentId as number, i.importedLoadId, s.name as shop')
  const byNumber = Prisma.sql`
    (select straight_join ${columns} from shop s
     join invoice i force index (invoice_shop_key) on i.shopId = s.id and i.externalDocumentId = ${q} where ${among('s.id', shops)} limit ${LIMIT})`
  if (!/^\d{1,18}$/.test(q)) return byNumber
  return Prisma.sql`${byNumber} union (select ${columns} from invoice i join shop s on s.id = i.shopId where i.id = ${BigInt(q)} and ${among('s.id', shops)})`
}

/** The shops to look in; null: all. */
type Shops = readonly bigint[] | null

function among(column: string, shops: Shops): Prisma.Sql {
  if (shops === null) return Prisma.sql`true`
  return shops.length === 0 ? Prisma.sql`false` : Prisma.sql`${Prisma.raw(column)} in (${Prisma.join([...shops])})`
}
