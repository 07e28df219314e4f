import { raw, sql, type Sql } from '#lib/ingest/sql/sql.ts'

/**
 * The number of the attempt that gave load `l` its status: the one in production where it is completed (a later dry run or a
 * refused delivery does not count), the current one while it waits or runs and where the files it has now only ever ran dry,
 * else the last that was no dry run, if there is one.
 */
export const DECIDING_NUMBER = `if(l.status in ('completed', 'completed_with_exceptions'), coalesce(l.completedAttempt, l.currentAttempt),
  if(l.status in ('queued', 'running', 'draft'), l.currentAttempt,
    coalesce((select max(done.number) from attempt done where done.loadId = l.id and not done.dryRun), l.currentAttempt)))`

/**
 * Copies to a load what the ledger sorts and filters by: the numbers of the attempt that gave it its status. To be run in the
 * transaction that begins or ends an attempt or gives the load another status, after it.
 */
export const showNumbers = (loadId: number | bigint): Sql => sql`
  update \`load\` l left join attempt a on a.loadId = l.id and a.number = ${raw(DECIDING_NUMBER)}
  set l.seconds = a.seconds, l.records = a.records, l.errors = a.errors, l.warnings = a.warnings where l.id = ${loadId}`
