import 'server-only'
import { stagingSchema } from '#lib/config.ts'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import type { StagedColumn } from '#lib/ingest/csv/staged-columns.ts'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { parsed, row, rows, sql } from '#lib/ingest/sql/sql.ts'
import type { StagedFacts } from '#lib/ingest/steps/stage.ts'
import { database } from './database.ts'
import type { StagedTable } from './staging-sql.ts'

/** The staged rows that an attempt worked with, and the attempt that used them last: its verdicts are the ones kept. */
export type StagedFile = {
  entity: EntityName
  table: StagedTable
  columns: StagedColumn[]
  records: number
  stagedAt: string
  purgedAt: string | null
  stagedByAttempt: number
  verdictsOf: { id: string; number: number; status: AttemptStatus; dryRun: boolean }
  /** What became of valid records that the work table does not name. */
  unnamed: 'new' | 'unchanged'
  /** Whether there is a table of exceptions, and one of values that differ from their texts. */
  facts: Pick<StagedFacts, 'exceptions' | 'differing'>
  /** How many rows imported before have no record in it. */
  stopped: number
}

type Stored = {
  entity: EntityName; attempt: number; tableName: string; columns: StagedColumn[] | string; records: number; stagedAt: Date; purgedAt: Date | null
  lastId: number; lastNumber: number; lastStatus: AttemptStatus; lastDryRun: number; unchanged: number | null; stopped: number | null; facts: StagedFacts | string
}

// A rerun of the same bytes uses the tables of an earlier attempt, so the attempts of a table are those whose delivery has
// its bytes, up to the next attempt that staged the file anew.
const filesOfLoad = (loadId: string, upTo: number) => sql`
  select f.entity, f.attempt, f.tableName, f.\`columns\`, f.records, f.stagedAt, f.purgedAt, f.facts,
    last.id as lastId, last.number as lastNumber, last.status as lastStatus, last.dryRun as lastDryRun,
    line.unchanged, line.stopped
  from staged_file f
  join attempt last on last.loadId = f.loadId and last.number = coalesce((
    select max(a.number) from attempt a
    join load_file sent on sent.loadId = a.loadId and sent.delivery = a.delivery and sent.entity = f.entity and sent.sha256 = f.sha256
    where a.loadId = f.loadId and a.number >= f.attempt and a.status <> 'failed_validation'
      and a.number < coalesce((select min(later.attempt) from staged_file later where later.loadId = f.loadId and later.entity = f.entity and later.attempt > f.attempt), 2147483647)), f.attempt)
  left join ledger_line line on line.attemptId = last.id and line.entity = f.entity
  where f.loadId = ${loadId} and f.attempt = (
    select max(newest.attempt) from staged_file newest where newest.loadId = f.loadId and newest.entity = f.entity and newest.attempt <= ${upTo})`

/** What is staged of a load, in load order: for each entity what the newest attempt up to `upTo` worked with. */
export async function stagedFilesOf(loadId: string, upTo: number | null): Promise<StagedFile[]> {
  const found = await rows<Stored>(database(), filesOfLoad(loadId, upTo ?? 2_147_483_647))
  const schema = stagingSchema()
  return found.map((stored): StagedFile => ({
    entity: stored.entity,
    table: { schema, name: stored.tableName },
    columns: parsed(stored.columns), facts: parsed(stored.facts), stopped: Number(stored.stopped ?? 0),
    records: Number(stored.records),
    stagedAt: stored.stagedAt.toISOString(),
    purgedAt: stored.purgedAt?.toISOString() ?? null,
    stagedByAttempt: stored.attempt,
    verdictsOf: { id: String(stored.lastId), number: stored.lastNumber, status: stored.lastStatus, dryRun: Boolean(stored.lastDryRun) },
    unnamed: Number(stored.unchanged ?? 0) > 0 ? 'unchanged' : 'new',
  })).sort((a, b) => entityNames.indexOf(a.entity) - entityNames.indexOf(b.entity))
}

/** The staged rows of one entity, or undefined when that file was never staged. */
export async function stagedFileOf(loadId: string, upTo: number | null, entity: EntityName): Promise<StagedFile | undefined> {
  return (await stagedFilesOf(loadId, upTo)).find((file) => file.entity === entity)
}

/** Whether the tables are really there: retention may have dropped them a moment ago. */
export async function isStaged({ table, purgedAt }: StagedFile): Promise<boolean> {
  if (purgedAt !== null) return false
  const found = await row<{ n: number }>(database(), sql`
    select count(*) as n from information_schema.tables where table_schema = ${table.schema} and table_name in (${[table.name, `${table.name}_work`]})`)
  return Number(found?.n) === 2
}

const NO_SUCH_TABLE = 1146

/** Reads staged rows. When their tables are dropped at this very moment, gives what `gone` does. */
export async function whileStaged<T>(read: () => Promise<T>, gone: () => T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if ((error as { errno?: number }).errno !== NO_SUCH_TABLE) throw error
    return gone()
  }
}

/** The cells of a record in the order of the file; those without a staging column of their own come from `_more`. */
export function cellsOf(columns: readonly StagedColumn[], stored: Record<string, unknown>): (string | null)[] {
  const more = stored._more === null || stored._more === undefined ? [] : JSON.parse(String(stored._more)) as [number | string, string][]
  // Staging that was made before cells were told by their places tells them by their headers, of which several can be empty.
  const take = (place: number | string) => {
    const at = more.findIndex(([told]) => told === place)
    return at < 0 ? undefined : more.splice(at, 1)[0]![1]
  }
  let own = 0
  return columns.map((column, index) => column.own ? (stored[`c${own++}`] as string | null) ?? null : take(index) ?? take(column.header) ?? null)
}

/** The staging columns that `cellsOf` expects a statement to read, in order. */
export function ownColumns(columns: readonly StagedColumn[]): string[] {
  return columns.filter((column) => column.own).map((column) => column.staging)
}
