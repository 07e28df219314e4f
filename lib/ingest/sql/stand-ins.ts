import { entities, type Entity } from '#lib/contract/index.ts'
import { ident, raw, sql, type Sql } from './sql.ts'
import { crosswalkOf } from './tables.ts'

const writtenTables = (e: Entity): Sql[] => [ident(e.name), crosswalkOf(e.name)]

/**
 * Puts empty temporary tables of the same columns and indexes before those that a load writes. Only their connection sees
 * them, under the same names, so the same statements fill them, and they are gone with it. They have no foreign keys.
 */
export const makeStandIns: readonly Sql[] = entities.flatMap(writtenTables).flatMap((table) => [
  // Neither server makes a table like the one that it hides.
  raw('drop temporary table if exists stand_in'),
  sql`create temporary table stand_in like ${table}`,
  sql`create temporary table ${table} like stand_in`,
])
