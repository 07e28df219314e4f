import 'server-only'
import { cache } from 'react'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import { adviceFor, explain, titleOf } from '#lib/contract/explain.ts'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import { invalidInput, notFound } from '#lib/errors.ts'
import type { AttemptStatus } from '#lib/ingest/report.ts'
import { row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { usualAttempt, type LoadStatus } from '#lib/load-status.ts'
import { database } from './database.ts'
import { countsBelow, groupCounts, groupOfId, groupRows, groupSamples, recordRows, rowsBelow, type Beyond, type GroupKey, type RecordOf } from './exceptions-sql.ts'
import { seesMasked, shownTo } from './masking.ts'
import { seenAttempt, seenLoad } from './scope.ts'

/** Which exceptions; null is any. `'package'` are remarks on no entity, an empty column is none. `record` needs an entity. */
export type ExceptionFilter = {
  entity: EntityName | 'package' | null; code: ExceptionCode | null; column: string | null; severity: Severity | null; record: number | null
}
export type ExceptionGroup = GroupKey & { count: number; title: string; advice: string; samples: string[] }
export type RowsBelow = { entity: EntityName; count: number }
export type ExceptionRow = {
  id: string; entity: EntityName | null; file: string; line: number | null; record: number | null; key: string | null
  column: string | null; code: ExceptionCode; severity: Severity; value: string | null; sentence: string; advice: string
  /** The rejected row at the root, when this one only hangs on it. */
  cause: RecordOf | null
  /** Rows left out because of this one. */
  below: RowsBelow[]
}
export type ExceptionPage = { rows: ExceptionRow[]; total: number; next: string | null; previous: string | null }
export type AttemptOfLoad = { id: string; number: number; status: AttemptStatus; dryRun: boolean }
export type LoadWithAttempts = {
  load: { id: string; slug: string; shopName: string; partnerName: string }
  attempts: AttemptOfLoad[]
  /** The one asked for, or the one that the load's page shows; null when the load was never run. */
  attempt: AttemptOfLoad | null
  masked: boolean
}
export type Cursor = { after: string } | { before: string } | null

export const PAGE_SIZE = 50
const LONGEST_VALUE = 300
const SAMPLES = 3
// Samples are asked for in one statement; beyond this many groups it goes in several.
const GROUPS_PER_STATEMENT = 50
// More is never said about one record in earnest.
const RECORD_LIMIT = 200
// Rows read at a time for a download.
const PIECE = 1_000
// Above every id: where a walk backwards through a group begins.
const LAST_ID = '9223372036854775807'

export type StoredException = Omit<ExceptionRow, 'id' | 'sentence' | 'advice' | 'cause' | 'below'> & {
  id: number; detail: string | null; causeEntity: EntityName | null; causeRecord: number | null
}

/** The load with its attempts, and the attempt that a page of exceptions is about. Throws `not_found`. */
export async function loadWithAttempts(user: CurrentUser, loadId: string, number: number | null): Promise<LoadWithAttempts> {
  authorize(user, 'exception:read')
  const key = String(await seenLoad(user, loadId))
  const load = await row<{ slug: string; shopName: string; partnerName: string; status: LoadStatus; currentAttempt: number; completedAttempt: number | null }>(database(), sql`
    select l.slug, s.name as shopName, p.name as partnerName, l.status, l.currentAttempt, l.completedAttempt
    from \`load\` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where l.id = ${key}`)
  if (!load) throw notFound('This load')
  const stored = await rows<{ id: number; number: number; status: AttemptStatus; dryRun: number }>(database(), sql`
    select id, number, status, dryRun from attempt where loadId = ${key} order by number desc`)
  const attempts = stored.map((a) => ({ ...a, id: String(a.id), dryRun: Boolean(a.dryRun) }))
  const attempt = attempts.find((a) => a.number === (number ?? usualAttempt({ ...load, attempts }))) ?? null
  if (!attempt && number !== null) throw notFound(`Attempt ${number} of this load`)
  const { slug, shopName, partnerName } = load
  return { load: { id: loadId, slug, shopName, partnerName }, attempts, attempt, masked: seesMasked(user) }
}

/** The groups of an attempt: errors first, then in load order, the largest first. */
export async function exceptionGroups(user: CurrentUser, attemptId: string): Promise<ExceptionGroup[]> {
  authorize(user, 'exception:read')
  await seenAttempt(user, attemptId)
  const groups = await orderedGroups(attemptId)
  const samples = await samplesOf(user, attemptId, groups)
  return groups.map((group, at) => ({ ...group, title: titleOf(group.code), advice: adviceFor(group.code), samples: samples[at]! }))
}

/**
 * A page of rows, group after group. Rows that were only left out with their parent are folded under the row that caused
 * it, so they are not listed by themselves unless their entity or their group is asked for.
 */
export async function exceptionPage(user: CurrentUser, attemptId: string, filter: ExceptionFilter, cursor: Cursor = null): Promise<ExceptionPage> {
  authorize(user, 'exception:read')
  await seenAttempt(user, attemptId)
  if (filter.record !== null) return pageOfRecord(user, attemptId, filter)
  const groups = listedGroups(await orderedGroups(attemptId), filter)
  const total = groups.reduce((sum, group) => sum + group.count, 0)
  const backwards = cursor !== null && 'before' in cursor
  const found = await acrossGroups(attemptId, groups, cursor, PAGE_SIZE + 1)
  const hasMore = found.length > PAGE_SIZE
  const page = found.slice(0, PAGE_SIZE).map((row) => presented(user, row))
  if (backwards) page.reverse()
  const [first, last] = [page[0]?.id ?? null, page.at(-1)?.id ?? null]
  return {
    rows: await withRowsBelow(attemptId, page),
    total,
    next: backwards || hasMore ? last : null,
    previous: backwards ? (hasMore ? first : null) : cursor === null ? null : first,
  }
}

/** Rows of one entity that were left out because of one rejected row. */
export async function exceptionsBelow(
  user: CurrentUser, attemptId: string, cause: RecordOf, entity: EntityName, after: string | null,
): Promise<{ rows: ExceptionRow[]; next: string | null }> {
  authorize(user, 'exception:read')
  await seenAttempt(user, attemptId)
  const found = await rows<StoredException>(database(), rowsBelow(attemptId, cause, entity, after ?? '0', PAGE_SIZE + 1))
  const page = found.slice(0, PAGE_SIZE)
  return { rows: page.map((row) => presented(user, row)), next: found.length > PAGE_SIZE ? String(page.at(-1)!.id) : null }
}

/** Everything said about one record, for the staging browser. */
export async function exceptionsOfRecord(user: CurrentUser, attemptId: string, entity: EntityName, record: number): Promise<ExceptionRow[]> {
  authorize(user, 'exception:read')
  await seenAttempt(user, attemptId)
  return (await rows<StoredException>(database(), recordRows(attemptId, { entity, record }, RECORD_LIMIT))).map((row) => presented(user, row))
}

/** Every exception that the filter takes, whole and in order, read piece by piece; cascades are not folded. */
export async function* allExceptions(user: CurrentUser, attemptId: string, filter: ExceptionFilter): AsyncGenerator<ExceptionRow> {
  authorize(user, 'exception:read')
  await seenAttempt(user, attemptId)
  if (filter.record !== null) {
    for (const row of await storedOfRecord(attemptId, filter)) yield presented(user, row, Infinity)
    return
  }
  for (const group of (await orderedGroups(attemptId)).filter((g) => takes(filter, g))) {
    let beyond: Beyond = null
    for (;;) {
      const piece: StoredException[] = await rows<StoredException>(database(), groupRows(attemptId, group, beyond, PIECE))
      for (const row of piece) yield presented(user, row, Infinity)
      if (piece.length < PIECE) break
      beyond = { id: String(piece.at(-1)!.id), backwards: false }
    }
  }
}

/** The exception as this person may see it, with its sentence made of what they may see. */
export function presented(user: CurrentUser, stored: StoredException, longestValue = LONGEST_VALUE): ExceptionRow {
  const { detail, causeEntity, causeRecord, ...row } = stored
  const shown = shownTo(user, row.entity, row.column, row.value)
  const value = shown !== null && shown.length > longestValue ? `${shown.slice(0, longestValue)}…` : shown
  return {
    ...row, id: String(row.id), value,
    sentence: explain({ ...row, value, detail }), advice: adviceFor(row.code),
    cause: causeEntity !== null && causeRecord !== null ? { entity: causeEntity, record: causeRecord } : null,
    below: [],
  }
}

/** The record that the filter is about. Throws `invalid_input` where it names no entity. */
export function recordOf({ entity, record }: ExceptionFilter): RecordOf {
  if (entity === null || entity === 'package') throw invalidInput('A record is asked for together with its entity.')
  return { entity, record: record! }
}

/** What the filter takes of what is said about its record. */
async function storedOfRecord(attemptId: string, filter: ExceptionFilter): Promise<StoredException[]> {
  const found = await rows<StoredException>(database(), recordRows(attemptId, recordOf(filter), RECORD_LIMIT))
  return found.filter((row) => takes(filter, row))
}

async function pageOfRecord(user: CurrentUser, attemptId: string, filter: ExceptionFilter): Promise<ExceptionPage> {
  const listed = (await storedOfRecord(attemptId, filter)).map((row) => presented(user, row))
  return { rows: await withRowsBelow(attemptId, listed), total: listed.length, next: null, previous: null }
}

// A page asks for its groups and for its rows, which are in the order of the groups: counted once a request.
const orderedGroups = cache(async (attemptId: string): Promise<(GroupKey & { count: number })[]> => {
  const groups = await rows<GroupKey & { count: number }>(database(), groupCounts(attemptId))
  const place = ({ severity, entity }: GroupKey) => (severity === 'error' ? 0 : 100) + (entity === null ? 99 : entityNames.indexOf(entity))
  return groups.sort((a, b) => place(a) - place(b) || b.count - a.count || a.code.localeCompare(b.code) || (a.column ?? '').localeCompare(b.column ?? ''))
})

/** Whether a row below another one: left out only because its parent was. */
function isCascade(group: GroupKey): boolean {
  return group.code === 'parent_rejected' && group.severity === 'error'
}

function takes(filter: ExceptionFilter, group: GroupKey): boolean {
  return (filter.entity === null || filter.entity === (group.entity ?? 'package'))
    && (filter.code === null || filter.code === group.code)
    && (filter.column === null || filter.column === (group.column ?? ''))
    && (filter.severity === null || filter.severity === group.severity)
}

function listedGroups<G extends GroupKey>(groups: G[], filter: ExceptionFilter): G[] {
  const taken = groups.filter((group) => takes(filter, group))
  const folded = filter.entity === null && filter.code === null
  return folded ? taken.filter((group) => !isCascade(group)) : taken
}

/** Up to `limit` rows from the cursor on, going from one group to the next where one ends. */
async function acrossGroups(attemptId: string, groups: readonly GroupKey[], cursor: Cursor, limit: number): Promise<StoredException[]> {
  const backwards = cursor !== null && 'before' in cursor
  const order = backwards ? groups.toReversed() : groups
  let beyond: Beyond = null
  let at = 0
  if (cursor !== null) {
    const id = 'before' in cursor ? cursor.before : cursor.after
    const here = await row<GroupKey>(database(), groupOfId(attemptId, id))
    at = order.findIndex((group) => here !== undefined && sameGroup(group, here))
    if (at < 0) throw invalidInput('This page of the list does not exist any more. Start at the first page.')
    beyond = { id, backwards }
  }
  const found: StoredException[] = []
  for (; at < order.length && found.length < limit; at++) {
    const statement = groupRows(attemptId, order[at]!, beyond ?? (backwards ? { id: LAST_ID, backwards } : null), limit - found.length)
    found.push(...await rows<StoredException>(database(), statement))
    beyond = null
  }
  return found
}

function sameGroup(a: GroupKey, b: GroupKey): boolean {
  return a.severity === b.severity && a.entity === b.entity && a.code === b.code && a.column === b.column
}

async function withRowsBelow(attemptId: string, page: ExceptionRow[]): Promise<ExceptionRow[]> {
  const roots = page.filter((row) => row.severity === 'error' && row.entity !== null && row.record !== null && row.cause === null)
  if (roots.length === 0) return page
  const counts = await rows<{ causeEntity: EntityName; causeRecord: number; entity: EntityName; count: number }>(database(), 
    countsBelow(attemptId, roots.map((row) => ({ entity: row.entity!, record: row.record! }))))
  const byCause = Map.groupBy(counts, (c) => `${c.causeEntity} ${c.causeRecord}`)
  // A record with several errors shows what hangs on it once, at the first of them.
  const told = new Set<string>()
  return page.map((row) => {
    const place = `${row.entity} ${row.record}`
    if (!roots.includes(row) || told.has(place)) return row
    told.add(place)
    const below = (byCause.get(place) ?? []).map(({ entity, count }) => ({ entity, count }))
    return { ...row, below: below.sort((a, b) => entityNames.indexOf(a.entity) - entityNames.indexOf(b.entity)) }
  })
}

async function samplesOf(user: CurrentUser, attemptId: string, groups: readonly GroupKey[]): Promise<string[][]> {
  const samples: string[][] = groups.map(() => [])
  for (let start = 0; start < groups.length; start += GROUPS_PER_STATEMENT) {
    const part = groups.slice(start, start + GROUPS_PER_STATEMENT)
    const values = await rows<{ at: number; value: string | null }>(database(), groupSamples(attemptId, part, 10))
    for (const { at, value } of values) {
      const group = part[at]!
      const shown = value === null || value === '' ? null : shownTo(user, group.entity, group.column, value)
      const list = samples[start + at]!
      if (shown !== null && list.length < SAMPLES && !list.includes(shown)) list.push(shown)
    }
  }
  return samples
}
