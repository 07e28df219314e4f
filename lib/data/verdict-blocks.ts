import 'server-only'
import { ident, rows, sql } from '#lib/ingest/sql/sql.ts'
import type { Range } from '#lib/ingest/sql/tables.ts'
import { database } from './database.ts'
import type { StagedFile } from './staged-tables.ts'
import type { Verdict } from './staging.ts'
import type { Beyond, WorkAction } from './staging-sql.ts'

// In smaller files, and where nearly every record is of the verdict, reading on until a page is full is as quick.
const LARGE_FILE = 50_000
const COMMON_SHARE = 0.9
const BLOCK_RECORDS = 500
const FILES_KEPT = 50

/** How many records of each verdict lie in each run of BLOCK_RECORDS records; the first block is that of record 1. */
type Blocks = Map<Verdict, number[]>

// One per process, as long as it lives: what an attempt that went through says of its rows does not change any more.
const kept = globalThis as { onrampVerdictBlocks?: Map<string, Promise<Blocks>> }

/**
 * The parts of a large staged file in which the next `wanted` records of a verdict lie, or null where the file may as well be
 * read from there on. Staged rows have no index but their number; without this, the few changed rows at the end of a million
 * would be found by reading the million.
 */
export async function rangesOf(file: StagedFile, verdict: Verdict, counts: Partial<Record<Verdict, number>>, beyond: Beyond, wanted: number): Promise<Range[] | null> {
  const count = counts[verdict] ?? 0
  if (file.records <= LARGE_FILE || count > file.records * COMMON_SHARE) return null
  const inBlocks = (await blocksOf(file)).get(verdict) ?? []
  // The ledger knows better, should the two ever differ.
  if (inBlocks.reduce((sum, n) => sum + n, 0) !== count) return null
  return rangesIn(inBlocks, beyond, wanted)
}

/** The same for given numbers of records in the blocks. */
export function rangesIn(inBlocks: readonly number[], { record, backwards }: Beyond, wanted: number): Range[] {
  const step = backwards ? -1 : 1
  const start = Math.min(Math.max(0, Math.floor((record - 1) / BLOCK_RECORDS)), inBlocks.length - 1)
  const ranges: Range[] = []
  // Of the first block some may lie on the other side of `record`, so they are not counted.
  for (let block = start, found = 0; block >= 0 && block < inBlocks.length && found < wanted; block += step) {
    if (inBlocks[block] === 0) continue
    if (block !== start) found += inBlocks[block]!
    const [first, last] = [block * BLOCK_RECORDS + 1, (block + 1) * BLOCK_RECORDS]
    const neighbour = ranges.at(-1)
    if (neighbour && !backwards && neighbour.last + 1 === first) neighbour.last = last
    else if (neighbour && backwards && neighbour.first - 1 === last) neighbour.first = first
    else ranges.push({ first, last })
  }
  return ranges
}

function blocksOf(file: StagedFile): Promise<Blocks> {
  const known = (kept.onrampVerdictBlocks ??= new Map())
  const key = `${file.table.schema}.${file.table.name} ${file.verdictsOf.id}`
  const found = known.get(key) ?? readBlocks(file)
  // The one asked for last goes last; the one that nobody asked for longest is forgotten.
  known.delete(key)
  known.set(key, found)
  if (known.size > FILES_KEPT) known.delete(known.keys().next().value!)
  found.catch(() => known.delete(key))
  return found
}

async function readBlocks({ table, entity, records, verdictsOf, unnamed }: StagedFile): Promise<Blocks> {
  const [named, refused] = await Promise.all([
    rows<{ block: number; action: WorkAction; n: number }>(database(), sql`
      select (_record - 1) div ${BLOCK_RECORDS} as block, action, count(*) as n from ${ident(table.schema, `${table.name}_work`)} group by block, action`),
    rows<{ block: number; n: number }>(database(), sql`
      select (record - 1) div ${BLOCK_RECORDS} as block, count(distinct record) as n from load_exception force index (load_exception_record)
      where attemptId = ${verdictsOf.id} and entity = ${entity} and severity = 'error' and record is not null group by block`),
  ])
  const size = Math.ceil(records / BLOCK_RECORDS)
  const none = () => Array.from({ length: size }, () => 0)
  const blocks: Blocks = new Map((['new', 'changed', 'unchanged', 'superseded', 'identical'] as const).map((verdict) => [verdict, none()]))
  // What is neither named in the work table nor refused. The work table names some of the refused: those without a parent.
  const others = none().map((_, block) => Math.min(BLOCK_RECORDS, records - block * BLOCK_RECORDS))
  for (const { block, action, n } of named) {
    if (action === 'rejected') continue
    blocks.get(action)![Number(block)] = Number(n)
    others[Number(block)]! -= Number(n)
  }
  for (const { block, n } of refused) others[Number(block)]! -= Number(n)
  return blocks.set(unnamed, blocks.get(unnamed)!.map((n, block) => n + others[block]!))
}
