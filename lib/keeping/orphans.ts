import type { Connection, Pool } from 'mysql2/promise'
import { entityNames } from '#lib/contract/index.ts'
import { rows, sql, tablesIn, type Db } from '#lib/ingest/sql/sql.ts'
import { dropStaging, suffixes } from '#lib/ingest/steps/stage.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import { isAtRest, unlessInUse } from './retention.ts'

const STAGING_TABLE = new RegExp(`^(l(\\d+)_\\d+_(?:${entityNames.join('|')}))(?:_(?:${suffixes.join('|')}))?$`)

/**
 * Drops staging tables that nothing speaks of: those of an attempt that ended before its file was staged. Tables of loads
 * that wait or run stay, and so do those of loads that this database does not know. Gives how many files' tables went.
 */
export async function dropOrphans({ db, stagingSchema }: { db: Pool; stagingSchema: string }, connection: Connection): Promise<number> {
  let dropped = 0
  for (const [loadId, tables] of Map.groupBy(await stagingTables(connection, stagingSchema), ({ loadId }) => loadId)) {
    if ((await orphansOf(connection, loadId, tables)).length === 0) continue
    const gone = await unlessInUse(() => inTransaction(db, async (tx) => {
      if (!(await isAtRest(tx, loadId))) return 0
      const orphans = await orphansOf(tx, loadId, tables)
      for (const table of orphans) await dropStaging(connection, stagingSchema, table)
      return orphans.length
    }))
    dropped += gone ?? 0
  }
  return dropped
}

/** The staging table of a file, which gives the tables beside it their names. */
export type StagingTable = { loadId: number; table: string }

/** The file that a table of the staging schema belongs to; undefined for a table that is not one of ours. */
export function fileOfStagingTable(name: string): StagingTable | undefined {
  const match = STAGING_TABLE.exec(name)
  return match ? { table: match[1]!, loadId: Number(match[2]) } : undefined
}

async function stagingTables(db: Db, schema: string): Promise<StagingTable[]> {
  const named = (await tablesIn(db, schema)).flatMap((name) => fileOfStagingTable(name) ?? [])
  return [...new Map(named.map((file) => [file.table, file])).values()]
}

async function orphansOf(db: Db, loadId: number, tables: readonly StagingTable[]): Promise<string[]> {
  const kept = await rows<{ tableName: string }>(db, sql`select tableName from staged_file where loadId = ${loadId} and purgedAt is null`)
  return tables.map(({ table }) => table).filter((table) => !kept.some(({ tableName }) => tableName === table))
}
