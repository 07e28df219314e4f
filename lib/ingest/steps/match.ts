import type { Connection } from 'mysql2/promise'
import type { EntityName } from '#lib/contract/index.ts'
import * as fresh from '../sql/fresh.ts'
import * as match from '../sql/match.ts'
import { rowBeside } from '../sql/beside.ts'
import { row, rows, run, sql, type Sql } from '../sql/sql.ts'
import { rangesOf, tablesOf, type Block, type Ids, type Range, type Tables } from '../sql/tables.ts'
import { moneyColumns } from '../sql/write.ts'
import type { StagedFile } from './stage.ts'
import { addMoney, nothing, type Summed } from './sums.ts'

/** Ids of imports are below, ids of rows made in the product above (see the migration of the production tables). */
const NATIVE_IDS_FROM = 1_000_000_000_000

export type WriteContext = {
  tx: Connection; schema: string; shopId: number; loadId: number; attemptId: number; laterLoads: readonly number[]; firstOfShop: boolean
  /** Sees what `tx` has written; counts it, and notes what did not come in, while `tx` writes on. It is `tx` where nobody else sees that, or little is counted. */
  beside: Connection
  /** Takes a block of ids; gives the first. Runs outside of the transaction. */
  reserve(entity: EntityName, size: number): Promise<number>
  /** Hears how many rows of the entity are written so far. */
  wrote(entity: EntityName, rows: number): void
  /** Connections that have nothing to do: what only reads may use them beside `tx`. They see what is committed. */
  idle(): readonly Connection[]
}

/**
 * How the valid rows of an entity compare with what was imported before. `fresh`: the shop had nothing of the entity, so
 * that all are new; how many of them lack a parent, writing finds out.
 */
export type Matched = {
  t: Tables; ids: Ids; endId: number; fresh: boolean
  known: number; unchanged: number; unlinked: number; newRows: number; changed: number; orphans: number; stopped: number
  /** Rows with other values that were deleted in the shop, where they stay deleted: they count as unchanged. */
  gone: number
  /** Unchanged rows that say otherwise in this load, since a later one brought something newer. */
  newer: number
  /** The unchanged rows, with their money as sent and as it is in production. */
  same: Summed
  /** The new rows, with their money as it is in production: known already where they were counted there as they came in. */
  inserted: Summed | null
}

const num = (value: unknown) => Number(value)

/** The fourth step for one entity: new, changed, unchanged and orphaned rows (contract rules 17 to 19 and 24). */
export async function matchEntity(context: WriteContext, staged: StagedFile): Promise<Matched> {
  const { tx, shopId, loadId, attemptId, laterLoads, firstOfShop } = context
  const e = staged.entity
  const t = tablesOf(context.schema, staged)
  const ids: Ids = { shopId, loadId, attemptId, base: NATIVE_IDS_FROM, laterLoads, firstOfShop }
  const before = firstOfShop ? 0 : num((await row<{ n: number }>(tx, sql`select count(*) as n from ${t.crosswalk} where shopId = ${shopId}`))!.n)
  let known = 0, unlinked = 0, knownRejected = 0
  let same = nothing
  let compared: Compared | undefined
  if (before > 0 && staged.records > 0) {
    compared = await compareKnown(context, staged, t, ids)
    if (!staged.counted && compared.valid !== staged.records) throw new Error(`${e.file}: ${staged.records} records were read, ${compared.valid} are staged and valid`)
    ;({ same, known, unlinked } = compared)
    if (staged.facts.rejected > 0) knownRejected = num((await row<{ known: number }>(tx, match.countKnownRejected(staged, t, ids)))!.known)
  }
  const stopped = before - known - knownRejected
  if (stopped > 0) for (const statement of match.listStopped(staged, t, ids)) await run(tx, statement)
  if (staged.facts.repeats) await run(tx, match.noteRepeats(t))
  let endId = NATIVE_IDS_FROM
  if (staged.facts.valid > known) {
    const first = await context.reserve(e.name, staged.records + 1)
    ids.base = first - 1
    endId = first + staged.records + 1
  }
  const matched = { t, ids, endId, known, unchanged: 0, unlinked, stopped, newer: compared?.newer ?? 0, inserted: null }
  if (before === 0) {
    const repeated = staged.facts.repeats ? num((await row<{ n: number }>(tx, fresh.countValidRepeats(staged, t)))!.n) : 0
    return { ...matched, same, fresh: true, newRows: staged.facts.valid - repeated, changed: 0, orphans: 0, gone: 0 }
  }
  for (const { range, differing, records } of compared?.ranges ?? []) {
    if (differing > 0) await run(tx, match.findWork(staged, t, ids, range, records))
  }
  if (compared && same.n > 0) same = { ...same, ...await moneyOfSame(context, staged, t, ids, compared, { rejected: knownRejected > 0, stopped: stopped > 0 }) }
  const counted = new Map((await rows<{ kind: string; n: number }>(tx, match.countWork(t))).map(({ kind, n }) => [kind, num(n)]))
  const count = (kind: string) => counted.get(kind) ?? 0
  const gone = count('gone')
  if (gone > 0) {
    same = { ...same, n: same.n + gone }
    addMoney(same, (await row<Summed>(tx, match.sumGone(staged, t)))!, e, 'sent')
  }
  return { ...matched, same, unchanged: same.n, fresh: false, newRows: count('new'), changed: count('changed'), orphans: count('rejected'), gone }
}

