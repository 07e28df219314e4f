import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { fieldOf } from './csv/field.ts'
import { Spool } from './csv/spool.ts'
import { failpoint } from './failpoint.ts'
import { Fenced, LoadFailed, isOutOfSpace, isOwnDisk, isTransient } from './load-errors.ts'
import { stagedEarlier, stageInLanes, type Staging } from './lanes.ts'
import type { Progress } from './progress.ts'
import { makeReady, type Ready } from './ready.ts'
import type { AttemptStatus, MoneySums } from './report.ts'
import type { FileSource } from './source.ts'
import { abandon, connect } from './sql/connect.ts'
import { insertFileWarnings, insertLedgerLines, insertMoneyLines, reserveIds, type FileWarning, type LedgerLine } from './sql/ledger.ts'
import { createLinkTables } from './sql/links.ts'
import { createRejected, createSeen } from './sql/match.ts'
import { isAtWork } from './sql/silence.ts'
import { ident, raw, row, rows, run, sql, type Db } from './sql/sql.ts'
import { makeStandIns } from './sql/stand-ins.ts'
import { checkPackage, type Package } from './steps/package.ts'
import { dropStagingOf, loadStream } from './steps/stage.ts'
import { matchEntity, type WriteContext } from './steps/match.ts'
import { moneyNames, reconcileEntity, toldExceptions, writeEntity, type Money } from './steps/write.ts'

/** What one attempt needs to run. The caller owns the attempt, the queue and the store; this owns the data. */
export type LoadContext = {
  url: string
  stagingSchema: string
  /** `laterLoads`: where an earlier attempt has brought rows of it in, the loads of the shop that came in after that. */
  load: { id: number; slug: string; shopId: number; timeZone: string; laterLoads: readonly number[] }
  attempt: { id: number; number: number }
  source: FileSource
  dryRun: boolean
  nowMs: number
  /** For short statements outside of the transaction. */
  control: Db
  progress: Progress
  /** Before a try touches staging, and inside the transaction, first thing: throws `Fenced` unless this attempt is still the load's current one. */
  fence(connection: Connection): Promise<void>
  /** Inside the transaction, last thing: what must commit with the data (attempt, load, job, audit). */
  finish(tx: Connection, outcome: Outcome): Promise<void>
  /** After a lost connection: whether the attempt had been committed. */
  committed(): Promise<boolean>
  /** What became of the files' inspection: counts and checksums for the ledger. */
  onPackage(found: Package): Promise<void>
}

export type Outcome = { status: AttemptStatus; records: number; errors: number; warnings: number }

const TRIES = 5
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5000

/**
 * Runs one attempt of a load: package, stage, validate, match, write, reconcile, publish (DESIGN 5). Everything from match
 * on is one transaction; it is rolled back by anything that goes wrong, and on purpose by a dry run.
 * Throws LoadFailed when the load failed, Fenced when another worker has taken over.
 */
export async function runLoad(context: LoadContext): Promise<Outcome> {
  try {
    return await untilDone(context)
  } catch (error) {
    // The end of the attempt is noted next, and its steps must not change after that.
    await context.progress.settle().catch(() => undefined)
    throw error
  }
}

async function untilDone(context: LoadContext): Promise<Outcome> {
  let found: Package | undefined
  for (let tries = 1; ; tries++) {
    const inspecting = found ? Promise.resolve(found) : inspect(context).then((inspected) => (found = inspected))
    try {
      const outcome = await stageAndWrite(context, inspecting)
      await context.progress.settle()
      return outcome
    } catch (error) {
      if (error instanceof LoadFailed || error instanceof Fenced || !isTransient(error)) throw error
      if (await committed(context)) return await outcomeOf(context)
      if (tries === TRIES) throw new LoadFailed('database_error', `The database failed ${TRIES} times in a row (${describe(error)}). Nothing was written. Run the load again when the database is well.`, [], { cause: error })
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 4 ** tries) * (0.5 + Math.random()))
    }
  }
}

