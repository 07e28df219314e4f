import { castOf } from '#lib/contract/column-types.ts'
import { isTyped, mayDiffer } from '../csv/row-plan.ts'
import { linkColumn } from './staging.ts'
import type { StagedFile } from '../steps/stage.ts'
import type { Entity, EntityName, Parent } from '#lib/contract/index.ts'
import { ident, raw, sql, type Sql } from './sql.ts'

/** The tables that the statements about one entity of one load name. */
export type Tables = { staging: Sql; values: Sql; work: Sql; exceptions: Sql; repeats: Sql; stopped: Sql; late: Sql; production: Sql; crosswalk: Sql }

/** Records from one number to another, both included. */
export type Range = { first: number; last: number }

/** The records of a file in ranges of so many, for statements that take one at a time. */
export const rangesOf = (records: number, size: number): Range[] =>
  Array.from({ length: Math.ceil(records / size) }, (_, i) => ({ first: 1 + i * size, last: Math.min((i + 1) * size, records) }))

/** The rows of the table `staged` that are in a range. */
export const within = ({ first, last }: Range): Sql => sql`staged._record between ${first} and ${last}`

/** Ids from one, included, to another, not included. */
export type Block = { firstId: number; endId: number }

/**
 * The ids that the statements bind. New rows get `base` + record number. `laterLoads`: those of the shop
 * that came in after this one did, when it is run again; what they brought is newer. `firstOfShop`: the shop has
 * nothing but what this load brings, so that every key has its row; users of the shop may have deleted rows of others.
 */
export type Ids = { shopId: number; loadId: number; attemptId: number; base: number; laterLoads: readonly number[]; firstOfShop: boolean }

export const crosswalkOf = (name: EntityName): Sql => ident(`crosswalk_${name}`)
/** Of the rows of a parent entity that were left out, by key: made for each attempt on the writing connection. */
export const rejectedOf = (name: EntityName): Sql => ident(`rejected_${name}`)

export function tablesOf(schema: string, staged: StagedFile): Tables {
  const of = (suffix: string) => ident(schema, `${staged.table}_${suffix}`)
  return {
    staging: ident(schema, staged.table), values: of('values'), work: of('work'), exceptions: of('exceptions'), repeats: of('repeats'), stopped: of('stopped'), late: of('late'),
    production: ident(staged.entity.name), crosswalk: crosswalkOf(staged.entity.name),
  }
}

/** The value of a contract column in the row `staged`, as production stores it; NULL when the file has no such column. Needs `valuesJoin`. */
export function valueOf({ entity, columns, facts }: Pick<StagedFile, 'entity' | 'columns' | 'facts'>, name: string): Sql {
  if (!columns.some((c) => c.column === name)) return raw('null')
  return stagedValue(entity, name, facts.differing)
}

/** The same for a column that the file has; `differing`: whether the values of some of its rows differ from their texts. */
export function stagedValue(e: Entity, name: string, differing: boolean): Sql {
  if (isTyped(e, name)) return ident('staged', `_${name}`)
  const cast = castOf(e.columns[name]!)!
  const sent = cast === 'CHAR' ? ident('staged', name) : sql`cast(${ident('staged', name)} as ${raw(cast)})`
  return differing && mayDiffer(e, name) ? sql`if(differing._record is null, ${sent}, ${ident('differing', `_${name}`)})` : sent
}

export const isSelf = (e: Entity, parent: Parent): boolean => parent.entity === e.name
export const linkOf = (e: Entity, parent: Parent): Sql => ident(linkColumn(parent.entity, e.name))

/** The bytes of a key, as the crosswalk compares them (contract rule 17). */
export const keyBytes = (text: Sql): Sql => sql`cast(${text} as binary)`

/** Whether the row of a crosswalk that a statement calls so is that of a shop's key. Its primary key begins with the length; the table works that out. */
export const hasKey = (name: string, shopId: number, text: Sql): Sql => {
  const of = (column: string) => ident(name, column)
  return sql`${of('shopId')} = ${shopId} and ${of('keyLength')} = octet_length(${text}) and ${of('sourceKey')} = ${keyBytes(text)}`
}