/** Valid rows of a range that are not simply unchanged: how many, and which, unless they are many. */
type ComparedRange = { range: Range; differing: number; records: number[] | null }
type Compared = { valid: number; same: Summed; sameIds: bigint; known: number; unlinked: number; newer: number; ranges: ComparedRange[] }
type RangeCounts = { valid: number; known: number; n: number; ids: string; unlinked: number; newer: number; differing: string | null } & Record<string, unknown>

// Rows by number are found one by one; of more than that many the whole range is read again.
const MOST_LISTED = 2000

// Of a statement, so that connections which have nothing else to do take their share.
const RANGE_RECORDS = 65_536

/** Asks the same of all records, range by range on as many connections as are free. */
async function inRanges<T extends object>({ tx, idle }: WriteContext, { records }: StagedFile, ask: (range: Range) => Sql, hear: (found: T, range: Range) => void): Promise<void> {
  const waiting = rangesOf(records, RANGE_RECORDS).values()
  await Promise.all([tx, ...idle()].map(async (connection) => {
    for (const range of waiting) {
      hear((await rowBeside<T>(tx, connection, ask(range)))!, range)
    }
  }))
}

/** Compares the valid rows with the crosswalk. */
async function compareKnown(context: WriteContext, staged: StagedFile, t: Tables, ids: Ids): Promise<Compared> {
  const compared: Compared = { valid: 0, same: { n: 0 }, sameIds: 0n, known: 0, unlinked: 0, newer: 0, ranges: [] }
  await inRanges<RangeCounts>(context, staged, (range) => match.countMatches(staged, t, ids, range), (found, range) => {
    compared.valid += num(found.valid)
    compared.known += num(found.known)
    compared.unlinked += num(found.unlinked)
    compared.newer += num(found.newer)
    compared.same.n += num(found.n)
    compared.sameIds += BigInt(found.ids)
    addMoney(compared.same, found, staged.entity, 'sent')
    const differing = num(found.valid) - num(found.n)
    const records = differing > MOST_LISTED ? null : String(found.differing ?? '').split(',').filter(Boolean).map(Number)
    compared.ranges.push({ range, differing, records })
  })
  compared.ranges.sort((a, b) => a.range.first - b.range.first)
  return compared
}

/** The money of the unchanged rows as production has it now: the shop may have edited since. */
async function moneyOfSame(context: WriteContext, staged: StagedFile, t: Tables, ids: Ids, { same, sameIds }: Compared, others: match.Others): Promise<Summed> {
  const { entity: e } = staged
  const money: Summed = { n: same.n }
  if (moneyColumns(e).length === 0) return money
  const blocks = await rows<Block>(context.tx, match.blocksOf(e, ids))
  const rest = blocks.length > 0 ? await row<{ n: number; ids: string }>(context.tx, match.sumSameAsRest(staged, t, ids, blocks, others)) : undefined
  if (rest && num(rest.n) === same.n && BigInt(rest.ids) === sameIds) {
    addMoney(money, rest, e, 'money')
  } else {
    // The shop has deleted some of them.
    await inRanges<Summed>(context, staged, (range) => match.sumSameOneByOne(staged, t, ids, range), (found) => addMoney(money, found, e, 'money'))
  }
  return money
}
