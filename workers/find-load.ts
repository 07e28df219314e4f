import type { Pool } from 'mysql2/promise'
import { UserError, invalidInput } from '#lib/errors.ts'
import { row, sql } from '#lib/ingest/sql/sql.ts'

export type FoundLoad = { id: number; status: string; currentAttempt: number; delivery: number }
type Named = FoundLoad & { partner: string; shop: string; loadId: string }

/** The load that `P/S/load_id` names. Throws a UserError when it is not of that form or not known. */
export async function findLoad(db: Pool, name: string): Promise<FoundLoad> {
  const parts = name.split('/')
  if (parts.length !== 3) throw invalidInput(`${JSON.stringify(name)} is no load. Name it as partner/shop/load_id.`)
  const [partner, shop, loadId] = parts
  const found = await row<Named>(db, sql`select \`load\`.id, \`load\`.status, \`load\`.currentAttempt, \`load\`.delivery,
      partner.slug as partner, shop.slug as shop, \`load\`.slug as loadId
    from \`load\` join shop on shop.id = \`load\`.shopId join partner on partner.id = shop.partnerId
    where partner.slug = ${partner} and shop.slug = ${shop} and \`load\`.slug = ${loadId}`)
  // Where the database takes blanks at the end of a name for none: ids are text, byte for byte (contract rule 1).
  if (!found || found.partner !== partner || found.shop !== shop || found.loadId !== loadId) throw new UserError('not_found', `There is no load ${name}.`)
  return found
}