/** The package when it is as the contract wants it; else the load has failed. */
async function inspect(context: LoadContext): Promise<Package> {
  const found = await context.progress.step('package', '', () => checkPackage(context.source, context.load.slug),
    (p) => ({ rows: [...p.files.values()].reduce((n, f) => n + f.records, 0), counts: { files: p.files.size, problems: p.problems.length } }))
  await context.onPackage(found)
  failpoint('W4')
  if (found.problems.length === 0 && found.manifest) return found
  const [first, ...more] = found.problems
  throw new LoadFailed('package_refused', `${first!.message}${more.length > 0 ? ` And ${more.length} more ${more.length === 1 ? 'problem' : 'problems'}.` : ''}`, found.problems)
}

const describe = (error: unknown) => (error as { code?: string }).code ?? 'no code'

async function committed(context: LoadContext): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await context.committed()
    } catch (error) {
      if (tries === TRIES) throw error
      await sleep(LONGEST_PAUSE_MS / 2)
    }
  }
}

async function outcomeOf(context: LoadContext): Promise<Outcome> {
  const found = await row<Outcome>(context.control, sql`select status, records, errors, warnings from attempt where id = ${context.attempt.id}`)
  return { status: found!.status, records: Number(found!.records), errors: Number(found!.errors), warnings: Number(found!.warnings) }
}

/**
 * One try; the database is made ready while the package is still being inspected. What an earlier one staged is found again; a
 * transaction that broke is rolled back whole (RELIABILITY F8).
 */
async function stageAndWrite(context: LoadContext, inspected: Promise<Package>): Promise<Outcome> {
  const settings = { localInfile: true, atWork: (threadId: number) => isAtWork(context.control, threadId) }
  const connections: Connection[] = []
  const open = async (count: number) => {
    const opened = await Promise.allSettled(Array.from({ length: count }, async () => void connections.push(await connect(context.url, settings))))
    // Only now: those that were on their way are not left behind.
    for (const one of opened) if (one.status === 'rejected') throw one.reason
    return connections
  }
  let staged: Staging | undefined
  // What a try has begun ends with it: the next one notes the same steps.
  const close = async () => {
    connections.forEach(abandon)
    await Promise.allSettled(staged ? [staged.tables, ...staged.files.values()] : [])
  }
  let tx: Connection | undefined
  try {
    const [found, ready] = await both(inspected, makeReady(context, open))
    tx = ready.tx
    const before = await stagedEarlier(context, ready, found)
    staged = stageInLanes(context, ready, found, before)
    return await writeOnce(context, ready, found, staged)
  } catch (error) {
    await tx?.query('rollback').catch(() => undefined)
    if (!isOutOfSpace(error)) throw error
    // Others need the room too, first of all the note that this attempt has failed.
    await close()
    await takeBackStaging(context)
    throw new LoadFailed('no_space', `${isOwnDisk(error) ? 'There is no room for the worker’s temporary files' : 'The database’s disk is full'} (${describe(error)}). Nothing was written, and what was staged is gone again. Make room, then run the load again.`, [], { cause: error })
  } finally {
    await close()
  }
}

/** Removes what this attempt has staged. The next one may use the same tables, so none takes over meanwhile; throws where one has. */
async function takeBackStaging({ url, control, fence, stagingSchema, load, attempt }: LoadContext): Promise<void> {
  const holding = await connect(url)
  try {
    await holding.beginTransaction()
    await fence(holding)
    await dropStagingOf(control, stagingSchema, load.id, attempt.number)
  } finally {
    abandon(holding)
  }
}

