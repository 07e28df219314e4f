import { entities, moneyMeasures, type Entity, type EntityName } from '#lib/contract/index.ts'
import { failpoint } from '../failpoint.ts'
import { rowBeside, runBeside } from '../sql/beside.ts'
import { countExceptions, type LedgerLine } from '../sql/ledger.ts'
import * as fresh from '../sql/fresh.ts'
import * as match from '../sql/match.ts'
import { row, rows, run, sql } from '../sql/sql.ts'
import { freshRows, isSelf, rangesOf, rowsToWrite, type Ids, type Tables } from '../sql/tables.ts'
import * as write from '../sql/write.ts'
import { linkToOwnKind, unlinkMovedFrom } from './links.ts'
import type { Matched, WriteContext } from './match.ts'
import type { InspectedFile } from './package.ts'
import type { StagedFile } from './stage.ts'
import { addMoney, nothing, toCents, type Summed } from './sums.ts'

/** One sum for each money column of the entity, in cents. */
export type Money = { file: bigint; accepted: bigint; production: bigint }
export type WrittenEntity = { line: LedgerLine; money: Record<string, Money>; complaints: string[] }

const num = (value: unknown) => Number(value)
const isParent = (e: Entity) => entities.some((child) => child.parents.some((p) => p.entity === e.name && child.name !== e.name))

async function tellWhatIsLeftOut({ tx }: WriteContext, staged: StagedFile, t: Tables, ids: Ids, file: string, orphans: boolean): Promise<void> {
  const e = staged.entity
  const required = e.parents.filter((p) => p.required)
  if (staged.facts.exceptions) await run(tx, match.copyExceptions(staged, t, ids, file, { orphans }))
  for (const parent of required) {
    if (orphans) await run(tx, match.tellOrphans(staged, t, ids, parent, file))
    if (staged.facts.rejected > 0) await run(tx, match.tellRejectedOrphans(staged, t, ids, parent, file))
  }
  if (!isParent(e)) return
  if (staged.facts.rejected > 0) await run(tx, match.noteRejectedByValue(staged, t))
  if (orphans) for (const parent of required) await run(tx, match.noteOrphans(staged, t, parent))
}

/**
 * The fifth step for one entity: crosswalk, links, before-images, new and changed rows, all as sets in file order; gives
 * the match with what writing found out.
 */
export async function writeEntity(context: WriteContext, staged: StagedFile, matched: Matched, file: InspectedFile): Promise<Matched> {
  if (matched.fresh) return writeFresh(context, staged, matched, file)
  const { tx } = context
  const { t, ids } = matched
  const e = staged.entity
  await tellWhatIsLeftOut(context, staged, t, ids, file.name, matched.orphans > 0)
  if (matched.gone > 0) for (const statement of match.leaveGone(staged, t, ids, file.name)) await run(tx, statement)
  if (matched.newRows > 0) await run(tx, write.insertCrosswalk(staged, t, ids))
  if (matched.changed > 0) {
    await run(tx, write.keepBefore(staged, t, ids))
    await run(tx, write.updateCrosswalk(staged, t, ids))
  }
  failpoint('W11', e.name)
  const written = rowsToWrite(staged, t)
  const any = matched.newRows + matched.changed > 0
  for (const parent of namedParents(staged)) {
    if (isSelf(e, parent)) {
      if (any || matched.unlinked > 0) await linkToOwnKind(tx, staged, t, ids, parent, file.name, { written, fresh: false, kept: matched.unlinked > 0 })
      continue
    }
    if (any) {
      await run(tx, match.tellMissingLinks(staged, ids, parent, file.name, written))
      await run(tx, match.markUnlinked(staged, t, ids, parent))
    }
    if (matched.unlinked > 0) await run(tx, match.tellKeptMissingLinks(staged, t, ids, parent, file.name))
  }
  if (matched.newRows > 0) {
    await run(tx, write.insertNew(staged, t, ids))
    for (const statement of write.linkForward(staged, t)) await run(tx, statement)
  }
  failpoint('W12', e.name)
  if (matched.changed > 0) {
    await run(tx, write.updateChanged(staged, t, ids))
    for (const parent of e.parents.filter((p) => isSelf(e, p))) await unlinkMovedFrom(tx, staged, t, ids, parent, file.name)
  }
  return matched
}

