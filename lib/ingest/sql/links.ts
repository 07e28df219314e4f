import type { Parent } from '#lib/contract/index.ts'
import type { StagedFile } from '../steps/stage.ts'
import { linkColumn } from './staging.ts'
import { ident, raw, sql, type Sql } from './sql.ts'
import { hasKey, linkOf, valueOf, valuesJoin, type Ids, type Tables, type Written } from './tables.ts'

// Links of an entity to itself (a line item to its parent line, contract rule 20). Only rows that name a parent are looked
// at. The temporary tables are used once a statement each, since MySQL opens a temporary table only once.


/** The link to the parent that both rows must share: a line's invoice. */
function sharedLink(staged: StagedFile, parent: Parent): Sql {
  const shared = staged.entity.parents.find((p) => p.column === parent.sameParent)!
  return ident(linkColumn(shared.entity, staged.entity.name))
}

export const createLinkTables: readonly Sql[] = [
  raw('drop temporary table if exists link, moved, risky, edge, cyclic'),
  raw(`create temporary table link (
    _record int not null primary key, id bigint not null, groupId bigint not null, parentId bigint, parentGroupId bigint,
    kept boolean not null, problem varchar(40)) engine=InnoDB`),
  raw('create temporary table moved (id bigint not null primary key, groupId bigint not null) engine=InnoDB'),
  raw('create temporary table risky (groupId bigint not null primary key) engine=InnoDB'),
  raw('create temporary table edge (groupId bigint not null, id bigint not null, parentId bigint not null, primary key (groupId, id)) engine=InnoDB'),
  raw('create temporary table cyclic (id bigint not null primary key) engine=InnoDB'),
]

export const emptyLinkTables: readonly Sql[] = ['link', 'moved', 'risky', 'edge', 'cyclic'].map((table) => sql`delete from ${ident(table)}`)

/** Rows to be written that name a parent of their own kind and are not linked to it yet. */
export function findLinks(staged: StagedFile, t: Tables, ids: Ids, parent: Parent, written: Written): Sql {
  const shared = staged.entity.parents.find((p) => p.column === parent.sameParent)!
  return sql`insert into link (_record, id, groupId, parentId, kept)
    select staged._record, ${written.id}, ${written.link(shared)}, above.internalId, false
    from ${written.from}
    left join ${t.crosswalk} above on ${hasKey('above', ids.shopId, valueOf(staged, parent.column))}
    where ${written.where} and ${valueOf(staged, parent.column)} is not null and ${written.lacks(parent)}`
}

/** Unchanged rows that came in without their parent before: not written, but judged again. */
export function findKeptLinks(staged: StagedFile, t: Tables, ids: Ids, parent: Parent): Sql {
  return sql`insert into link (_record, id, groupId, parentId, kept)
    select staged._record, known.internalId, produced.${sharedLink(staged, parent)}, above.internalId, true
    from ${t.staging} staged ${valuesJoin(staged, t)}
    straight_join ${t.crosswalk} known on ${hasKey('known', ids.shopId, ident('staged', staged.entity.key))}
    straight_join ${t.production} produced on produced.id = known.internalId
    left join ${t.crosswalk} above on ${hasKey('above', ids.shopId, valueOf(staged, parent.column))}
    left join ${t.work} work on work._record = staged._record
    where staged._verdict = 0 and known.unlinked and known.rowHash = staged._hash and work._record is null
      and produced.${linkOf(staged.entity, parent)} is null and ${valueOf(staged, parent.column)} is not null`
}

/** Which invoice each parent line belongs to: as this load says where it is in it, else as production says. */
export function findParentGroups(staged: StagedFile, t: Tables, ids: Ids, parent: Parent): Sql[] {
  const group = sharedLink(staged, parent)
  return [
    sql`update link straight_join ${t.work} work on work._record = link.parentId - ${ids.base}
      set link.parentGroupId = work.${group} where link.parentId > ${ids.base} and work.action = 'new'`,
    sql`update link straight_join ${t.production} produced on produced.id = link.parentId set link.parentGroupId = produced.${group} where link.parentGroupId is null`,
    sql`insert ignore into moved (id, groupId) select id, ${group} from ${t.work} where action = 'changed'`,
    raw('update link straight_join moved on moved.id = link.parentId set link.parentGroupId = moved.groupId'),
    raw(`update link set problem = case
      when parentId is null then 'parent_missing'
      when parentId = id then 'parent_is_itself'
      when parentGroupId is null then 'parent_missing'
      when parentGroupId <> groupId then 'parent_of_other_invoice' end`),
  ]
}

/**
 * Invoices in which a circle is possible. A row that points to an earlier row of the same load cannot close one, so only
 * rows that point forward, and rows known before, make an invoice risky; and only where what they point to names a parent
 * too, which this load says of its new rows.
 */
export function findRisky(t: Tables, ids: Ids, parent: Parent): Sql {
  return sql`insert ignore into risky
    select link.groupId from link left join ${t.staging} staged on staged._record = link.parentId - ${ids.base}
    where link.problem is null and (link.parentId > link.id or link.id <= ${ids.base})
      and (staged._record is null or staged.${ident(parent.column)} is not null)`
}

/** All links within the risky invoices: those of this load, and those in production that it does not replace. */
export function findEdges(staged: StagedFile, t: Tables, parent: Parent): Sql[] {
  const link = linkOf(staged.entity, parent)
  return [
    raw('insert ignore into edge select link.groupId, link.id, link.parentId from link straight_join risky on risky.groupId = link.groupId where link.problem is null'),
    sql`insert ignore into edge select risky.groupId, produced.id, produced.${link}
      from risky straight_join ${t.production} produced on produced.${sharedLink(staged, parent)} = risky.groupId
      left join moved on moved.id = produced.id
      where produced.${link} is not null and moved.id is null`,
  ]
}

export const edgesInOrder: Sql = raw('select groupId, id, parentId from edge order by groupId')

export function insertCyclic(ids: readonly number[]): Sql {
  return sql`insert ignore into cyclic (id) values ${ids.map((id) => [id])}`
}

/** Takes back the links of rows that were linked on the way into production and turned out to be part of a circle. */
export function unlinkCyclic(staged: StagedFile, t: Tables, ids: Ids, parent: Parent): Sql[] {
  const link = linkOf(staged.entity, parent)
  return [
    sql`insert ignore into link (_record, id, groupId, parentId, kept)
      select cyclic.id - ${ids.base}, cyclic.id, produced.${sharedLink(staged, parent)}, produced.${link}, false
      from cyclic straight_join ${t.production} produced on produced.id = cyclic.id`,
    sql`update cyclic straight_join ${t.production} produced on produced.id = cyclic.id set produced.${link} = null`,
  ]
}

/** Settles the rest: circles, and unchanged rows whose parent is known by now. */
export const settleLinks: readonly Sql[] = [
  raw(`update link straight_join cyclic on cyclic.id = link.id set link.problem = 'parent_cycle'`),
  raw(`update link set problem = 'link_kept_empty' where kept and problem is null`),
]

/** Writes the links that hold into the work table, for rows that go into production after this. */
export function applyLinks(staged: StagedFile, t: Tables, parent: Parent): Sql {
  return sql`update link straight_join ${t.work} work on work._record = link._record
    set work.${linkOf(staged.entity, parent)} = link.parentId where link.problem is null`
}

/** The same for rows that are there already. */
export function applyFreshLinks(staged: StagedFile, t: Tables, parent: Parent): Sql {
  return sql`update link straight_join ${t.production} produced on produced.id = link.id
    set produced.${linkOf(staged.entity, parent)} = link.parentId where link.problem is null`
}
