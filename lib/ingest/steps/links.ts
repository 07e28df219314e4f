import type { Connection } from 'mysql2/promise'
import type { Parent } from '#lib/contract/index.ts'
import { findCycles } from '../cycles.ts'
import { applyFreshLinks, applyLinks, edgesInOrder, emptyLinkTables, findEdges, findKeptLinks, findLinks, findParentGroups, findRisky, insertCyclic, settleLinks, unlinkCyclic } from '../sql/links.ts'
import { countLeftBehind, findLeftBehind, unlinkLeftBehind } from '../sql/left-behind.ts'
import { markUnlinkedOwnKind, tellLinkProblems } from '../sql/match.ts'
import { row, run, sql, streamed } from '../sql/sql.ts'
import type { Ids, Tables, Written } from '../sql/tables.ts'
import type { StagedFile } from './stage.ts'

const INSERT_AT_ONCE = 1000

export type OwnKind = {
  written: Written
  /** Whether the rows are in production already, all new: then they are linked there, else in the work table. */
  fresh: boolean
  /** Whether unchanged rows came in without such a link before. */
  kept: boolean
}

/**
 * Links the rows of an entity to parents of their own kind (contract rule 20), after their keys are in the crosswalk, and
 * tells which links stay empty and why.
 */
export async function linkToOwnKind(tx: Connection, staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string, { written, fresh, kept }: OwnKind): Promise<void> {
  for (const statement of emptyLinkTables) await run(tx, statement)
  await run(tx, findLinks(staged, t, ids, parent, written))
  if (kept) await run(tx, findKeptLinks(staged, t, ids, parent))
  const found = await row<{ n: number }>(tx, sql`select count(*) as n from link`)
  if (Number(found!.n) === 0) return
  for (const statement of findParentGroups(staged, t, ids, parent)) await run(tx, statement)
  await run(tx, findRisky(t, ids, parent))
  const risky = await row<{ n: number }>(tx, sql`select count(*) as n from risky`)
  if (Number(risky!.n) > 0) {
    for (const statement of findEdges(staged, t, parent)) await run(tx, statement)
    await breakCycles(tx)
    if (fresh) for (const statement of unlinkCyclic(staged, t, ids, parent)) await run(tx, statement)
  }
  for (const statement of settleLinks) await run(tx, statement)
  await run(tx, (fresh ? applyFreshLinks : applyLinks)(staged, t, parent))
  await run(tx, tellLinkProblems(staged, t, ids, parent, file))
  await run(tx, markUnlinkedOwnKind(staged, t, ids))
}

/** Takes the links off rows whose parent of their own kind this load has moved to another invoice (contract rule 20). */
export async function unlinkMovedFrom(tx: Connection, staged: StagedFile, t: Tables, ids: Ids, parent: Parent, file: string): Promise<void> {
  for (const statement of findLeftBehind(staged, t, parent)) await run(tx, statement)
  const found = await row<{ n: number }>(tx, countLeftBehind)
  if (Number(found!.n) === 0) return
  for (const statement of unlinkLeftBehind(staged, t, ids, parent, file)) await run(tx, statement)
}

/** Reads the links of the risky invoices, one invoice in memory at a time, and notes the members of circles. */
async function breakCycles(tx: Connection): Promise<void> {
  const cyclic: number[] = []
  let group: number | null = null
  let parents = new Map<number, number>()
  const settle = () => {
    for (const id of findCycles(parents)) cyclic.push(id)
    parents = new Map()
  }
  for await (const edge of streamed<{ groupId: number; id: number; parentId: number }>(tx, edgesInOrder)) {
    if (edge.groupId !== group) settle()
    group = edge.groupId
    parents.set(edge.id, edge.parentId)
  }
  settle()
  for (let i = 0; i < cyclic.length; i += INSERT_AT_ONCE) await run(tx, insertCyclic(cyclic.slice(i, i + INSERT_AT_ONCE)))
}
