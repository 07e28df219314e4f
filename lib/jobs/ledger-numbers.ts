import { sql, type Sql } from '#lib/ingest/sql/sql.ts'

/**
 * Copies to a load what the ledger sorts and filters by: the numbers of the attempt that gave it its status. That is the one in
 * production where it is completed (a later dry run or a refused delivery does not count), else the latest. To be run in the
 * transaction that begins or ends an attempt, after it.
 */
export const showNumbers = (loadId: number): Sql => sql`
  update \`load\` l left join attempt a on a.loadId = l.id
    and a.number = if(l.status in ('completed', 'completed_with_exceptions'), coalesce(l.completedAttempt, l.currentAttempt), l.currentAttempt)
  set l.seconds = a.seconds, l.records = a.records, l.errors = a.errors, l.warnings = a.warnings where l.id = ${loadId}`
