import type { Entity, Parent } from '#lib/contract/index.ts'
import type { StagedFile } from '../steps/stage.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'
import { crosswalkOf, hasKey, isSelf, keyBytes, linkOf, notRepeated, parentsOf, rejectedOf, repeatsJoin, valueOf, valuesJoin, within, type Block, type Ids, type Range, type Tables, type Written } from './tables.ts'
import { moneyColumns, sums } from './write.ts'

const otherParents = (e: Entity) => e.parents.filter((p) => !isSelf(e, p))

/**
 * Whether a row stays as it is: it says the same as last time, or a later load has brought something newer (contract rule
 * 24). NULL for a row that is not known.
 */
const sameAs = ({ laterLoads }: Ids): Sql =>
  (laterLoads.length === 0 ? raw('known.rowHash = staged._hash') : sql`(known.rowHash = staged._hash or ${isNewer(laterLoads)})`)
const isNewer = (laterLoads: readonly number[]): Sql => sql`known.lastLoadId in (${laterLoads})`

/**
 * Of the valid rows of a range: how many there are, how many are known already, how many of those stay as they are, how
 * many of them lack a link, and how many say otherwise by now; which are not the same, as far as the server puts so many
 * into one text; and of the unchanged ones the sum of their ids and the money as sent.
 */
export function countMatches(staged: StagedFile, t: Tables, ids: Ids, range: Range): Sql {
  const same = sameAs(ids)
  const sent = moneyColumns(staged.entity).map((c, i) => sql`, coalesce(sum(if(${same}, ${valueOf(staged, c)}, 0)), 0) as ${ident(`sent${i}`)}`)
  // Each comparison of hashes is paid for every row.
  return sql`select count(*) as valid, count(known.internalId) as known, coalesce(sum(${same}), 0) as n, coalesce(sum(if(${same}, known.internalId, 0)), 0) as ids,
      coalesce(sum(known.unlinked and ${same}), 0) as unlinked, ${ids.laterLoads.length > 0 ? sql`coalesce(sum(known.rowHash <> staged._hash and ${isNewer(ids.laterLoads)}), 0)` : 0} as newer, group_concat(if(${same}, null, staged._record)) as differing ${join(sent, '')}
    from ${t.staging} staged ${repeatsJoin(staged, t)} ${valuesJoin(staged, t)}
    left join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    where ${within(range)} and staged._verdict = 0 ${notRepeated(staged)}`
}

/** The blocks of ids that the loads of the shop have given to rows of the entity. */
export function blocksOf(e: Entity, { shopId }: Ids): Sql {
  return sql`select line.firstId, line.endId from ${ident('load')} l straight_join attempt on attempt.loadId = l.id straight_join ledger_line line on line.attemptId = attempt.id
    where l.shopId = ${shopId} and line.entity = ${e.name} and line.firstId is not null`
}

/** Of rows that are known and not unchanged: which kinds there are. */
export type Others = { rejected: boolean; stopped: boolean }

/**
 * What the unchanged rows are in production, how many, the sum of their ids, and their money: all rows of the blocks less
 * those that changed, were rejected or are no longer in the file. Reading a block from end to end takes a fraction of
 * looking for each row of it. To be believed only where number and ids are those of the unchanged rows.
 */
export function sumSameAsRest(staged: StagedFile, t: Tables, ids: Ids, blocks: readonly Block[], others: Others): Sql {
  const e = staged.entity
  const produced = (id: Sql) => sql`straight_join ${t.production} produced on produced.id = ${id}`
  const parts = [
    sql`${t.production} produced where ${join(blocks.map(({ firstId, endId }) => sql`(produced.id >= ${firstId} and produced.id < ${endId})`), ' or ')}`,
    sql`${t.work} work ${produced(raw('work.id'))} where work.action in ('changed', 'rejected')`,
    ...(others.stopped ? [sql`${t.stopped} stopped ${produced(raw('stopped.internalId'))}`] : []),
    ...(others.rejected ? [knownRejected(staged, t, ids, produced(raw('known.internalId')))] : []),
  ]
  const rest = (name: string) => sql`${join(parts.map((_, i) => ident(`part${i}`, name)), ' - ')} as ${ident(name)}`
  const names = ['n', 'ids', ...moneyColumns(e).map((_, i) => `money${i}`)]
  return sql`select ${join(names.map(rest))} from ${join(parts.map((part, i) => sql`(select count(*) as n, coalesce(sum(produced.id), 0) as ids
      ${sums(e, (c) => sql`produced.${ident(c)}`)} from ${part}) ${ident(`part${i}`)}`))}`
}

