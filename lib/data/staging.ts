import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import type { Severity } from '#lib/contract/codes.ts'
import { entityOf, type Column, type EntityName } from '#lib/contract/index.ts'
import { notFound } from '#lib/errors.ts'
import type { StagedColumn } from '#lib/ingest/csv/staged-columns.ts'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { row, rows, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { isCompleted, isTriedDraft } from '#lib/load-status.ts'
import { database } from './database.ts'
import { exceptionsOfRecord, type ExceptionRow } from './exceptions.ts'
import { markedCells, rejectedRecords } from './exceptions-sql.ts'
import { seenLoad, shopIdsOf } from './scope.ts'
import { cellsOf, isStaged, ownColumns, stagedFilesOf, whileStaged, type StagedFile } from './staged-tables.ts'
import {
  anyNew, lineOfRecord, productionRow, recordOfKey, recordsGiven, recordsInOrder, recordsOfAction, recordsRefused, recordsUnmatched, recordsUnnamed, wholeRecord,
  type Beyond, type WorkAction,
} from './staging-sql.ts'
import { rangesOf } from './verdict-blocks.ts'

/** What became of a record. `valid` and `rejected` by its own values alone while the rows were not matched. */
export const verdicts = ['new', 'changed', 'unchanged', 'rejected', 'superseded', 'identical', 'valid'] as const
export type Verdict = (typeof verdicts)[number]

export type StagedEntity = { entity: EntityName; records: number; stagedAt: string; purgedAt: string | null; stagedByAttempt: number }
export type StagedLoad = {
  id: string; slug: string; status: AttemptStatus; dryRun: boolean; shopName: string; partnerName: string; entities: StagedEntity[]
}
export type StagedSheet = {
  load: { id: string; slug: string; shopId: string; shopName: string; partnerName: string }
  entity: EntityName
  entities: StagedEntity[]
  columns: { header: string; column: string | null }[]
  records: number
  stagedAt: string
  purgedAt: string | null
  stagedByAttempt: number
  /** The attempt whose verdicts are shown. */
  verdictsOf: { number: number; status: AttemptStatus; dryRun: boolean }
  /** Records by verdict, of the ledger; null while the rows were not matched. */
  counts: Partial<Record<Verdict, number>> | null
}
export type StagedRow = {
  record: number; line: number; verdict: Verdict; cells: (string | null)[]
  /** A record that could not be split into cells, whole. */
  raw: string | null
  /** Cells with exceptions, by their place. */
  marks: Record<number, Severity>
}
export type StagedPage = { rows: StagedRow[]; next: number | null; previous: number | null }
export type ComparedCell = {
  header: string | null; column: string | null
  sent: string | null
  /** The value that loads; what was sent, where the column has no type of its own. Undefined where none does: of columns without a place in production, and of a record that its own values keep out. */
  typed: string | null | undefined
  production: string | null | undefined
  differs: boolean
}
export type StagedRecord = {
  record: number; line: number; verdict: Verdict; raw: string | null; key: string | null
  cells: ComparedCell[]
  production: { id: string; imported: boolean; updatedAt: string } | null
  exceptions: ExceptionRow[]
}
export type RecordCursor = { after: number } | { before: number }

export const STAGED_PAGE_SIZE = 50
const LOADS_PER_PAGE = 25
const LONGEST_CELL = 160

/** Loads of which something was staged, newest first. `next` and `previous` are ids to go on from. */
export async function stagedLoads(user: CurrentUser, cursor: { after: string } | { before: string } | null): Promise<{ loads: StagedLoad[]; next: string | null; previous: string | null }> {
  authorize(user, 'staging:read')
  const backwards = cursor !== null && 'before' in cursor
  const past = cursor === null ? sql`true` : backwards ? sql`loadId > ${cursor.before}` : sql`loadId < ${cursor.after}`
  const order = backwards ? sql`loadId asc` : sql`loadId desc`
  const shops = await shopIdsOf(user)
  const seen = shops === null ? sql`` : shops.length === 0 ? sql`and false` : sql`and loadId in (select id from \`load\` where shopId in (${shops}))`
  const found = await rows<{ loadId: number }>(database(), sql`select distinct loadId from staged_file where ${past} ${seen} order by ${order} limit ${LOADS_PER_PAGE + 1}`)
  const page = found.slice(0, LOADS_PER_PAGE).map(({ loadId }) => String(loadId))
  if (backwards) page.reverse()
  const hasMore = found.length > LOADS_PER_PAGE
  return {
    loads: await Promise.all(page.map(stagedLoad)),
    next: backwards || hasMore ? (page.at(-1) ?? null) : null,
    previous: (backwards ? hasMore : cursor !== null) ? (page[0] ?? null) : null,
  }
}

/** What was staged of one load. Throws `not_found`. */
export async function getStagedLoad(user: CurrentUser, loadId: string): Promise<StagedLoad> {
  authorize(user, 'staging:read')
  return stagedLoad(String(await seenLoad(user, loadId)))
}

/** The staged file of an entity: its columns, counts and where its verdicts come from. Throws `not_found` when nothing was staged. */
export async function stagedSheet(user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null): Promise<StagedSheet> {
  authorize(user, 'staging:read')
  const key = String(await seenLoad(user, loadId))
  const load = await row<{ slug: string; shopId: number; shopName: string; partnerName: string }>(database(), sql`
    select l.slug, l.shopId, s.name as shopName, p.name as partnerName
    from \`load\` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where l.id = ${key}`)
  if (!load) throw notFound('This load')
  const files = await stagedFilesOf(key, attempt)
  const file = files.find((f) => f.entity === entity)
  if (!file) throw notFound(`A staged ${entityOf(entity).file} of this load`)
  // Retention drops tables first and notes it after, or somebody dropped them by hand: gone is gone.
  const purgedAt = file.purgedAt ?? ((await isStaged(file)) ? null : file.stagedAt)
  return {
    load: { id: key, ...load, shopId: String(load.shopId) },
    entity,
    entities: files.map(entityOfFile),
    columns: file.columns.map(({ header, column }) => ({ header, column })),
    records: file.records, stagedAt: file.stagedAt, purgedAt, stagedByAttempt: file.stagedByAttempt,
    verdictsOf: { number: file.verdictsOf.number, status: file.verdictsOf.status, dryRun: file.verdictsOf.dryRun },
    counts: isMatched(file) ? await countsOf(file) : null,
  }
}

/** Records in file order, beyond a record number in either direction; only those of one verdict if asked. */
export async function stagedRecords(
  user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null, { verdict, cursor }: { verdict: Verdict | null; cursor: RecordCursor },
): Promise<StagedPage> {
  return reading(user, loadId, entity, attempt, async (file) => {
    const backwards = 'before' in cursor
    const beyond = backwards ? { record: cursor.before, backwards } : { record: cursor.after, backwards }
    const statement = await pageStatement(file, verdict, beyond)
    const found = statement === null ? [] : await rows<Stored>(database(), statement)
    const page = found.slice(0, STAGED_PAGE_SIZE).map((stored) => stagedRow(file, stored))
    await markCells(file, page)
    if (backwards) page.reverse()
    const hasMore = found.length > STAGED_PAGE_SIZE
    return {
      rows: page,
      next: backwards || hasMore ? (page.at(-1)?.record ?? null) : null,
      previous: (backwards ? hasMore : cursor.after > 0) ? (page[0]?.record ?? null) : null,
    }
  })
}

/** One record: what was sent, what it was taken for, and what production holds now. Throws `not_found`. */
export async function stagedRecord(user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null, record: number): Promise<StagedRecord> {
  return reading(user, loadId, entity, attempt, async (file) => {
    const definition = entityOf(entity)
    const present = file.columns.flatMap(({ column }) => (column === null ? [] : [column]))
    const stored = await row<Stored>(database(), wholeRecord(file.table, ownColumns(file.columns), definition, present, file.facts.differing, record))
    if (!stored) throw notFound(`Record ${record} of ${definition.file}`)
    const cells = cellsOf(file.columns, stored)
    const key = cells[file.columns.findIndex(({ column }) => column === definition.key)] ?? null
    const [production, exceptions] = await Promise.all([
      key === null ? null : inProduction(loadId, entity, key),
      exceptionsOfRecord(user, file.verdictsOf.id, entity, record),
    ])
    const values = stored._verdict === 1 ? null : new Map(present.map((name, i) => [name, display(stored[`t${i}`], definition.columns[name]!)]))
    return {
      record, line: stored._line, verdict: verdictOf(file, stored), raw: stored._raw, key,
      cells: compared(file.columns, cells, values, production, entity),
      production: production && {
        id: String(production.id), imported: production.importedLoadId !== null, updatedAt: (production.updatedAt as Date).toISOString(),
      },
      exceptions,
    }
  })
}

/** The number of the record on that line of the file, or of the one that a line break inside a cell makes part of it. */
export async function recordOnLine(user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null, line: number): Promise<number | null> {
  return reading(user, loadId, entity, attempt, async (file) => {
    let [low, high] = [0, file.records]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const found = await row<{ line: number }>(database(), lineOfRecord(file.table, middle))
      if (found && found.line <= line) low = middle
      else high = middle - 1
    }
    return low === 0 ? null : low
  })
}

