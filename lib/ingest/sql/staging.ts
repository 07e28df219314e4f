import { ddlOf } from '#lib/contract/column-types.ts'
import type { Header } from '#lib/contract/header.ts'
import type { Entity, EntityName } from '#lib/contract/index.ts'
import { differingColumns, hasOwnKind, isTyped, typedColumns } from '../csv/row-plan.ts'
import { stagedColumns } from '../csv/staged-columns.ts'
import type { Server } from './server.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'

/** One table per load, attempt and entity. */
export const stagingTable = (loadId: number, attempt: number, entity: EntityName) => `l${loadId}_${attempt}_${entity}`

const EXCEPTION_COLUMNS = ['_record', '_line', 'key', 'column', 'code', 'severity', 'value', 'detail']

// The server would recalculate the statistics over and over while a table fills, on a core that the load needs; see `analyze`.
const OPTIONS = raw('engine=InnoDB stats_auto_recalc=0')

/** Statistics of staging tables that are filled, which nobody changes any more. */
export const analyze = (tables: readonly Sql[]): Sql => sql`analyze local table ${join(tables)}`

/** The columns of a file, beside those of the contract, that its staging table has as columns of their own. */
export const unknownColumns = (e: Entity, header: Header): string[] => stagedColumns(e, header).filter((c) => c.own && c.column === null).map((c) => c.staging)

/**
 * The staging table of a file: no index but the record number, so that loading and every join go in file order. It has all of
 * the contract's columns, whichever of them the file has, and the `unknown` ones. `_differs`: the table of values has a line of it. `_above`
 * is the record of the row's parent of its own kind, where that came just before in the same group; told only while the shop has
 * nothing of the entity.
 */
export function createStaging(e: Entity, table: Sql, unknown: readonly string[], server: Server): Sql {
  const names = Object.keys(e.columns)
  const sent = [...names, ...unknown].map((name) => sql`${ident(name)} mediumtext`)
  const typed = names.filter((name) => isTyped(e, name)).map((name) => sql`${ident(`_${name}`)} ${raw(ddlOf(e.columns[name]!))}`)
  return sql`create table ${table} (
    _record int not null primary key, _line int not null, _verdict tinyint not null, _differs boolean not null,
    _hash binary(22), ${raw(hasOwnKind(e) ? '_above int,' : '')} ${join(sent)}, _raw mediumtext, _more longtext${typed.length ? sql`, ${join(typed)}` : raw('')}
  ) ${OPTIONS} default character set utf8mb4 collate ${raw(server.exactCollation)}`
}

/** Rows of which a value differs from its text where that is not the rule, with all their values that may. */
export function createValues(e: Entity, table: Sql, header: Header, server: Server): Sql {
  const values = differingColumns(e, header).map((name) => sql`, ${ident(`_${name}`)} ${raw(ddlOf(e.columns[name]!))}`)
  return sql`create table ${table} (_record int not null primary key${join(values, '')}) ${OPTIONS} default character set utf8mb4 collate ${raw(server.exactCollation)}`
}

/** What became of the records that are not simply unchanged: made new by every attempt. */
export function createWork(e: Entity, table: Sql): Sql {
  const parents = e.parents.map((p) => sql`${ident(linkColumn(p.entity, e.name))} bigint`)
  return sql`create table ${table} (
    _record int not null primary key, action enum('new', 'changed', 'rejected', 'superseded', 'identical') not null,
    id bigint${parents.length ? sql`, ${join(parents)}` : raw('')}
  ) ${OPTIONS}`
}

export function createExceptions(table: Sql, server: Server): Sql {
  return sql`create table ${table} (
    id int not null auto_increment primary key, _record int not null, _line int not null, \`key\` varchar(200), \`column\` varchar(200),
    code varchar(40) not null, severity varchar(10) not null, value text, detail varchar(500), index (_record)
  ) ${OPTIONS} default character set utf8mb4 collate ${raw(server.exactCollation)}`
}

/** Earlier records of keys that come again: `winner` is the last one (contract rule 18). */
export function createRepeats(table: Sql): Sql {
  return sql`create table ${table} (
    _record int not null primary key, winner int not null, action enum('superseded', 'identical') not null
  ) ${OPTIONS}`
}

/**
 * Rows of a shop's first load that hang on a row which comes later in the file, or on such a row: they go into production
 * in the order of their places, so that every parent is there before them, once the rows up to `ready` are.
 */
export function createLate(table: Sql): Sql {
  return sql`create table ${table} (_record int not null primary key, _above int not null, place int not null, ready int not null, index (ready)) ${OPTIONS}`
}

/** Keys imported before that a load no longer holds (contract rule 24). */
export function createStopped(table: Sql): Sql {
  return sql`create table ${table} (sourceKey varbinary(200) not null primary key, internalId bigint not null) ${OPTIONS}`
}

/** The production column that a parent's internal id goes into: `customerId`, `parentLineItemId`. */
export function linkColumn(parent: EntityName, child: EntityName): string {
  const name = parent.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  return parent === child ? `parent${name[0]!.toUpperCase()}${name.slice(1)}Id` : `${name}Id`
}

const LINES = raw(`character set utf8mb4 fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n'`)

/** LOAD DATA of the lines that `RowEncoder` makes; `isFresh` as in its context. */
export function loadRows(e: Entity, table: Sql, header: Header, isFresh: boolean): Sql {
  const sent = stagedColumns(e, header).filter((c) => c.own).map((c) => ident(c.staging))
  const more = stagedColumns(e, header).some((c) => !c.own) ? [raw('_more')] : []
  const typed = typedColumns(e, header).map((name) => ident(`_${name}`))
  const names = [...['_record', '_line', '_verdict', '_differs'].map(raw), ...sent, raw('_hash'), ...(isFresh && hasOwnKind(e) ? [raw('_above')] : []), ...more, raw('_raw'), ...typed]
  return sql`load data local infile 'stream' into table ${table} ${LINES} (${join(names)})`
}

/** LOAD DATA of the lines that `DifferingValues` makes. */
export function loadValues(e: Entity, table: Sql, header: Header): Sql {
  return sql`load data local infile 'stream' into table ${table} ${LINES} (${join([raw('_record'), ...differingColumns(e, header).map((name) => ident(`_${name}`))])})`
}

/** LOAD DATA of the lines that `SeenKeys` makes. */
export function loadRepeating(table: Sql): Sql {
  return sql`load data local infile 'stream' into table ${table} ${LINES} (_record)`
}

/** LOAD DATA of the lines that `FamilyTree` makes. */
export function loadLate(table: Sql): Sql {
  return sql`load data local infile 'stream' into table ${table} ${LINES} (_record, _above, place, ready)`
}

export function loadExceptions(table: Sql): Sql {
  return sql`load data local infile 'stream' into table ${table} ${LINES} (${join(EXCEPTION_COLUMNS.map((c) => ident(c)))})`
}