/** The money in production of the unchanged rows of a range, each of them looked for. */
export function sumSameOneByOne(staged: StagedFile, t: Tables, ids: Ids, range: Range): Sql {
  return sql`select count(*) as n ${sums(staged.entity, (c) => sql`produced.${ident(c)}`)}
    from ${t.staging} staged ${repeatsJoin(staged, t)}
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    straight_join ${t.production} produced on produced.id = known.internalId
    where ${within(range)} and staged._verdict = 0 ${notRepeated(staged)} and ${sameAs(ids)}`
}

/** Records that stay out and have a row of an earlier load: it is kept, and they still count as sent (rule 24). */
const knownRejected = (staged: StagedFile, t: Tables, ids: Ids, more: Sql): Sql =>
  sql`(select distinct _record from ${t.exceptions} where severity = 'error') refused
    straight_join ${t.staging} staged on staged._record = refused._record ${repeatsJoin(staged, t)}
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))} ${more}
    where staged._verdict = 1 ${notRepeated(staged)}`

export function countKnownRejected(staged: StagedFile, t: Tables, ids: Ids): Sql {
  return sql`select count(*) as known from ${knownRejected(staged, t, ids, raw(''))}`
}

export const createSeen: readonly Sql[] = [
  raw('drop temporary table if exists seen'),
  raw('create temporary table seen (sourceKey varbinary(200) not null primary key) engine=InnoDB'),
]

/** Lists the rows imported before whose keys no record of the file has: they are kept (contract rule 24). */
export function listStopped(staged: StagedFile, t: Tables, ids: Ids): Sql[] {
  const key = ident('staged', staged.entity.key)
  return [
    raw('delete from seen'),
    sql`insert ignore into seen select ${keyBytes(key)} from ${t.staging} staged where octet_length(${key}) between 1 and 200`,
    sql`insert into ${t.stopped} (sourceKey, internalId)
      select known.sourceKey, known.internalId from ${t.crosswalk} known left join seen on seen.sourceKey = known.sourceKey
      where known.shopId = ${ids.shopId} and seen.sourceKey is null`,
  ]
}

/** Notes the records of repeated keys that do not count. */
export function noteRepeats(t: Tables): Sql {
  return sql`insert into ${t.work} (_record, action) select _record, action from ${t.repeats}`
}

/**
 * Fills the work table: each valid row of the range that is new or changed, with its id and its parents' ids, and each whose
 * required parent is neither in this load nor imported before (contract rule 19), or was deleted since. A row that was itself
 * deleted in the shop has no id. `records`: which those are, where that is known.
 */
export function findWork(staged: StagedFile, t: Tables, ids: Ids, range: Range, records: readonly number[] | null): Sql {
  const e = staged.entity
  const parents = otherParents(e)
  const parentOf = parentsOf(staged, ids)
  const orphan = parents.filter((p) => p.required).map((p) => sql`${parentOf.id(p)} is null`)
  const action = raw(`if(known.internalId is null, 'new', 'changed')`)
  return sql`insert into ${t.work} (_record, action, id${join(parents.map((p) => sql`, ${linkOf(e, p)}`), '')})
    select straight_join staged._record,
      ${orphan.length > 0 ? sql`if(${join(orphan, ' or ')}, 'rejected', ${action})` : action},
      if(known.internalId is null, ${ids.base} + staged._record, produced.id) ${join(parents.map((p) => sql`, ${parentOf.id(p)}`), '')}
    from ${t.staging} staged ${repeatsJoin(staged, t)} ${valuesJoin(staged, t)}
    left join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', e.key))}
    left join ${t.production} produced on produced.id = known.internalId ${join(parents.map((p) => parentOf.join(p, 'left')), ' ')}
    where ${records ? sql`staged._record in (${records})` : within(range)} and staged._verdict = 0 ${notRepeated(staged)} and not coalesce(${sameAs(ids)}, false)`
}

const isGone = raw(`work.action = 'changed' and work.id is null`)

