import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import type { EntityName } from '#lib/contract/index.ts'
import { ident, join, raw, sql, type Sql } from '#lib/ingest/sql/sql.ts'

/** Exceptions of one kind: the same severity, entity, code and column. Nulls are values here: a remark on a whole file has none. */
export type GroupKey = { severity: Severity; entity: EntityName | null; code: ExceptionCode; column: string | null }
export type Beyond = { id: string; backwards: boolean } | null
export type RecordOf = { entity: EntityName; record: number }

// `column` and `key` are words of SQL.
const fields = raw('id, entity, file, line, record, `key`, `column`, code, severity, value, detail, causeEntity, causeRecord')

// Named, because an optimizer that walks the primary key in place of the index reads past everything between two rows.
const byGroup = raw('load_exception force index (load_exception_group)')
const byCause = raw('load_exception force index (load_exception_cause)')

/** Every group of an attempt with its count, from the index load_exception_group alone. */
export function groupCounts(attemptId: string): Sql {
  return sql`
    select severity, entity, code, \`column\`, count(*) as count from load_exception
    where attemptId = ${attemptId} group by severity, entity, code, \`column\``
}

/** The first values of each group, `perGroup` at most; `at` is the place of the group in the list. */
export function groupSamples(attemptId: string, groups: readonly GroupKey[], perGroup: number): Sql {
  return join(groups.map((group, at) => sql`
    (select ${at} as at, left(value, 200) as value from ${byGroup} where ${inGroup(attemptId, group)} order by id limit ${perGroup})`), ' union all ')
}

/** Rows of one group in the order in which they were found, beyond an id in either direction. */
export function groupRows(attemptId: string, group: GroupKey, beyond: Beyond, limit: number): Sql {
  if (beyond === null) return sql`select ${fields} from ${byGroup} where ${inGroup(attemptId, group)} order by id limit ${limit}`
  const [sign, order] = beyond.backwards ? [raw('<'), raw('desc')] : [raw('>'), raw('asc')]
  return sql`select ${fields} from ${byGroup} where ${inGroup(attemptId, group)} and id ${sign} ${beyond.id} order by id ${order} limit ${limit}`
}

/** The group that an exception belongs to. */
export function groupOfId(attemptId: string, id: string): Sql {
  return sql`select severity, entity, code, \`column\` from load_exception where attemptId = ${attemptId} and id = ${id}`
}

/** What is said about one record, the first `limit` of it. */
export function recordRows(attemptId: string, { entity, record }: RecordOf, limit: number): Sql {
  return sql`
    select ${fields} from load_exception
    where attemptId = ${attemptId} and entity = ${entity} and record = ${record} order by id limit ${limit}`
}

/** Records of an entity that have errors, in file order beyond one of them, from the index load_exception_record alone. */
export function rejectedRecords(attemptId: string, entity: EntityName, { record, backwards }: { record: number; backwards: boolean }, limit: number): Sql {
  const [sign, order] = backwards ? [raw('<'), raw('desc')] : [raw('>'), raw('asc')]
  return sql`
    select distinct record from load_exception
    where attemptId = ${attemptId} and entity = ${entity} and record ${sign} ${record} and severity = 'error' order by record ${order} limit ${limit}`
}

/** Which cells of the given records have exceptions. */
export function markedCells(attemptId: string, entity: EntityName, records: readonly number[]): Sql {
  return sql`
    select record, \`column\`, severity from load_exception
    where attemptId = ${attemptId} and entity = ${entity} and record in (${records}) and \`column\` is not null`
}

/** Errors of a run of records, by record. */
export function errorsOfRecords(attemptId: string, entity: EntityName, first: number, last: number): Sql {
  return sql`
    select ${fields} from load_exception
    where attemptId = ${attemptId} and entity = ${entity} and record between ${first} and ${last} and severity = 'error' order by record, id`
}

/** How many rows of each entity were left out because of the given rows, from the index load_exception_cause alone. */
export function countsBelow(attemptId: string, causes: readonly RecordOf[]): Sql {
  const conditions = [...Map.groupBy(causes, (cause) => cause.entity)].map(([entity, rows]) =>
    sql`(causeEntity = ${entity} and causeRecord in (${rows.map((row) => row.record)}))`)
  return sql`
    select causeEntity, causeRecord, entity, count(*) as count from ${byCause}
    where attemptId = ${attemptId} and severity = 'error' and (${join(conditions, ' or ')})
    group by causeEntity, causeRecord, entity`
}

/** Rows of one entity that were left out because of one row. */
export function rowsBelow(attemptId: string, cause: RecordOf, entity: EntityName, afterId: string, limit: number): Sql {
  return sql`
    select ${fields} from ${byCause}
    where attemptId = ${attemptId} and causeEntity = ${cause.entity} and causeRecord = ${cause.record} and severity = 'error'
      and entity = ${entity} and id > ${afterId}
    order by id limit ${limit}`
}

/** A group's rows: equality on every column of load_exception_group, so that ids come in order from the index. */
function inGroup(attemptId: string, { severity, entity, code, column }: GroupKey): Sql {
  const equals = Object.entries({ attemptId, severity, entity, code, column }).map(([name, value]) =>
    value === null ? sql`${ident(name)} is null` : sql`${ident(name)} = ${value}`)
  return join(equals, ' and ')
}