const nothing = raw('')
export const repeatsJoin = (staged: StagedFile, t: Tables): Sql => (staged.facts.repeats ? sql`left join ${t.repeats} repeated on repeated._record = staged._record` : nothing)
export const notRepeated = (staged: StagedFile): Sql => (staged.facts.repeats ? raw('and repeated._record is null') : nothing)

/** Where the values are of rows of which one differs from its text. For the others the server does not even look. */
export const valuesJoin = (staged: StagedFile, t: Tables): Sql =>
  (staged.facts.differing ? sql`left join ${t.values} differing on differing._record = if(staged._differs, staged._record, null)` : nothing)

/** The rows that a load writes, as statements about them read them: where they are, what they link to by now, and whether that is nothing. */
export type Written = { from: Sql; where: Sql; id: Sql; link: (parent: Parent) => Sql; lacks: (parent: Parent) => Sql }

/** Before they are in production: the work table names them. */
export const rowsToWrite = (staged: StagedFile, t: Tables): Written => ({
  from: sql`${t.work} work straight_join ${t.staging} staged on staged._record = work._record ${valuesJoin(staged, t)}`,
  where: raw(`work.action in ('new', 'changed')`), id: raw('work.id'), link: (p) => sql`work.${linkOf(staged.entity, p)}`,
  lacks: (p) => sql`work.${linkOf(staged.entity, p)} is null`,
})

/** Which rows of a first load are late, where they are: only those can be that name a parent which did not come before them. */
export const lateJoin = ({ entity, facts }: StagedFile, t: Tables): Sql => {
  const own = entity.parents.find((p) => isSelf(entity, p))
  return facts.late && own ? sql`left join ${t.late} late on late._record = if(staged._above is null and staged.${ident(own.column)} is not null, staged._record, null)` : nothing
}
export const notLate = ({ facts }: StagedFile): Sql => (facts.late ? raw('and late._record is null') : nothing)

/** Once they are in production, all of them new: read from where most of those that have such a link are told apart soonest. */
export function freshRows(staged: StagedFile, t: Tables, ids: Ids, endId: number, parent: Parent): Written {
  const link = (p: Parent) => sql`produced.${linkOf(staged.entity, p)}`
  const produced = { id: raw('produced.id'), link }
  if (!isSelf(staged.entity, parent) || staged.facts.repeats) {
    return {
      ...produced, lacks: (p) => sql`${link(p)} is null`, from: sql`${t.production} produced straight_join ${t.staging} staged on staged._record = produced.id - ${ids.base} ${valuesJoin(staged, t)}`,
      where: sql`produced.id > ${ids.base} and produced.id < ${endId} and staged._verdict = 0`,
    }
  }
  return {
    ...produced, from: sql`${t.staging} staged ${lateJoin(staged, t)} ${valuesJoin(staged, t)} straight_join ${t.production} produced on produced.id = ${ids.base} + staged._record`,
    where: raw('staged._verdict = 0'), lacks: () => sql`staged._above is null ${notLate(staged)}`,
  }
}

/** Where the parents of the row `staged` are found by the keys that it names: joins, and the id of each; NULL where there is none, or no longer. */
export function parentsOf(staged: StagedFile, { shopId, firstOfShop }: Ids): { join(parent: Parent, kind?: 'left'): Sql; id(parent: Parent): Sql } {
  const called = (p: Parent) => `of_${p.column}`
  const there = (p: Parent) => ident(`there_${p.column}`)
  return {
    join: (p, kind) => sql`${raw(kind ?? '')} join ${crosswalkOf(p.entity)} ${ident(called(p))} on ${hasKey(called(p), shopId, valueOf(staged, p.column))}
      ${firstOfShop ? nothing : sql`${raw(kind ?? '')} join ${ident(p.entity)} ${there(p)} on ${there(p)}.id = ${ident(called(p), 'internalId')}`}`,
    id: (p) => (firstOfShop ? ident(called(p), 'internalId') : sql`${there(p)}.id`),
  }
}