/** The number of the first record whose key is exactly this text, or null. */
export async function recordWithKey(user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null, key: string): Promise<number | null> {
  return reading(user, loadId, entity, attempt, async (file) => {
    const column = file.columns.find((c) => c.column === entityOf(entity).key)
    const found = column && (await row<{ record: number }>(database(), recordOfKey(file.table, column.staging, key)))
    return found?.record ?? null
  })
}

type Stored = { _record: number; _line: number; _verdict: number; _raw: string | null; _more: string | null; action: WorkAction | null } & Record<string, unknown>

async function stagedLoad(loadId: string): Promise<StagedLoad> {
  const [load, files] = await Promise.all([
    row<{ slug: string; status: AttemptStatus; currentAttempt: number; shopName: string; partnerName: string }>(database(), sql`
      select l.slug, l.status, l.currentAttempt, s.name as shopName, p.name as partnerName
      from \`load\` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where l.id = ${loadId}`),
    stagedFilesOf(loadId, null),
  ])
  if (!load) throw notFound('This load')
  const { slug, status, shopName, partnerName } = load
  return { id: loadId, slug, status, dryRun: isTriedDraft(load), shopName, partnerName, entities: files.map(entityOfFile) }
}

const entityOfFile = ({ entity, records, stagedAt, purgedAt, stagedByAttempt }: StagedFile): StagedEntity => ({ entity, records, stagedAt, purgedAt, stagedByAttempt })

