import { entities, type Entity } from '#lib/contract/index.ts'
import { join, row, sql, type Db } from './sql.ts'
import { crosswalkOf } from './tables.ts'

/** Whether any of these entities was imported for the shop before. */
export async function hasImports(db: Db, shopId: number, of: readonly Entity[] = entities): Promise<boolean> {
  const any = join(of.map((e) => sql`exists(select 1 from ${crosswalkOf(e.name)} where shopId = ${shopId})`), ' or ')
  return Boolean((await row<{ found: number }>(db, sql`select ${any} as found`))!.found)
}
