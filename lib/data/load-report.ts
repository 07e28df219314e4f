import 'server-only'
import type { RowDataPacket } from 'mysql2/promise'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { notFound } from '#lib/errors.ts'
import { buildReport, type Report } from '#lib/ingest/report.ts'
import { database } from './database.ts'
import { shownTo } from './masking.ts'
import { seenLoad } from './scope.ts'

/** What an attempt did, as the command line reports it; the latest attempt unless told. Personal data is masked by role. */
export async function loadReport(user: CurrentUser, id: string, attempt?: number): Promise<Report> {
  authorize(user, 'load:read')
  const [[found]] = await database().query<RowDataPacket[]>(
    'select a.id from attempt a join `load` l on l.id = a.loadId where l.id = ? and a.number = coalesce(?, l.currentAttempt)',
    [await seenLoad(user, id), attempt ?? null])
  if (!found) throw notFound(attempt === undefined ? 'The report of this load' : `Attempt ${attempt} of this load`)
  return buildReport(database(), found.id, { shown: ({ entity, column, value }) => shownTo(user, entity, column, value) })
}