/** How many rows of each kind the work table names; `gone`: with other values, deleted in the shop. */
export function countWork(t: Tables): Sql {
  return sql`select if(${isGone}, 'gone', work.action) as kind, count(*) as n from ${t.work} work group by 1`
}

/** The rows with other values that were deleted in the shop: how many, and their money as sent. */
export function sumGone(staged: StagedFile, t: Tables): Sql {
  const sent = moneyColumns(staged.entity).map((c, i) => sql`, coalesce(sum(${valueOf(staged, c)}), 0) as ${ident(`sent${i}`)}`)
  return sql`select count(*) as n ${join(sent, '')} from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record ${valuesJoin(staged, t)} where ${isGone}`
}

/** Tells of each of them that it stays deleted, and takes it out of the work table: like an unchanged one it is not written. */
export function leaveGone(staged: StagedFile, t: Tables, ids: Ids, file: string): Sql[] {
  return [
    sql`insert into load_exception ${EXCEPTION_COLUMNS}
      select ${ids.attemptId}, ${staged.entity.name}, ${file}, staged._line, staged._record, left(staged.${ident(staged.entity.key)}, 200), null, 'deleted_in_shop', 'warning', null, null, null, null
      from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record where ${isGone} order by staged._record`,
    sql`delete work from ${t.work} work where ${isGone}`,
  ]
}

const EXCEPTION_COLUMNS = raw('(attemptId, entity, `file`, line, record, `key`, `column`, code, severity, value, detail, causeEntity, causeRecord)')

/** The staged exceptions that stand: a row that does not count says nothing, a row that is left out has no warnings. */
export function copyExceptions(staged: StagedFile, t: Tables, ids: Ids, file: string, { orphans }: { orphans: boolean }): Sql {
  const outcome = orphans || staged.facts.repeats
  return sql`insert into load_exception ${EXCEPTION_COLUMNS}
    select ${ids.attemptId}, ${staged.entity.name}, ${file}, told._line, told._record, told.\`key\`, told.\`column\`, told.code, told.severity, told.value, told.detail, null, null
    from ${t.exceptions} told ${outcome ? sql`left join ${t.work} work on work._record = told._record and work.action in ('rejected', 'superseded', 'identical')` : raw('')}
    ${outcome ? raw("where work._record is null or told.code = 'duplicate_key'") : raw('')}
    order by told.id`
}

function orphanException(staged: StagedFile, ids: Ids, parent: Parent, file: string, from: Sql): Sql {
  return sql`insert into load_exception ${EXCEPTION_COLUMNS}
    select ${ids.attemptId}, ${staged.entity.name}, ${file}, staged._line, staged._record, left(staged.${ident(staged.entity.key)}, 200), ${parent.column},
      if(above._record is null, 'parent_missing', 'parent_rejected'), 'error', left(staged.${ident(parent.column)}, 200), above._line, above.causeEntity, above.causeRecord
    from ${from}
    left join ${rejectedOf(parent.entity)} above on above.sourceKey = ${keyBytes(ident('staged', parent.column))}`
}

