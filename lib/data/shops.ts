import 'server-only'
import { authorize, can } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { entities, type EntityName } from '#lib/contract/index.ts'
import { isTimeZone } from '#lib/contract/time-zone.ts'
import { UserError, invalidInput, notFound } from '#lib/errors.ts'
import { Prisma } from '#lib/generated/prisma/client.ts'
import { isTriedDraft } from '#lib/load-status.ts'
import { recordAudit } from './audit.ts'
import { prisma } from './prisma.ts'
import { loadsOf, partnersOf, seenPartner, seenShop, shopsOf } from './scope.ts'

export type PartnerRow = { id: string; slug: string; name: string; shops: number }
export type ShopRow = {
  id: string
  slug: string
  name: string
  timeZone: string
  partner: { id: string; slug: string; name: string }
  loads: number
  /** The newest load's, or null when nothing was ever sent. */
  lastLoad: { id: string; loadId: string; status: string; /** All that was done with it is a dry run. */ dryRun: boolean; createdAt: string } | null
}
export type ShopChoiceRow = Pick<ShopRow, 'id' | 'slug' | 'name' | 'timeZone' | 'partner'>
export type ShopLoad = { id: string; loadId: string; status: string; attempt: number; createdAt: string; startedBy: string | null }
export type EntityTotal = { entity: EntityName; imported: number; native: number }

// A page of names to choose from; whoever looks for more types a few letters.
const CHOICES = 50

/** Finds by the beginning of an id, or of an id or a name. */
export type Search = { slugPrefix?: string; prefix?: string }

// Prisma passes % and _ on as wildcards.
const beginning = (text: string) => ({ startsWith: text.replace(/[\\%_]/g, '\\$&') })

const matching = ({ slugPrefix, prefix }: Search) => ({
  ...(slugPrefix ? { slug: beginning(slugPrefix) } : {}),
  ...(prefix ? { OR: [{ slug: beginning(prefix) }, { name: beginning(prefix) }] } : {}),
})

/** Partners, by name, of those that this person sees: all, or the first of those found. */
export async function listPartners(user: CurrentUser, search: Search = {}): Promise<PartnerRow[]> {
  authorize(user, 'load:read')
  const partners = await prisma().partner.findMany({
    where: { ...matching(search), ...partnersOf(user) }, orderBy: [{ name: 'asc' }, { id: 'asc' }],
    ...(search.slugPrefix || search.prefix ? { take: CHOICES } : {}), include: { _count: { select: { shops: true } } },
  })
  return partners.map(({ id, slug, name, _count }) => ({ id: String(id), slug, name, shops: _count.shops }))
}

/** The one partner that this person sees; null where it is all of them. */
export async function ownPartner(user: CurrentUser): Promise<{ id: string; name: string } | null> {
  authorize(user, 'account:own')
  if (user.partnerId === null) return null
  const { id, name } = await prisma().partner.findUniqueOrThrow({ where: { id: BigInt(user.partnerId) } })
  return { id: String(id), name }
}

/** Whether this person adds partners: whoever is limited to one would not see the new one. */
export function mayAddPartners(user: CurrentUser): boolean {
  return can(user, 'shop:create') && user.partnerId === null
}

export type ShopFilter = Search & { partnerId?: string; page?: number; pageSize?: number }

/** One page of the shops found, by name, and how many there are. */
export async function listShops(user: CurrentUser, { partnerId, page = 1, pageSize = CHOICES, ...search }: ShopFilter = {}): Promise<{ rows: ShopRow[]; total: number }> {
  authorize(user, 'load:read')
  const where = { ...matching(search), ...(partnerId ? { partnerId: await seenPartner(user, partnerId) } : shopsOf(user)) }
  const [shops, total] = await Promise.all([
    prisma().shop.findMany({
      where, orderBy: [{ name: 'asc' }, { id: 'asc' }], skip: (page - 1) * pageSize, take: pageSize, include: { partner: true },
    }),
    prisma().shop.count({ where }),
  ])
  const loads = await loadsOfShops(shops.map(({ id }) => id))
  return { rows: shops.map((shop) => ({ ...choiceRow(shop), ...(loads.get(shop.id) ?? { loads: 0, lastLoad: null }) })), total }
}

