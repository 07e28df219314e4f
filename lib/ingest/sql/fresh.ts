import type { StagedFile } from '../steps/stage.ts'
import { ident, join, raw, sql, type Sql } from './sql.ts'
import { hasKey, isSelf, keyBytes, lateJoin, linkOf, notLate, notRepeated, parentsOf, repeatsJoin, valueOf, valuesJoin, within, type Ids, type Range, type Tables } from './tables.ts'
import { sums } from './write.ts'

// Of an entity of which the shop has nothing imported yet, every valid row is new unless its parent is missing. Its rows
// go from staging straight into production, without a place in the work table, which names the others only.

/** Rows of a first load: all but the late ones of a range, or the late ones that are ready within one. */
export type Part = Range & { late: boolean }

const from = (staged: StagedFile, t: Tables, { late }: Part): Sql =>
  (late ? sql`${t.late} late straight_join ${t.staging} staged on staged._record = late._record` : sql`${t.staging} staged ${lateJoin(staged, t)}`)

const valid = (staged: StagedFile, part: Part): Sql =>
  sql`${part.late ? readyWithin(part) : sql`${within(part)} ${notLate(staged)}`} and staged._verdict = 0 ${notRepeated(staged)}`

const readyWithin = ({ first, last }: Range): Sql => sql`late.ready between ${first} and ${last}`

/**
 * Valid rows whose required parents are known, with their parent of their own kind where staging says which record that is;
 * the others are linked afterwards.
 */
export function insertFresh(staged: StagedFile, t: Tables, ids: Ids, part: Part): Sql {
  const e = staged.entity
  const { repeats } = staged.facts
  const own = e.parents.find((p) => isSelf(e, p))
  const parents = e.parents.filter((p) => p !== own && staged.columns.some((c) => c.column === p.column))
  const known = parentsOf(staged, ids)
  const aboveRecord = raw(part.late ? 'late._above' : 'staged._above')
  const above = sql`${ids.base} + ${aboveRecord}`
  const columns = Object.keys(e.columns)
  return sql`insert into ${t.production} (${join([raw('id, shopId, importedLoadId'), ...parents.map((p) => linkOf(e, p)), ...(own ? [linkOf(e, own)] : []), ...columns.map((c) => ident(c))])})
    select straight_join ${join([
      sql`${ids.base} + staged._record, ${ids.shopId}, ${ids.loadId}`, ...parents.map(known.id),
      ...(own ? [repeats ? sql`if(above._record is null, ${above}, null)` : above] : []), ...columns.map((c) => valueOf(staged, c)),
    ])}
    from ${from(staged, t, part)}
    ${repeatsJoin(staged, t)} ${valuesJoin(staged, t)} ${own && repeats ? sql`left join ${t.repeats} above on above._record = ${aboveRecord}` : raw('')}
    ${join(parents.map((p) => known.join(p, p.required ? undefined : 'left')), ' ')}
    where ${valid(staged, part)} order by ${raw(part.late ? 'late.place' : 'staged._record')}`
}

/**
 * How many rows that brought into production, how many of them have each of the optional links, and their money. To be
 * asked of the rows of a range before the late ones come.
 */
export function countFresh(staged: StagedFile, t: Tables, ids: Ids, part: Part): Sql {
  const e = staged.entity
  const linked = e.parents.filter((p) => !p.required).map((p) => sql`, count(produced.${linkOf(e, p)}) as ${ident(p.column)}`)
  const among = part.late
    ? sql`${t.late} late straight_join ${t.production} produced on produced.id = ${ids.base} + late._record where ${readyWithin(part)}`
    : sql`${t.production} produced where produced.id between ${ids.base + part.first} and ${ids.base + part.last}`
  return sql`select count(*) as n ${join(linked, '')} ${sums(e, (c) => sql`produced.${ident(c)}`)} from ${among} and produced.importedLoadId = ${ids.loadId}`
}

/** How many late rows a range has, and how many are ready within it. */
export function countLate(staged: StagedFile, t: Tables, range: Range): Sql {
  const count = (where: Sql) => sql`(select count(*) from ${t.late} late ${staged.facts.repeats ? sql`left join ${t.repeats} repeated on repeated._record = late._record` : raw('')}
    where ${where} ${notRepeated(staged)})`
  return sql`select ${count(sql`late._record between ${range.first} and ${range.last}`)} as n, ${count(readyWithin(range))} as ready`
}

/** How many valid records repeat a key that comes again. */
export function countValidRepeats({ facts }: StagedFile, t: Tables): Sql {
  return facts.rejected === 0 ? sql`select count(*) as n from ${t.repeats}` : sql`select count(*) as n from ${t.repeats} repeated straight_join ${t.staging} staged on staged._record = repeated._record where staged._verdict = 0`
}

/**
 * Notes the valid rows that did not come in, each with the parents that it has: a required one is missing (contract rule
 * 19). Where this runs beside the transaction, ending that does not end it, and the table is the next attempt's by then:
 * an attempt that was taken over notes nothing.
 */
export function noteFreshOrphans(staged: StagedFile, t: Tables, ids: Ids, part: Part): Sql {
  const e = staged.entity
  const parents = e.parents.filter((p) => !isSelf(e, p))
  const known = parentsOf(staged, ids)
  return sql`insert into ${t.work} (_record, action, id${join(parents.map((p) => sql`, ${linkOf(e, p)}`), '')})
    select straight_join staged._record, 'rejected', null${join(parents.map((p) => sql`, ${known.id(p)}`), '')}
    from ${from(staged, t, part)}
    left join ${t.production} produced on produced.id = ${ids.base} + staged._record
    ${repeatsJoin(staged, t)} ${valuesJoin(staged, t)} ${join(parents.map((p) => known.join(p, 'left')), ' ')}
    where ${valid(staged, part)} and produced.id is null
      and exists (select 1 from attempt where id = ${ids.attemptId} and status = 'running')`
}

/** Keys of the valid rows of a range, also of those that did not come in: it takes longer to look for each of them than to take a few back. */
export function insertFreshCrosswalk(staged: StagedFile, t: Tables, ids: Ids, range: Range): Sql {
  return sql`insert into ${t.crosswalk} (shopId, sourceKey, internalId, rowHash, firstLoadId, lastLoadId)
    select straight_join ${ids.shopId}, ${keyBytes(ident('staged', staged.entity.key))}, ${ids.base} + staged._record, staged._hash, ${ids.loadId}, ${ids.loadId}
    from ${t.staging} staged ${repeatsJoin(staged, t)}
    where ${within(range)} and staged._verdict = 0 ${notRepeated(staged)}`
}

/** How many of them there are. */
export function countFreshKeys(staged: StagedFile, t: Tables, range: Range): Sql {
  return sql`select count(*) as n from ${t.staging} staged ${repeatsJoin(staged, t)} where ${within(range)} and staged._verdict = 0 ${notRepeated(staged)}`
}

/** Takes the keys of the rows that did not come in out of the crosswalk again. */
export function withdrawOrphans(staged: StagedFile, t: Tables, ids: Ids): Sql {
  return sql`delete known from ${t.work} work straight_join ${t.staging} staged on staged._record = work._record
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    where work.action = 'rejected'`
}
