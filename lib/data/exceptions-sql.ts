import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import type { EntityName } from '#lib/contract/index.ts'

/** Exceptions of one kind: the same severity, entity, code and column. Nulls are values here: a remark on a whole file has none. */
export type GroupKey = { severity: Severity; entity: EntityName | null; code: ExceptionCode; column: string | null }
export type Statement = { text: string; values: (string | number | null)[] }

// `column` and `key` are words of SQL.
const ROW = 'id, entity, file, line, record, `key`, `column`, code, severity, value, detail, causeEntity, causeRecord'

/** Every group of an attempt with its count, from the index load_exception_group alone. */
export function groupCounts(attemptId: string): Statement {
  return {
    text: 'select severity, entity, code, `column`, count(*) as count from load_exception where attemptId = ? group by severity, entity, code, `column`',
    values: [attemptId],
  }
}

/** The first values of each group, `perGroup` at most. */
export function groupSamples(attemptId: string, groups: readonly GroupKey[], perGroup: number): Statement {
  const one = groups.map((group, at) => {
    const { text, values } = within(group)
    return { text: `(select ${at} as at, left(value, 200) as value from load_exception where attemptId = ? and ${text} order by id limit ${perGroup})`, values: [attemptId, ...values] }
  })
  return { text: one.map((s) => s.text).join(' union all '), values: one.flatMap((s) => s.values) }
}

/** Rows of one group in the order in which they were found, beyond an id in either direction. */
export function groupRows(attemptId: string, group: GroupKey, beyond: { id: string; backwards: boolean } | null, limit: number): Statement {
  const { text, values } = within(group)
  const backwards = beyond?.backwards ?? false
  return {
    text: `select ${ROW} from load_exception where attemptId = ? and ${text}${beyond ? ` and id ${backwards ? '<' : '>'} ?` : ''}
      order by id ${backwards ? 'desc' : 'asc'} limit ${limit}`,
    values: [attemptId, ...values, ...(beyond ? [beyond.id] : [])],
  }
}

/** The group that an exception belongs to. */
export function groupOfId(attemptId: string, id: string): Statement {
  return { text: 'select severity, entity, code, `column` from load_exception where attemptId = ? and id = ?', values: [attemptId, id] }
}

/** Everything said about one record. */
export function recordRows(attemptId: string, entity: EntityName, record: number): Statement {
  return {
    text: `select ${ROW} from load_exception where attemptId = ? and entity = ? and record = ? order by id limit 200`,
    values: [attemptId, entity, record],
  }
}

/** Errors of a run of records, by record. */
export function errorsOfRecords(attemptId: string, entity: EntityName, first: number, last: number): Statement {
  return {
    text: `select ${ROW} from load_exception where attemptId = ? and entity = ? and record between ? and ? and severity = 'error' order by record, id`,
    values: [attemptId, entity, first, last],
  }
}

/** How many rows of each entity were left out because of the given rows, from the index load_exception_cause alone. */
export function countsBelow(attemptId: string, causes: readonly { entity: EntityName; record: number }[]): Statement {
  const byEntity = Map.groupBy(causes, (cause) => cause.entity)
  const conditions = [...byEntity].map(([entity, rows]) => ({
    text: `(causeEntity = ? and causeRecord in (${rows.map(() => '?').join(', ')}))`,
    values: [entity, ...rows.map((row) => row.record)],
  }))
  return {
    text: `select causeEntity, causeRecord, entity, count(*) as count from load_exception
      where attemptId = ? and severity = 'error' and (${conditions.map((c) => c.text).join(' or ')})
      group by causeEntity, causeRecord, entity`,
    values: [attemptId, ...conditions.flatMap((c) => c.values)],
  }
}

/** Rows of one entity that were left out because of one row. */
export function rowsBelow(attemptId: string, cause: { entity: EntityName; record: number }, entity: EntityName, afterId: string, limit: number): Statement {
  return {
    text: `select ${ROW} from load_exception
      where attemptId = ? and causeEntity = ? and causeRecord = ? and severity = 'error' and entity = ? and id > ? order by id limit ${limit}`,
    values: [attemptId, cause.entity, cause.record, entity, afterId],
  }
}

/** A group's rows as a condition: equality on the columns of load_exception_group, so that ids come in order from the index. */
function within({ severity, entity, code, column }: GroupKey): Statement {
  const parts = Object.entries({ severity, entity, code, column })
  return {
    text: parts.map(([name, value]) => (value === null ? `\`${name}\` is null` : `\`${name}\` = ?`)).join(' and '),
    values: parts.map(([, value]) => value).filter((value) => value !== null),
  }
}