/** The first ten shops whose id or name begins with a text, by name, and how many there are. */
export async function searchShops(user: CurrentUser, prefix: string): Promise<{ shops: ShopRow[]; total: number }> {
  const { rows, total } = await listShops(user, { prefix, pageSize: 10 })
  return { shops: rows, total }
}

/** How many loads each shop has, and its newest. Counted for these shops alone: Prisma would count the loads of all, and read every load of these. */
async function loadsOfShops(ids: readonly bigint[]): Promise<Map<bigint, Pick<ShopRow, 'loads' | 'lastLoad'>>> {
  if (ids.length === 0) return new Map()
  const counted = await prisma().$queryRaw<{ shopId: bigint; loads: bigint; lastId: bigint }[]>`
    select shopId, count(*) as loads, max(id) as lastId from ${Prisma.raw('`load`')} where shopId in (${Prisma.join([...ids])}) group by shopId`
  const newest = await prisma().load.findMany({ where: { id: { in: counted.map(({ lastId }) => lastId) } } })
  const lastOf = new Map(newest.map((load) => [load.id, load]))
  return new Map(counted.map(({ shopId, loads, lastId }) => {
    const last = lastOf.get(lastId)!
    return [shopId, { loads: Number(loads), lastLoad: { id: String(last.id), loadId: last.slug, status: last.status, dryRun: isTriedDraft(last), createdAt: last.createdAt.toISOString() } }]
  }))
}

/** The shops this person sent loads for last, newest first. */
export async function listRecentShops(user: CurrentUser): Promise<ShopChoiceRow[]> {
  authorize(user, 'load:read')
  const recent = await prisma().load.findMany({
    where: { ...await loadsOf(user), createdByUserId: BigInt(user.id) }, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 100, select: { shop: { include: { partner: true } } },
  })
  const shops = new Map(recent.map(({ shop }) => [shop.id, shop]))
  return [...shops.values()].slice(0, 5).map(choiceRow)
}

/** A shop and the partner that delivers its data. */
export async function getShop(user: CurrentUser, id: string): Promise<ShopChoiceRow & { createdAt: string }> {
  authorize(user, 'load:read')
  const shop = await prisma().shop.findUnique({ where: { id: await seenShop(user, id) }, include: { partner: true } })
  if (!shop) throw notFound('This shop')
  return { ...choiceRow(shop), createdAt: shop.createdAt.toISOString() }
}

/** The shop's newest loads, and how many there are in all. */
export async function listShopLoads(user: CurrentUser, id: string): Promise<{ rows: ShopLoad[]; total: number }> {
  authorize(user, 'load:read')
  const where = { shopId: await seenShop(user, id) }
  const [loads, total] = await Promise.all([
    prisma().load.findMany({ where, orderBy: { id: 'desc' }, take: CHOICES, include: { createdByUser: { select: { name: true } } } }),
    prisma().load.count({ where }),
  ])
  const rows = loads.map((load) => ({
    id: String(load.id), loadId: load.slug, status: load.status, attempt: load.currentAttempt,
    createdAt: load.createdAt.toISOString(), startedBy: load.createdByUser?.name ?? null,
  }))
  return { rows, total }
}

/** How many rows of each entity the shop has: those that a load brought, and those made in our product. */
export async function shopTotals(user: CurrentUser, id: string): Promise<EntityTotal[]> {
  authorize(user, 'load:read')
  const shopId = await seenShop(user, id)
  return Promise.all(entities.map(async ({ name }) => {
    const [row] = await prisma().$queryRaw<[{ total: bigint; imported: bigint }]>(countOf(name, shopId))
    return { entity: name, imported: Number(row.imported), native: Number(row.total - row.imported) }
  }))
}

