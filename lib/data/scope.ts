import 'server-only'
import { cache } from 'react'
import { appendAudit } from '#lib/audit/append.ts'
import type { AuditObject } from '#lib/audit/event.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { notFound } from '#lib/errors.ts'
import { row, rows, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { database, inTransaction } from './database.ts'
import { retryingDeadlocks } from './retrying.ts'

// What a person sees who is limited to one partner. Whatever in lib/data takes an id turns it into a key by one of the functions
// seen…(), and whatever lists or counts puts one of the conditions below into its query: there is no other way to a key.

/** Which partners this person sees, as a condition for Prisma. */
export const partnersOf = ({ partnerId }: CurrentUser) => (partnerId === null ? {} : { id: BigInt(partnerId) })

/** Which shops this person sees, as a condition for Prisma. */
export const shopsOf = ({ partnerId }: CurrentUser) => (partnerId === null ? {} : { partnerId: BigInt(partnerId) })

/**
 * The shops that this person sees; null: all. A partner has few, and loads and invoices are indexed by their shop: conditions name
 * the shops one by one, so that the database need not look up the shop of each load.
 */
export const shopIdsOf = cache(async ({ partnerId }: CurrentUser): Promise<bigint[] | null> => {
  return partnerId === null ? null : shopIdsOfPartner(BigInt(partnerId))
})

/** The shops of a partner. */
export async function shopIdsOfPartner(partnerId: bigint): Promise<bigint[]> {
  return (await rows<{ id: number }>(database(), sql`select id from shop where partnerId = ${partnerId}`)).map(({ id }) => BigInt(id))
}

/** Which loads this person sees, as a condition for Prisma. */
export async function loadsOf(user: CurrentUser): Promise<{ shopId?: { in: bigint[] } }> {
  const shops = await shopIdsOf(user)
  return shops === null ? {} : { shopId: { in: shops } }
}

/** The key of the partner with this id. Throws `not_found` for another one than the person's, as for one that there is not. */
export const seenPartner = (user: CurrentUser, id: string) => seen(user, 'partner', id)
/** The key of the shop with this id. Throws `not_found` for a shop of another partner, as for one that there is not. */
export const seenShop = (user: CurrentUser, id: string) => seen(user, 'shop', id)
/** The key of the load with this id. Throws `not_found` for a load of another partner, as for one that there is not. */
export const seenLoad = (user: CurrentUser, id: string) => seen(user, 'load', id)
/** The key of the attempt with this id. Throws `not_found` for one of another partner's load, as for one that there is not. */
export const seenAttempt = (user: CurrentUser, id: string) => seen(user, 'attempt', id)
/** The key of the invoice with this id. Throws `not_found` for an invoice of another partner, as for one that there is not. */
export const seenInvoice = (user: CurrentUser, id: string) => seen(user, 'invoice', id)

type Kind = 'partner' | 'shop' | 'load' | 'attempt' | 'invoice'
/** Whose an object is, and what of it is named in the audit trail. */
type Owner = { partnerId: number; partner: string; type: AuditObject; id: number }

const kinds: Record<Kind, { what: string; owner: (id: string) => Sql }> = {
  partner: { what: 'This partner', owner: (id) => sql`select p.id as partnerId, p.slug as partner, 'partner' as type, p.id from partner p where p.id = ${id}` },
  shop: { what: 'This shop', owner: (id) => sql`select p.id as partnerId, p.slug as partner, 'shop' as type, s.id from shop s join partner p on p.id = s.partnerId where s.id = ${id}` },
  load: {
    what: 'This load',
    owner: (id) => sql`select p.id as partnerId, p.slug as partner, 'load' as type, l.id from \`load\` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where l.id = ${id}`,
  },
  attempt: {
    what: 'This attempt',
    owner: (id) => sql`select p.id as partnerId, p.slug as partner, 'load' as type, l.id
      from attempt a join \`load\` l on l.id = a.loadId join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where a.id = ${id}`,
  },
  invoice: {
    what: 'This invoice',
    owner: (id) => sql`select p.id as partnerId, p.slug as partner, 'invoice' as type, i.id from invoice i join shop s on s.id = i.shopId join partner p on p.id = s.partnerId where i.id = ${id}`,
  },
}

// A page asks for the same load several times.
const ownerOf = cache((kind: Kind, id: string) => row<Owner>(database(), kinds[kind].owner(id)))

async function seen(user: CurrentUser, kind: Kind, id: string): Promise<bigint> {
  if (!/^\d{1,18}$/.test(id)) throw notFound(kinds[kind].what)
  if (user.partnerId === null) return BigInt(id)
  const owner = await ownerOf(kind, id)
  if (owner && String(owner.partnerId) === user.partnerId) return BigInt(id)
  if (owner) await noteRefusedLook(user, owner)
  throw notFound(kinds[kind].what)
}

/**
 * Keeps that somebody asked for what belongs to another partner: once an hour for each person and object, however often a page
 * asks by itself. The person's row is locked while the database looks, so of many at once one is kept.
 */
async function noteRefusedLook(user: CurrentUser, { partner, type, id }: Owner): Promise<void> {
  const objectId = String(id)
  const noted = sql`select 1 as one from audit_event
    where objectType = ${type} and objectId = ${objectId} and action = 'look_refused' and userId = ${user.id} and at > now(3) - interval 1 hour limit 1`
  if (await row(database(), noted)) return
  await retryingDeadlocks(() => inTransaction(async (tx) => {
    await row(tx, sql`select 1 as one from \`user\` where id = ${user.id} for update`)
    if (await row(tx, noted)) return
    await appendAudit(tx, { user, action: 'look_refused', objectType: type, objectId, detail: { partner } })
  }))
}
