import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { CORRECTION_COLUMNS, isCorrection } from '#lib/contract/header.ts'
import { entityOf, type EntityName } from '#lib/contract/index.ts'
import { downloadName, type CsvCell } from '#lib/csv-export.ts'
import { notFound, UserError } from '#lib/errors.ts'
import { rows } from '#lib/ingest/sql/sql.ts'
import { recordAudit } from './audit.ts'
import { database } from './database.ts'
import { errorsOfRecords, rejectedRecords } from './exceptions-sql.ts'
import { allExceptions, loadWithAttempts, presented, recordOf, type ExceptionFilter, type StoredException } from './exceptions.ts'
import { shownTo } from './masking.ts'
import { prisma } from './prisma.ts'
import { seenLoad } from './scope.ts'
import { cellsOf, isStaged, ownColumns, stagedFileOf, stagedFilesOf, type StagedFile } from './staged-tables.ts'
import { recordsByNumber } from './staging-sql.ts'

export type Download = { name: string; header: string[]; rows: AsyncIterable<CsvCell[]> }

const EXCEPTION_HEADER = ['entity', 'file', 'line', 'record', 'key', 'column', 'code', 'severity', 'value', 'sentence']
// Records looked up at a time.
const PIECE = 500

/** Every exception that the filter takes. Kept in the audit log; values are masked for viewers. */
export async function exceptionDownload(user: CurrentUser, loadId: string, number: number | null, filter: ExceptionFilter): Promise<Download> {
  const { load, attempt } = await loadWithAttempts(user, loadId, number)
  if (!attempt) throw notFound('An attempt of this load')
  if (filter.record !== null) recordOf(filter)
  const { entity, code, column, severity, record } = filter
  await recordAudit(prisma(), {
    user, action: 'exceptions_downloaded', objectType: 'load', objectId: load.id,
    detail: { attempt: attempt.number, entity, code, column, severity, record },
  })
  const parts = [entity, code, column, severity].filter((part) => part !== null && part !== '') as string[]
  return {
    name: downloadName(load.slug, 'exceptions', ...parts), header: EXCEPTION_HEADER,
    rows: exceptionCells(user, attempt.id, filter),
  }
}

async function* exceptionCells(user: CurrentUser, attemptId: string, filter: ExceptionFilter): AsyncGenerator<CsvCell[]> {
  for await (const row of allExceptions(user, attemptId, filter)) {
    yield [row.entity, row.file, row.line, row.record, row.key, row.column, row.code, row.severity, row.value, row.sentence]
  }
}

/**
 * The rejected rows of one entity: every column of the file in its order, then the line and why the row was left out, so
 * that somebody can correct the cells and send them again. Throws `not_found` when the staged rows are gone.
 */
export async function rejectedRowsDownload(user: CurrentUser, loadId: string, number: number | null, entity: EntityName): Promise<Download> {
  const { load, attempt } = await loadWithAttempts(user, loadId, number)
  if (!attempt) throw notFound('An attempt of this load')
  const staged = await stagedFileOf(load.id, attempt.number, entity)
  if (!staged || !(await isStaged(staged))) {
    throw new UserError('not_found', `The staged rows of ${entityOf(entity).file} are no longer kept, so its rejected rows cannot be given back. Its exceptions still can.`)
  }
  await recordAudit(prisma(), {
    user, action: 'exceptions_downloaded', objectType: 'load', objectId: load.id, detail: { attempt: attempt.number, entity, rejectedRows: true },
  })
  return {
    name: downloadName(load.slug, 'rejected', entity), header: [...sentColumns(staged).map((column) => column.header), ...CORRECTION_COLUMNS],
    rows: rejectedCells(user, attempt.id, staged),
  }
}

/** The columns of the file; a correction that was refused again has our own behind them, from the time before. */
function sentColumns({ columns }: Pick<StagedFile, 'columns'>): StagedFile['columns'] {
  return isCorrection(columns.map(({ header }) => header)) ? columns.slice(0, -CORRECTION_COLUMNS.length) : columns
}

async function* rejectedCells(user: CurrentUser, attemptId: string, staged: StagedFile): AsyncGenerator<CsvCell[]> {
  let after = 0
  for (;;) {
    const found = await rows<{ record: number }>(database(), rejectedRecords(attemptId, staged.entity, { record: after, backwards: false }, PIECE))
    if (found.length === 0) return
    const records = found.map(({ record }) => record)
    const [errors, sent] = await Promise.all([
      rows<StoredException>(database(), errorsOfRecords(attemptId, staged.entity, records[0]!, records.at(-1)!)),
      rows<Record<string, unknown>>(database(), recordsByNumber(staged.table, ownColumns(staged.columns), records)),
    ])
    const errorsOf = Map.groupBy(errors, (error) => error.record)
    for (const record of sent) yield rejectedRow(user, staged, record, errorsOf.get(record._record as number) ?? [])
    after = records.at(-1)!
  }
}

function rejectedRow(user: CurrentUser, { entity, columns }: StagedFile, stored: Record<string, unknown>, errors: readonly StoredException[]): CsvCell[] {
  const cells = cellsOf(columns, stored).slice(0, sentColumns({ columns }).length).map((cell, at) => shownTo(user, entity, columns[at]!.column, cell))
  const reasons = errors.map((error) => presented(user, error).sentence)
  // A record that could not be split into cells is given back whole, beside the reason.
  const whole = shownTo(user, entity, null, stored._raw as string | null)
  return [...cells, stored._line as number, [...new Set(reasons), ...(whole === null ? [] : [`As sent: ${whole}`])].join(' ')]
}

/** Entities of which rows were rejected in an attempt, and whether those rows can still be given back. */
export async function rejectedEntities(user: CurrentUser, loadId: string, number: number, entities: readonly EntityName[]): Promise<{ entity: EntityName; kept: boolean }[]> {
  authorize(user, 'exception:read')
  const staged = await stagedFilesOf(String(await seenLoad(user, loadId)), number)
  return entities.map((entity) => ({ entity, kept: staged.some((file) => file.entity === entity && file.purgedAt === null) }))
}