// Line items have no index on the shop: they are reached through its invoices.
function countOf(name: EntityName, shopId: bigint): Prisma.Sql {
  const counts = Prisma.sql`select count(*) as total, count(counted.importedLoadId) as imported`
  if (name === 'line_item') return Prisma.sql`${counts} from invoice i join line_item counted on counted.invoiceId = i.id where i.shopId = ${shopId}`
  return Prisma.sql`${counts} from ${Prisma.raw(`\`${name}\``)} counted where counted.shopId = ${shopId}`
}

export type NewPartner = { slug: string; name: string }
export type NewShop = { partnerId: string; slug: string; name: string; timeZone: string }

/** Adds a partner. Throws `conflict` when its id is taken, `not_allowed` for whoever is limited to one partner. */
export async function createPartner(user: CurrentUser, { slug, name }: NewPartner): Promise<PartnerRow> {
  authorize(user, 'shop:create')
  if (!mayAddPartners(user)) throw new UserError('not_allowed', 'Your account is limited to one partner, so it cannot add others.')
  return unlessTaken(`A partner with the id “${slug}” exists already. Choose it, or use another id.`, () =>
    prisma().$transaction(async (tx) => {
      const { id } = await tx.partner.create({ data: { slug, name } })
      await recordAudit(tx, { user, action: 'partner_created', objectType: 'partner', objectId: String(id), detail: { slug } })
      return { id: String(id), slug, name, shops: 0 }
    }))
}

/** Adds a shop of a partner. Throws `conflict` when its id is taken there, `invalid_input` for an unknown time zone. */
export async function createShop(user: CurrentUser, { partnerId, slug, name, timeZone }: NewShop): Promise<ShopRow> {
  authorize(user, 'shop:create')
  if (!isTimeZone(timeZone)) throw invalidInput(`“${timeZone}” is not a time zone. Choose one like America/New_York.`, { fields: { timeZone: 'Unknown time zone' } })
  const partner = await prisma().partner.findUnique({ where: { id: await seenPartner(user, partnerId) } })
  if (!partner) throw notFound('This partner')
  return unlessTaken(`${partner.name} has a shop with the id “${slug}” already. Choose it, or use another id.`, () =>
    prisma().$transaction(async (tx) => {
      const { id } = await tx.shop.create({ data: { partnerId: partner.id, slug, name, timeZone } })
      await recordAudit(tx, { user, action: 'shop_created', objectType: 'shop', objectId: String(id), detail: { slug, timeZone } })
      return { id: String(id), slug, name, timeZone, partner: { id: partnerId, slug: partner.slug, name: partner.name }, loads: 0, lastLoad: null }
    }))
}

// The unique key decides, not a look beforehand: two people may add the same one at once.
async function unlessTaken<T>(message: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create()
  } catch (cause) {
    if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2002') throw new UserError('conflict', message, { fields: { slug: message } }, { cause })
    throw cause
  }
}

/** A shop by its database id, or by the ids of partner and shop as in a folder's path. */
export type ShopChoice = { shopId: string } | { partner: string; shop: string }

/** The chosen shop. Throws `not_found`. */
export async function resolveShop(user: CurrentUser, choice: ShopChoice): Promise<{ id: string }> {
  const shop = 'shopId' in choice
    ? await prisma().shop.findUnique({ where: { id: await seenShop(user, choice.shopId) }, select: { id: true } })
    : await prisma().shop.findFirst({ where: { slug: choice.shop, partner: { slug: choice.partner } }, select: { id: true } })
  if (!shop) throw notFound('This shop')
  return { id: String(await seenShop(user, String(shop.id))) }
}

/** Whether a load of that id exists at the shop, and whether all that was done with it is a dry run; null when the id is free. */
export async function findLoad(user: CurrentUser, shopId: string, slug: string): Promise<{ id: string; status: string; dryRun: boolean } | null> {
  authorize(user, 'load:read')
  const id = await seenShop(user, shopId)
  const load = await prisma().load.findUnique({ where: { shopId_slug: { shopId: id, slug } }, select: { id: true, status: true, currentAttempt: true } })
  if (!load && !(await prisma().shop.findUnique({ where: { id }, select: { id: true } }))) throw notFound('This shop')
  return load ? { id: String(load.id), status: load.status, dryRun: isTriedDraft(load) } : null
}

type ShopWithPartner = { id: bigint; slug: string; name: string; timeZone: string; partner: { id: bigint; slug: string; name: string } }

/** What a shop is chosen by: its names, its partner and its time zone. */
export function choiceRow({ id, slug, name, timeZone, partner }: ShopWithPartner): ShopChoiceRow {
  return { id: String(id), slug, name, timeZone, partner: { id: String(partner.id), slug: partner.slug, name: partner.name } }
}
