import { moneyMeasures, type Entity } from '#lib/contract/index.ts'
import type { StagedFile } from '../steps/stage.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'
import { hasKey, isSelf, keyBytes, linkOf, valueOf, valuesJoin, type Ids, type Tables } from './tables.ts'

const contractColumns = (e: Entity) => Object.keys(e.columns)

/** Keys of new rows into the crosswalk, before the rows themselves, so that later ones can refer to them. */
export function insertCrosswalk(staged: StagedFile, t: Tables, ids: Ids): Sql {
  return sql`insert into ${t.crosswalk} (shopId, sourceKey, internalId, rowHash, firstLoadId, lastLoadId)
    select ${ids.shopId}, ${keyBytes(ident('staged', staged.entity.key))}, work.id, staged._hash, ${ids.loadId}, ${ids.loadId}
    from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record
    where work.action = 'new'`
}

/** The row `produced` as JSON, with its links: what a row_change keeps. */
export function imageOf(e: Entity): Sql {
  const columns = [...e.parents.map((p) => linkOf(e, p)), ...['importedLoadId', ...contractColumns(e)].map((name) => ident(name))]
  return sql`json_object(${join(columns.map((column) => sql`${column.text.replaceAll('`', '')}, cast(produced.${column} as char)`))})`
}

/** What changed rows looked like before, crosswalk included: what an undo needs. */
export function keepBefore(staged: StagedFile, t: Tables, ids: Ids): Sql {
  const e = staged.entity
  return sql`insert into row_change (attemptId, entity, sourceKey, rowId, \`before\`, crosswalkHash)
    select ${ids.attemptId}, ${e.name}, known.sourceKey, produced.id, ${imageOf(e)}, known.rowHash
    from ${t.work} work
    straight_join ${t.staging} staged on staged._record = work._record
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', e.key))}
    straight_join ${t.production} produced on produced.id = work.id
    where work.action = 'changed'`
}

export function updateCrosswalk(staged: StagedFile, t: Tables, ids: Ids): Sql {
  return sql`update ${t.work} work
    straight_join ${t.staging} staged on staged._record = work._record
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    set known.rowHash = staged._hash, known.lastLoadId = ${ids.loadId}, known.unlinked = false
    where work.action = 'changed'`
}

/** New rows, in file order. A parent of their own kind that comes later in the file is linked afterwards. */
export function insertNew(staged: StagedFile, t: Tables, ids: Ids): Sql {
  const e = staged.entity
  const columns = contractColumns(e)
  const links = e.parents.map((p) => linkOf(e, p))
  const linked = e.parents.map((p) => {
    const link = sql`work.${linkOf(e, p)}`
    return isSelf(e, p) ? sql`if(${link} < work.id, ${link}, null)` : link
  })
  return sql`insert into ${t.production} (${join([raw('id, shopId, importedLoadId'), ...links, ...columns.map((c) => ident(c))])})
    select ${join([sql`work.id, ${ids.shopId}, ${ids.loadId}`, ...linked, ...columns.map((c) => valueOf(staged, c))])}
    from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record ${valuesJoin(staged, t)}
    where work.action = 'new' order by work._record`
}

/** Links of new rows to a parent that comes later in the file. One statement for each parent of the entity's own kind. */
export function linkForward(staged: StagedFile, t: Tables): Sql[] {
  const e = staged.entity
  return e.parents.filter((p) => isSelf(e, p)).map((p) => sql`update ${t.work} work
    straight_join ${t.production} produced on produced.id = work.id
    set produced.${linkOf(e, p)} = work.${linkOf(e, p)} where work.action = 'new' and work.${linkOf(e, p)} > work.id`)
}

/** Changed rows: every contract column as sent now, an empty cell clearing the field (contract rule 24). */
export function updateChanged(staged: StagedFile, t: Tables, ids: Ids): Sql {
  const e = staged.entity
  const set = [
    ...contractColumns(e).map((c) => sql`produced.${ident(c)} = ${valueOf(staged, c)}`),
    ...e.parents.map((p) => sql`produced.${linkOf(e, p)} = work.${linkOf(e, p)}`),
    sql`produced.importedLoadId = ${ids.loadId}`, raw('produced.updatedAt = now(3)'),
  ]
  return sql`update ${t.work} work
    straight_join ${t.staging} staged on staged._record = work._record ${valuesJoin(staged, t)}
    straight_join ${t.production} produced on produced.id = work.id
    set ${join(set)} where work.action = 'changed'`
}

/** The money columns of an entity, in the order of the contract's measures. */
export const moneyColumns = (e: Entity): string[] => moneyMeasures.filter((m) => m.entity === e.name).map((m) => m.column)

/** One sum for each money column of the entity, `money0` and on. */
export const sums = (e: Entity, of: (column: string) => Sql): Sql =>
  join(moneyColumns(e).map((c, i) => sql`, coalesce(sum(${of(c)}), 0) as ${ident(`money${i}`)}`), '')

/** What the load put into production: counted and summed there, not in the work table. */
export function sumInserted(e: Entity, t: Tables, ids: Ids, endId: number): Sql {
  return sql`select count(*) as n ${sums(e, (c) => sql`produced.${ident(c)}`)} from ${t.production} produced
    where produced.id > ${ids.base} and produced.id < ${endId} and produced.importedLoadId = ${ids.loadId}`
}

/** Rows that only lost a link have an image too (see left-behind.ts), and say the same as before. */
export function sumUpdated(e: Entity, t: Tables, ids: Ids): Sql {
  return sql`select count(*) as n ${sums(e, (c) => sql`produced.${ident(c)}`)}
    from row_change changed straight_join ${t.production} produced on produced.id = changed.rowId
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, raw('changed.sourceKey'))}
    where changed.attemptId = ${ids.attemptId} and changed.entity = ${e.name} and produced.importedLoadId = ${ids.loadId} and known.rowHash <> changed.crosswalkHash`
}

/** Rows that stay out although their own values are right: their money was summed as valid and is not accepted. */
export function sumNotAccepted(staged: StagedFile, t: Tables): Sql {
  const e = staged.entity
  return sql`select count(*) as n ${sums(e, (c) => valueOf(staged, c))}
    from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record ${valuesJoin(staged, t)}
    where work.action in ('rejected', 'superseded', 'identical') and staged._verdict = 0`
}