/** Reads the staged rows of an entity. Throws `not_found` when there are none, or none any more. */
async function reading<T>(user: CurrentUser, loadId: string, entity: EntityName, attempt: number | null, read: (file: StagedFile) => Promise<T>): Promise<T> {
  authorize(user, 'staging:read')
  const gone = () => notFound(`A staged ${entityOf(entity).file} of this load`)
  const file = (await stagedFilesOf(String(await seenLoad(user, loadId)), attempt)).find((f) => f.entity === entity)
  if (!file || !(await isStaged(file))) throw gone()
  return whileStaged(() => read(file), () => { throw gone() })
}

/** Whether the work table says what became of the rows: once an attempt went through that was no dry run, which may take it back with the rest. */
function isMatched({ verdictsOf }: StagedFile): boolean {
  return isCompleted(verdictsOf.status) && !verdictsOf.dryRun
}

async function countsOf({ entity, verdictsOf }: StagedFile): Promise<Partial<Record<Verdict, number>>> {
  const line = await row<Record<'inserted' | 'updated' | 'unchanged' | 'rejected' | 'superseded' | 'identical', number>>(database(), sql`
    select inserted, updated, unchanged, rejected, superseded, identical from ledger_line where attemptId = ${verdictsOf.id} and entity = ${entity}`)
  if (!line) return {}
  const { inserted, updated, unchanged, rejected, superseded, identical } = line
  const counts = { new: inserted, changed: updated, unchanged, rejected, superseded, identical }
  return Object.fromEntries(Object.entries(counts).map(([verdict, count]) => [verdict, Number(count)]))
}