/** What both give, once both have ended. When both fail, it is the first one's failure. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}

type Result = { lines: Map<EntityName, LedgerLine>; money: Record<string, Money>; newer: Map<EntityName, number> }

/** The load's one transaction. DDL comes before it: it would commit. */
async function writeOnce(context: LoadContext, { elsewhere, ...about }: Ready, found: Package, staged: Staging): Promise<Outcome> {
  const { tx } = about
  for (const e of entities) for (const statement of createRejected(e)) await run(tx, statement)
  for (const statement of [...createLinkTables, ...createSeen]) await run(tx, statement)
  if (elsewhere) for (const statement of makeStandIns) await run(tx, statement)

  await tx.beginTransaction()
  await context.fence(tx)
  const result = await writeEntities(context, about, found, staged)
  await tellFileWarnings(context, tx, found, staged, result)
  const outcome = outcomeFor(result)
  return await context.progress.step('publish', '', async () => {
    if (context.dryRun && !elsewhere) await rollbackButTell(context, tx, result, outcome)
    else await publish(context, tx, result, outcome)
    return outcome
  }, () => ({ rows: outcome.records }))
}

async function writeEntities(context: LoadContext, { tx, beside, firstOfShop }: Pick<Ready, 'tx' | 'beside' | 'firstOfShop'>, found: Package, staged: Staging): Promise<Result> {
  const reserve = async (entity: EntityName, size: number) => (await run(context.control, reserveIds(entity, size))).insertId
  // A shop's first load needs ids for all that it has, and writing need not wait for them. Whoever awaits some hears of a failure.
  const ahead = new Map(firstOfShop ? [...found.files.values()].map(({ entity, records }) => [entity, reserve(entity, records + 1)]) : [])
  for (const ids of ahead.values()) ids.catch(() => undefined)
  const write: WriteContext = {
    tx, beside, firstOfShop, schema: context.stagingSchema, shopId: context.load.shopId, loadId: context.load.id, attemptId: context.attempt.id, laterLoads: context.load.laterLoads,
    reserve: (entity, size) => ahead.get(entity) ?? reserve(entity, size),
    wrote: (entity, rows) => context.progress.rows('write', entity, rows),
    idle: () => staged.idle,
  }
  const { progress } = context
  const result: Result = { lines: new Map(), money: {}, newer: new Map() }
  const complaints: string[] = []
  const matches = new Map<EntityName, Awaited<ReturnType<typeof matchEntity>>>()
  for (const [name, ready] of staged.files) {
    const e = entityOf(name)
    const file = found.files.get(name)!
    const rowsOf = await ready
    const matched = await progress.step('match', e.name, () => matchEntity(write, rowsOf),
      (m) => ({ rows: rowsOf.records, counts: { new: m.newRows, changed: m.changed, unchanged: m.unchanged } }))
    const written = await progress.step('write', e.name, () => writeEntity(write, rowsOf, matched, file),
      (m) => ({ rows: m.newRows + m.changed, counts: { new: m.newRows, changed: m.changed, orphans: m.orphans } }))
    matches.set(e.name, written)
    result.newer.set(e.name, written.newer)
    failpoint('W16', e.name)
  }
  failpoint('W17')
  await progress.step('reconcile', '', async () => {
    const told = await toldExceptions(write)
    for (const e of entities) {
      const entity = await reconcileEntity(write, await staged.files.get(e.name)!, matches.get(e.name)!, found.files.get(e.name)!, told)
      result.lines.set(e.name, entity.line)
      Object.assign(result.money, entity.money)
      complaints.push(...entity.complaints)
      failpoint('W18', e.name)
    }
    if (complaints.length > 0) throw new LoadFailed('not_reconciled', `The load does not reconcile, so nothing was written: ${complaints.join('; ')}.`)
  }, () => ({ rows: total(result, 'records') }))
  failpoint('W19')
  return result
}

const total = (result: Result, count: 'records' | 'rejected' | 'warnings') => [...result.lines.values()].reduce((n, line) => n + line[count], 0)

function outcomeFor(result: Result): Outcome {
  const errors = total(result, 'rejected')
  return { status: errors > 0 ? 'completed_with_exceptions' : 'completed', records: total(result, 'records'), errors, warnings: total(result, 'warnings') }
}