/** Optional parents that the file can name: without the column it names none (contract rule 9). */
const namedParents = ({ entity, columns }: StagedFile) => entity.parents.filter((p) => !p.required && columns.some((c) => c.column === p.column))

// Of a statement: what it has read or written is in memory still for the next one, whatever the size of the file.
const RANGE_RECORDS = 131_072

/** The same for an entity of which the shop had nothing: straight into production, then what did not get there. */
async function writeFresh(context: WriteContext, staged: StagedFile, matched: Matched, file: InspectedFile): Promise<Matched> {
  const { tx, beside } = context
  const { t, ids, endId } = matched
  const e = staged.entity
  const parents = namedParents(staged)
  const inserted: Summed = { n: 0 }
  let newRows = 0, orphans = 0, hasKeys = false
  const insert = async (part: fresh.Part) => {
    const { affectedRows } = await run(tx, fresh.insertFresh(staged, t, ids, part))
    newRows += affectedRows
    context.wrote(e.name, newRows)
    return affectedRows
  }
  const count = async (part: fresh.Part) => {
    const found = (await rowBeside<Summed>(tx, beside, fresh.countFresh(staged, t, ids, part)))!
    for (const name of ['n', ...parents.map((p) => p.column)]) inserted[name] = num(inserted[name] ?? 0) + num(found[name])
    addMoney(inserted, found, e, 'money')
  }
  const note = async (part: fresh.Part, missing: number) => {
    orphans += missing
    if (missing > 0) await runBeside(tx, beside, fresh.noteFreshOrphans(staged, t, ids, part))
  }
  // Looked at beside the next rows that come in. Who awaits it hears of a failure.
  let looked: Promise<unknown> = Promise.resolve()
  const look = (...after: readonly (() => Promise<void>)[]) => {
    looked = after.reduce((before, next) => before.then(next), Promise.resolve())
    looked.catch(() => undefined)
  }
  for (const range of matched.newRows > 0 ? rangesOf(staged.records, RANGE_RECORDS) : []) {
    const others: fresh.Part = { ...range, late: false }, late: fresh.Part = { ...range, late: true }
    const [came] = await Promise.all([insert(others), looked])
    if (came === 0 && !staged.facts.late) {
      // Where nothing came in, no key shall.
      const { n } = (await row<{ n: number }>(tx, fresh.countFreshKeys(staged, t, range)))!
      look(() => note(others, num(n)))
      continue
    }
    hasKeys = true
    const [keys] = await Promise.all([run(tx, fresh.insertFreshCrosswalk(staged, t, ids, range)), count(others)])
    if (!staged.facts.late) {
      look(() => note(others, keys.affectedRows - came))
      continue
    }
    const found = (await row<{ n: number; ready: number }>(tx, fresh.countLate(staged, t, range)))!
    const cameLate = num(found.ready) > 0 ? await insert(late) : 0
    look(() => note(others, keys.affectedRows - num(found.n) - came), () => count(late), () => note(late, num(found.ready) - cameLate))
  }
  await looked
  failpoint('W12', e.name)
  if (orphans > 0 && hasKeys) await run(tx, fresh.withdrawOrphans(staged, t, ids))
  await tellWhatIsLeftOut(context, staged, t, ids, file.name, orphans > 0)
  if (newRows > 0) {
    for (const parent of parents) {
      // Where every row that names one has its link there is nothing to look for.
      if (staged.facts.named[parent.column] === num(inserted[parent.column])) continue
      const written = freshRows(staged, t, ids, endId, parent)
      if (isSelf(e, parent)) {
        await linkToOwnKind(tx, staged, t, ids, parent, file.name, { written, fresh: true, kept: false })
      } else {
        await run(tx, match.tellMissingLinks(staged, ids, parent, file.name, written))
        await run(tx, match.markUnlinked(staged, t, ids, parent))
      }
    }
  }
  failpoint('W11', e.name)
  return { ...matched, newRows, orphans, inserted }
}