/** What reads the page, or null where nothing can be on it. */
async function pageStatement(file: StagedFile, verdict: Verdict | null, beyond: Beyond): Promise<Sql | null> {
  const { table, entity, verdictsOf } = file
  const columns = ownColumns(file.columns)
  const limit = STAGED_PAGE_SIZE + 1
  const longest = LONGEST_CELL + 1
  const given = (found: { record: number }[]) =>
    (found.length === 0 ? null : recordsGiven(table, found.map(({ record }) => record), columns, beyond, longest))
  if (!isMatched(file)) {
    if (verdict === null || verdict === 'valid') return recordsUnmatched(table, verdict === 'valid', columns, beyond, limit, longest)
    return verdict === 'rejected' && file.facts.exceptions ? given(await rows<{ record: number }>(database(), recordsRefused(table, beyond, limit))) : null
  }
  if (verdict === null) return recordsInOrder(table, columns, beyond, limit, longest)
  // Looking for what is not there would read the whole table; the ledger knows.
  const counts = await countsOf(file)
  if (verdict === 'valid' || counts[verdict] === 0) return null
  if (verdict !== 'rejected') {
    const ranges = await rangesOf(file, verdict, counts, beyond, limit)
    const named = verdict === 'new' ? file.unnamed !== 'new' || (await row(database(), anyNew(table))) !== undefined : verdict !== 'unchanged'
    return named
      ? recordsOfAction(table, verdict as WorkAction, ranges, columns, beyond, limit, longest)
      : recordsUnnamed(table, ranges, columns, beyond, limit, longest)
  }
  // The work table names only those that a missing parent keeps out; the exceptions name all.
  return given(await rows<{ record: number }>(database(), rejectedRecords(verdictsOf.id, entity, beyond, limit)))
}

function verdictOf(file: StagedFile, { action, _verdict }: Stored): Verdict {
  if (!isMatched(file)) return _verdict === 1 ? 'rejected' : 'valid'
  return action ?? (_verdict === 1 ? 'rejected' : file.unnamed)
}

function stagedRow(file: StagedFile, stored: Stored): StagedRow {
  const cut = (text: string | null) => (text !== null && text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL)}…` : text)
  return {
    record: stored._record, line: stored._line, verdict: verdictOf(file, stored), cells: cellsOf(file.columns, stored).map(cut), raw: cut(stored._raw), marks: {},
  }
}

async function markCells({ entity, columns, verdictsOf }: StagedFile, page: StagedRow[]): Promise<void> {
  if (page.length === 0) return
  const places = new Map(columns.map(({ column }, at) => [column, at]))
  const byRecord = new Map(page.map((staged) => [staged.record, staged]))
  const marked = await rows<{ record: number; column: string; severity: Severity }>(database(), markedCells(verdictsOf.id, entity, [...byRecord.keys()]))
  for (const { record, column, severity } of marked) {
    const [at, marks] = [places.get(column), byRecord.get(record)!.marks]
    if (at !== undefined && marks[at] !== 'error') marks[at] = severity
  }
}

async function inProduction(loadId: string, entity: EntityName, key: string): Promise<Record<string, unknown> | null> {
  const load = await row<{ shopId: number }>(database(), sql`select shopId from \`load\` where id = ${loadId}`)
  return (load && (await row<Record<string, unknown>>(database(), productionRow(entity, String(load.shopId), key)))) ?? null
}

/** The columns of the file in its order, then those of the contract that the file does not have. `values`: null for a record that its own values keep out. */
function compared(
  columns: readonly StagedColumn[], cells: readonly (string | null)[], values: ReadonlyMap<string, string | null> | null,
  production: Record<string, unknown> | null, entity: EntityName,
): ComparedCell[] {
  const definition = entityOf(entity)
  const compare = (header: string | null, column: string | null, sent: string | null): ComparedCell => {
    if (column === null) return { header, column, sent, typed: undefined, production: undefined, differs: false }
    const loads = values ? (values.get(column) ?? null) : undefined
    const stored = production === null ? undefined : display(production[column], definition.columns[column]!)
    return { header, column, sent, typed: loads, production: stored, differs: stored !== undefined && loads !== undefined && stored !== loads }
  }
  const missing = Object.keys(definition.columns).filter((name) => !columns.some(({ column }) => column === name))
  return [...columns.map(({ header, column }, at) => compare(header, column, cells[at]!)), ...missing.map((name) => compare(null, name, null))]
}

/** A typed value as text, the same for staging and production. */
function display(value: unknown, { type }: Column): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  return type === 'boolean' ? String(Boolean(value)) : String(value)
}