const WARNINGS_AT_ONCE = 500

/** Remarks on whole files: columns that the contract does not know, files that the manifest does not list, rows that a rerun left as newer loads brought them. */
async function tellFileWarnings(context: LoadContext, tx: Connection, found: Package, staged: Staging, { newer }: Result): Promise<void> {
  const warnings: FileWarning[] = []
  for (const { entity, name: file, header } of found.files.values()) {
    for (const column of header?.unknown ?? []) warnings.push({ entity, file, column, code: 'unknown_column', detail: null })
    const { facts } = await staged.files.get(entity)!
    for (const index of facts.unnamedColumns) warnings.push({ entity, file, column: null, code: 'unnamed_column', detail: String(index + 1) })
    if (newer.get(entity)! > 0) warnings.push({ entity, file, column: null, code: 'newer_rows_kept', detail: String(newer.get(entity)) })
  }
  for (const name of found.unlisted) warnings.push({ entity: null, file: name.slice(0, 250), column: null, code: 'unlisted_file', detail: null })
  for (let i = 0; i < warnings.length; i += WARNINGS_AT_ONCE) await run(tx, insertFileWarnings(context.attempt.id, warnings.slice(i, i + WARNINGS_AT_ONCE)))
}

const text = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

// From here to the commit the transaction holds rows that everybody needs: its job's, and the end of the audit trail.
const STANDSTILL_SECONDS = 10

async function publish(context: LoadContext, tx: Connection, result: Result, outcome: Outcome): Promise<void> {
  const noted = context.progress.settle()
  noted.catch(() => undefined)
  // The server itself ends a connection that stands still, should this process or its machine do so.
  await run(tx, sql`set session wait_timeout = ${STANDSTILL_SECONDS}`)
  await run(tx, insertLedgerLines(context.attempt.id, result.lines))
  await run(tx, insertMoneyLines(context.attempt.id, new Map(moneyNames.map((measure): [string, MoneySums] => {
    const { file, accepted, production } = result.money[measure]!
    return [measure, { file: text(file), accepted: text(accepted), production: text(production) }]
  }))))
  // Whoever hears of the end finds noted what led to it.
  await noted
  await context.finish(tx, outcome)
  failpoint('W13')
  const committing = tx.commit()
  failpoint('W14')
  await committing
  failpoint('W15')
}

const EXCEPTION_COLUMNS = ['entity', 'file', 'line', 'record', 'key', 'column', 'code', 'severity', 'value', 'detail', 'causeEntity', 'causeRecord']

/** A dry run in production's own tables: everything that was written goes, what was found out about it stays. */
async function rollbackButTell(context: LoadContext, tx: Connection, result: Result, outcome: Outcome): Promise<void> {
  const columns = raw(EXCEPTION_COLUMNS.map((c) => ident(c).text).join(', '))
  const spool = new Spool()
  try {
    const AT_ONCE = 10_000
    for (let after = 0; ;) {
      const page = await rows<Record<string, unknown> & { id: number }>(tx, sql`select id, ${columns} from load_exception where attemptId = ${context.attempt.id} and id > ${after} order by id limit ${AT_ONCE}`)
      await spool.write(page.map((r) => `${context.attempt.id}\t${EXCEPTION_COLUMNS.map((c) => fieldOf(r[c] === null ? null : String(r[c]))).join('\t')}\n`).join(''))
      if (page.length < AT_ONCE) break
      after = page.at(-1)!.id
    }
    await tx.rollback()
    await tx.beginTransaction()
    await context.fence(tx)
    if (!spool.isEmpty) await loadStream(tx, sql`load data local infile 'stream' into table load_exception character set utf8mb4 fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n' (attemptId, ${columns})`, await spool.read())
    await publish(context, tx, result, outcome)
  } finally {
    await spool.close()
  }
}
