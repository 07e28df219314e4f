import { entities, type EntityName } from '#lib/contract/index.ts'
import { ident, join, row, sql, type Db } from './sql.ts'
import { crosswalkOf } from './tables.ts'

/** The entities of which the shop has imported rows. */
export async function importedEntities(db: Db, shopId: number): Promise<ReadonlySet<EntityName>> {
  const each = join(entities.map((e, i) => sql`exists(select 1 from ${crosswalkOf(e.name)} where shopId = ${shopId}) as ${ident(`has${i}`)}`))
  const found = (await row<Record<string, number>>(db, sql`select ${each}`))!
  return new Set(entities.filter((_, i) => Number(found[`has${i}`])).map((e) => e.name))
}
