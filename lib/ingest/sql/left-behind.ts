import type { Parent } from '#lib/contract/index.ts'
import type { StagedFile } from '../steps/stage.ts'
import { linkWarning } from './match.ts'
import { linkColumn } from './staging.ts'
import { ident, raw, sql, type Sql } from './sql.ts'
import { imageOf } from './write.ts'
import { hasKey, linkOf, notRepeated, repeatsJoin, type Ids, type Tables } from './tables.ts'

// When a load moves a line to another invoice, lines of earlier loads that hang on it may stay where they are. Their links would
// cross invoices, which contract rule 20 rules out; the rows themselves stay as they are (rule 24).

/** The imported rows whose parent of their own kind this load has moved away from them. They are listed in `cyclic`. */
export function findLeftBehind({ entity: e }: StagedFile, t: Tables, parent: Parent): Sql[] {
  const shared = e.parents.find((p) => p.column === parent.sameParent)!
  const group = ident(linkColumn(shared.entity, e.name))
  return [
    raw('delete from cyclic'),
    sql`insert ignore into cyclic (id) select child.id from ${t.work} work
      straight_join ${t.production} child on child.${linkOf(e, parent)} = work.id
      where work.action = 'changed' and child.${group} <> work.${group} and child.importedLoadId is not null`,
  ]
}

export const countLeftBehind: Sql = raw('select count(*) as n from cyclic')

/** Keeps what they were, takes the link off, and tells it of those that the file has. */
export function unlinkLeftBehind(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Sql[] {
  const e = staged.entity
  // Nothing finds a key by its id but a walk over the shop's keys, which is worth it once.
  const known = sql`${t.crosswalk} known straight_join cyclic on cyclic.id = known.internalId`
  return [
    sql`insert ignore into row_change (attemptId, entity, sourceKey, rowId, \`before\`, crosswalkHash)
      select ${ids.attemptId}, ${e.name}, known.sourceKey, produced.id, ${imageOf(e)}, known.rowHash
      from ${known} straight_join ${t.production} produced on produced.id = cyclic.id where known.shopId = ${ids.shopId}`,
    sql`update ${known} set known.unlinked = true where known.shopId = ${ids.shopId}`,
    sql`update cyclic straight_join ${t.production} produced on produced.id = cyclic.id set produced.${linkOf(e, parent)} = null`,
    sql`${linkWarning(staged, ids, parent, file, raw(`'parent_of_other_invoice'`))}
      from ${t.staging} staged ${repeatsJoin(staged, t)}
      straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', e.key))}
      straight_join cyclic on cyclic.id = known.internalId
      where staged._verdict = 0 ${notRepeated(staged)} and known.rowHash = staged._hash`,
  ]
}
