import { linkColumn } from './staging.ts'
import { isTyped } from '../csv/encode-rows.ts'
import type { StagedFile } from '../steps/stage.ts'
import type { Entity, EntityName, Parent } from '#lib/contract/index.ts'
import { ident, raw, sql, type Sql } from './sql.ts'

/** The tables that the statements about one entity of one load name. */
export type Tables = { staging: Sql; work: Sql; exceptions: Sql; repeats: Sql; stopped: Sql; production: Sql; crosswalk: Sql }

/** The ids that the statements bind. New rows get `base` + record number. */
export type Ids = { shopId: number; loadId: number; attemptId: number; base: number }

export const crosswalkOf = (name: EntityName): Sql => ident(`crosswalk_${name}`)
/** Of the rows of a parent entity that were left out, by key: made for each attempt on the writing connection. */
export const rejectedOf = (name: EntityName): Sql => ident(`rejected_${name}`)

export function tablesOf(schema: string, staged: StagedFile): Tables {
  const of = (suffix: string) => ident(schema, `${staged.table}_${suffix}`)
  return {
    staging: ident(schema, staged.table), work: of('work'), exceptions: of('exceptions'), repeats: of('repeats'), stopped: of('stopped'),
    production: ident(staged.entity.name), crosswalk: crosswalkOf(staged.entity.name),
  }
}

/** The value of a contract column in a staged row `alias`, as production stores it; NULL when the file has no such column. */
export function valueOf({ entity, columns }: StagedFile, name: string, alias: Sql): Sql {
  if (!columns.some((c) => c.column === name)) return raw('null')
  return isTyped(entity, name) ? sql`${alias}.${ident(`_${name}`)}` : sql`${alias}.${ident(name)}`
}

export const isSelf = (e: Entity, parent: Parent): boolean => parent.entity === e.name
export const linkOf = (e: Entity, parent: Parent): Sql => ident(linkColumn(parent.entity, e.name))

/** The bytes of a key, as the crosswalk compares them (contract rule 17). */
export const keyBytes = (text: Sql): Sql => sql`cast(${text} as binary)`