/** Rows left out, and warnings about rows, by entity. */
export type ToldExceptions = ReadonlyMap<EntityName, { rejected: unknown; warnings: unknown }>

/** What the exceptions say that the load has told so far. */
export async function toldExceptions({ tx, attemptId }: WriteContext): Promise<ToldExceptions> {
  const each = await rows<{ entity: EntityName; rejected: number; warnings: string }>(tx, countExceptions(attemptId))
  return new Map(each.map((counts) => [counts.entity, counts]))
}

/**
 * The sixth step for one entity: counts and sums taken from the tables themselves, and every equation of contract rule 22
 * that does not close, in words.
 */
export async function reconcileEntity({ tx }: WriteContext, staged: StagedFile, matched: Matched, file: InspectedFile, told: ToldExceptions): Promise<WrittenEntity> {
  const { t, ids, endId, same } = matched
  const e = staged.entity
  const leftOut = matched.orphans > 0 || staged.facts.repeats
  const inserted = matched.inserted ?? (matched.newRows > 0 ? (await row<Summed>(tx, write.sumInserted(e, t, ids, endId)))! : nothing)
  const updated = matched.changed > 0 ? (await row<Summed>(tx, write.sumUpdated(e, t, ids)))! : nothing
  const notAccepted = leftOut ? (await row<Summed>(tx, write.sumNotAccepted(staged, t)))! : nothing
  const repeats = new Map((staged.facts.repeats
    ? await rows<{ action: string; n: number }>(tx, sql`select action, count(*) as n from ${t.repeats} group by action`)
    : []).map(({ action, n }) => [action, num(n)]))
  const exceptions = told.get(e.name) ?? { rejected: 0, warnings: 0 }

  const line: LedgerLine = {
    manifest: file.manifestRows, records: file.records, staged: staged.records,
    accepted: staged.facts.valid - num(notAccepted.n), rejected: num(exceptions.rejected),
    superseded: repeats.get('superseded') ?? 0, identical: repeats.get('identical') ?? 0,
    inserted: num(inserted.n), updated: num(updated.n), unchanged: num(same.n), warnings: num(exceptions.warnings), stopped: matched.stopped,
    firstId: matched.newRows > 0 ? ids.base + 1 : null, endId: matched.newRows > 0 ? endId : null,
  }
  const money: Record<string, Money> = {}
  const complaints = equations(e, line, matched)
  for (const [i, column] of write.moneyColumns(e).entries()) {
    const { file: sent, valid } = staged.facts.money[column] ?? { file: '0', valid: '0' }
    const of = (summed: Summed, name = 'money') => toCents(summed[`${name}${i}`] ?? 0)
    const accepted = BigInt(valid) - of(notAccepted)
    const written = of(inserted) + of(updated)
    if (accepted - of(same, 'sent') !== written) {
      complaints.push(`${e.name}.${column}: the rows written should add up to ${accepted - of(same, 'sent')} cents and add up to ${written} in production`)
    }
    money[`${e.name}.${column}`] = { file: BigInt(sent), accepted, production: written + of(same) }
  }
  return { line, money, complaints }
}

function equations(e: Entity, line: LedgerLine, matched: Matched): string[] {
  const complaints: string[] = []
  const equal = (what: string, left: number, right: number) => {
    if (left !== right) complaints.push(`${e.name}: ${what} (${left} and ${right})`)
  }
  equal('the manifest announces what the file holds', line.manifest, line.records)
  equal('every record is staged', line.records, line.staged)
  equal('records = accepted + rejected + superseded + identical', line.records, line.accepted + line.rejected + line.superseded + line.identical)
  equal('accepted = inserted + updated + unchanged', line.accepted, line.inserted + line.updated + line.unchanged)
  equal('every new row was inserted', matched.newRows, line.inserted)
  equal('every changed row was updated', matched.changed, line.updated)
  return complaints
}

export const moneyNames: readonly string[] = moneyMeasures.map((m) => `${m.entity}.${m.column}`)
