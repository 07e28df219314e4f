import { entities, type Entity } from '#lib/contract/index.ts'
import { row, sql, type Db } from './sql.ts'
import { crosswalkOf } from './tables.ts'

/** Whether any of these entities was imported for the shop before. */
export async function hasImports(db: Db, shopId: number, of: readonly Entity[] = entities): Promise<boolean> {
  for (const e of of) if (await row(db, sql`select 1 as one from ${crosswalkOf(e.name)} where shopId = ${shopId} limit 1`)) return true
  return false
}