/** One error for each valid row whose required parent is not there, naming the parent's key and the row at the root. */
export function tellOrphans(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Sql {
  const from = sql`${t.work} work straight_join ${t.staging} staged on staged._record = work._record`
  return sql`${orphanException(staged, ids, parent, file, from)}
    where work.action = 'rejected' and work.${linkOf(staged.entity, parent)} is null`
}

/** The same for rows that their own values keep out already, so that everything wrong with a row is told at once. */
export function tellRejectedOrphans(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Sql {
  const from = sql`${t.exceptions} told straight_join ${t.staging} staged on staged._record = told._record ${repeatsJoin(staged, t)}
    left join ${crosswalkOf(parent.entity)} imported on ${hasKey('imported', ids.shopId, ident('staged', parent.column))}`
  // Most of them have a parent, so only what is left is grouped by row.
  return sql`${orphanException(staged, ids, parent, file, from)}
    where told.severity = 'error' and staged.${ident(parent.column)} is not null and imported.internalId is null ${notRepeated(staged)}
    group by staged._record having max(told.\`column\` <=> ${parent.column}) = 0 order by staged._record`
}

/** Remembers which keys of a parent entity were left out, and which row is at the root of it. */
export function noteRejectedByValue(staged: StagedFile, t: Tables): Sql {
  const { key, name } = staged.entity
  return sql`insert ignore into ${rejectedOf(name)} (sourceKey, _record, _line, causeEntity, causeRecord)
    select ${keyBytes(ident('staged', key))}, staged._record, staged._line, ${name}, staged._record
    from (select distinct _record from ${t.exceptions} where severity = 'error') refused
    straight_join ${t.staging} staged on staged._record = refused._record ${repeatsJoin(staged, t)}
    where staged._verdict = 1 and octet_length(staged.${ident(key)}) between 1 and 200 ${notRepeated(staged)}`
}

export function noteOrphans(staged: StagedFile, t: Tables, parent: Parent): Sql {
  const { key, name } = staged.entity
  return sql`insert ignore into ${rejectedOf(name)} (sourceKey, _record, _line, causeEntity, causeRecord)
    select ${keyBytes(ident('staged', key))}, staged._record, staged._line, coalesce(above.causeEntity, ${name}), coalesce(above.causeRecord, staged._record)
    from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record
    left join ${rejectedOf(parent.entity)} above on above.sourceKey = ${keyBytes(ident('staged', parent.column))}
    where work.action = 'rejected'`
}

export function createRejected(e: Entity): Sql[] {
  return [
    sql`drop temporary table if exists ${rejectedOf(e.name)}`,
    sql`create temporary table ${rejectedOf(e.name)} (
      sourceKey varbinary(200) not null primary key, _record int not null, _line int not null,
      causeEntity varchar(30) not null, causeRecord int not null) engine=InnoDB`,
  ]
}

export const linkWarning = (staged: StagedFile, ids: Ids, parent: Parent, file: string, code: Sql): Sql =>
  sql`insert into load_exception ${EXCEPTION_COLUMNS}
    select ${ids.attemptId}, ${staged.entity.name}, ${file}, staged._line, staged._record, left(staged.${ident(staged.entity.key)}, 200), ${parent.column},
      ${code}, 'warning', left(staged.${ident(parent.column)}, 200), null, null, null`

/** One warning for each row that comes in without an optional parent that it names (contract rule 19). */
export function tellMissingLinks(staged: StagedFile, ids: Ids, parent: Parent, file: string, written: Written): Sql {
  return sql`${linkWarning(staged, ids, parent, file, raw(`'parent_missing'`))}
    from ${written.from} where ${written.where} and ${written.lacks(parent)} and ${valueOf(staged, parent.column)} is not null`
}

/** The same for unchanged rows that came in without the link before: still missing, or known by now (rule 24: not written). */
export function tellKeptMissingLinks(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Sql {
  const known = parentsOf(staged, ids)
  return sql`${linkWarning(staged, ids, parent, file, sql`if(${known.id(parent)} is null, 'parent_missing', 'link_kept_empty')`)}
    from ${t.staging} staged ${repeatsJoin(staged, t)} ${valuesJoin(staged, t)}
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    straight_join ${t.production} produced on produced.id = known.internalId
    ${known.join(parent, 'left')}
    where staged._verdict = 0 and known.unlinked and known.rowHash = staged._hash ${notRepeated(staged)}
      and produced.${linkOf(staged.entity, parent)} is null and ${valueOf(staged, parent.column)} is not null`
}

/** Marks in the crosswalk which rows lack a link that they name, as was told of them just now, so that a rerun can say it again. */
export function markUnlinked(staged: StagedFile, t: Tables, ids: Ids, parent: Parent): Sql {
  return sql`update load_exception told force index (load_exception_group) straight_join ${t.staging} staged on staged._record = told.record
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    set known.unlinked = true
    where told.attemptId = ${ids.attemptId} and told.severity = 'warning' and told.entity = ${staged.entity.name}
      and told.code = 'parent_missing' and told.\`column\` = ${parent.column}`
}

/** The same for links within the entity, which links.ts has judged. */
export function markUnlinkedOwnKind(staged: StagedFile, t: Tables, ids: Ids): Sql {
  return sql`update link straight_join ${t.staging} staged on staged._record = link._record
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    set known.unlinked = true where link.problem is not null`
}

/** The code of a warning about a line's parent stands in the link table; see links.ts. */
export function tellLinkProblems(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Sql {
  return sql`${linkWarning(staged, ids, parent, file, raw('link.problem'))}
    from link straight_join ${t.staging} staged on staged._record = link._record
    where link.problem is not null order by link._record`
}
