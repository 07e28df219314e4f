import type { Entity, EntityName } from '#lib/contract/index.ts'
import { ident, join, raw, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { stagedValue, type Range } from '#lib/ingest/sql/tables.ts'

/** The staging table of a file; the work table lies beside it. */
export type StagedTable = { schema: string; name: string }
export type Beyond = { record: number; backwards: boolean }
/**
 * What the work table says of a record. One that it does not name is rejected by its own values, or new where the shop had
 * nothing of the entity before, or else unchanged.
 */
export type WorkAction = 'new' | 'changed' | 'rejected' | 'superseded' | 'identical'

const staged = ({ schema, name }: StagedTable) => ident(schema, name)
const work = ({ schema, name }: StagedTable) => ident(schema, `${name}_work`)

/** Records in file order beyond one of them, with the action of the work table; long cells are cut to `longest`. */
export function recordsInOrder(table: StagedTable, columns: readonly string[], beyond: Beyond, limit: number, longest: number): Sql {
  return sql`
    select ${fields(columns, longest)}, w.action from ${staged(table)} staged left join ${work(table)} w on w._record = staged._record
    where ${past(raw('staged._record'), beyond)} ${inOrder(raw('staged._record'), beyond)} limit ${limit}`
}

/** The same, of records to which the work table gives one action. Driven by the work table, which is narrow. Null ranges: anywhere. */
export function recordsOfAction(
  table: StagedTable, action: WorkAction, ranges: readonly Range[] | null, columns: readonly string[], beyond: Beyond, limit: number, longest: number,
): Sql {
  return sql`
    select ${fields(columns, longest)}, w.action from ${work(table)} w straight_join ${staged(table)} staged on staged._record = w._record
    where w.action = ${action} and ${past(raw('w._record'), beyond)} ${within(raw('w._record'), ranges)} ${inOrder(raw('w._record'), beyond)} limit ${limit}`
}

/** Whether the work table names any new record: where a shop had nothing of the entity, it need not. */
export function anyNew(table: StagedTable): Sql {
  return sql`select 1 as one from ${work(table)} w where w.action = 'new' limit 1`
}

/** The same, of given records. */
export function recordsGiven(table: StagedTable, records: readonly number[], columns: readonly string[], beyond: Beyond, longest: number): Sql {
  return sql`
    select ${fields(columns, longest)}, w.action from ${staged(table)} staged left join ${work(table)} w on w._record = staged._record
    where staged._record in (${records}) ${inOrder(raw('staged._record'), beyond)}`
}

/** The same, of valid records that the work table does not name: unchanged ones, or new ones where all came in new. */
export function recordsUnnamed(table: StagedTable, ranges: readonly Range[] | null, columns: readonly string[], beyond: Beyond, limit: number, longest: number): Sql {
  return sql`
    select ${fields(columns, longest)}, w.action from ${staged(table)} staged left join ${work(table)} w on w._record = staged._record
    where w._record is null and staged._verdict = 0 and ${past(raw('staged._record'), beyond)} ${within(raw('staged._record'), ranges)} ${inOrder(raw('staged._record'), beyond)} limit ${limit}`
}

/** The same before the rows were matched; `valid`: those whose own values are right. */
export function recordsUnmatched(table: StagedTable, valid: boolean, columns: readonly string[], beyond: Beyond, limit: number, longest: number): Sql {
  return sql`
    select ${fields(columns, longest)}, null as action from ${staged(table)} staged
    where ${past(raw('staged._record'), beyond)} ${valid ? raw('and staged._verdict = 0') : raw('')} ${inOrder(raw('staged._record'), beyond)} limit ${limit}`
}

/** Records that are rejected by their own values, in file order beyond one of them: as the staging step found them. */
export function recordsRefused(table: StagedTable, { record, backwards }: Beyond, limit: number): Sql {
  const [sign, order] = backwards ? [raw('<'), raw('desc')] : [raw('>'), raw('asc')]
  return sql`
    select distinct _record as record from ${ident(table.schema, `${table.name}_exceptions`)}
    where _record ${sign} ${record} and severity = 'error' order by _record ${order} limit ${limit}`
}

/** One record: its cells as `c0`, `c1`, … and the values of the contract's columns as `t0`, `t1`, …, in the order of the names given. */
export function wholeRecord(table: StagedTable, columns: readonly string[], entity: Entity, names: readonly string[], differing: boolean, record: number): Sql {
  const values = names.map((name, i) => sql`, ${stagedValue(entity, name, differing)} as ${ident(`t${i}`)}`)
  return sql`
    select staged._record, staged._line, staged._verdict, staged._raw, staged._more, w.action${named(columns)}${join(values, '')}
    from ${staged(table)} staged
    ${differing ? sql`left join ${ident(table.schema, `${table.name}_values`)} differing on differing._record = staged._record` : raw('')}
    left join ${work(table)} w on w._record = staged._record where staged._record = ${record}`
}

/** Given records with their cells as sent, as `c0`, `c1`, … */
export function recordsByNumber(table: StagedTable, columns: readonly string[], records: readonly number[]): Sql {
  return sql`select staged._record, staged._line, staged._raw, staged._more${named(columns)} from ${staged(table)} staged where staged._record in (${records}) order by staged._record`
}

/** The first record whose key is exactly this text. No index helps here: the table is read once through. */
export function recordOfKey(table: StagedTable, keyColumn: string, key: string): Sql {
  return sql`select staged._record as record from ${staged(table)} staged where staged.${ident(keyColumn)} = ${key} limit 1`
}

/** The line of a record, for finding a line by halving: lines rise with records. */
export function lineOfRecord(table: StagedTable, record: number): Sql {
  return sql`select staged._line as line from ${staged(table)} staged where staged._record = ${record}`
}

/** The production row of a source key of the shop, with the load that brought it first. */
export function productionRow(entity: EntityName, shopId: string, key: string): Sql {
  const bytes = Buffer.from(key, 'utf8')
  return sql`
    select p.* from ${ident(`crosswalk_${entity}`)} c join ${ident(entity)} p on p.id = c.internalId
    where c.shopId = ${shopId} and c.keyLength = ${bytes.length} and c.sourceKey = ${bytes}`
}

// Cells go by number: a file may call a column anything, `constructor` too.
function fields(columns: readonly string[], longest: number): Sql {
  const cells = columns.map((name, i) => sql`, left(staged.${ident(name)}, ${longest}) as ${ident(`c${i}`)}`)
  return sql`staged._record, staged._line, staged._verdict, left(staged._raw, ${longest}) as _raw, staged._more${join(cells, '')}`
}

function named(columns: readonly string[]): Sql {
  return join(columns.map((name, i) => sql`, staged.${ident(name)} as ${ident(`c${i}`)}`), '')
}

const past = (column: Sql, { record, backwards }: Beyond) => sql`${column} ${raw(backwards ? '<' : '>')} ${record}`
const within = (column: Sql, ranges: readonly Range[] | null) =>
  (ranges === null ? raw('') : sql`and (${join([raw('false'), ...ranges.map(({ first, last }) => sql`${column} between ${first} and ${last}`)], ' or ')})`)
const inOrder = (column: Sql, { backwards }: Beyond) => sql`order by ${column} ${raw(backwards ? 'desc' : 'asc')}`
