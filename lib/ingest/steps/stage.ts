import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Connection } from 'mysql2/promise'
import { entities, entityOf, type Entity, type EntityName } from '#lib/contract/index.ts'
import type { Header } from '#lib/contract/header.ts'
import { RowEncoder } from '../csv/encode-rows.ts'
import { Spool } from '../csv/spool.ts'
import { stagedColumns, type StagedColumn } from '../csv/staged-columns.ts'
import { StagingPass } from '../csv/staging-pass.ts'
import { failpoint } from '../failpoint.ts'
import type { FileSource } from '../source.ts'
import type { Server } from '../sql/server.ts'
import { ident, join, parsed, row, rows, run, sql, type Db, type Sql } from '../sql/sql.ts'
import { analyze, createExceptions, createLate, createRepeats, createStaging, createStopped, createValues, createWork, loadExceptions, loadLate, loadRepeating, loadRows, loadValues, stagingTable, unknownColumns } from '../sql/staging.ts'
import { createRepeating, findRepeats, repeatingTable, tellRepeats } from '../sql/repeats.ts'
import { takeSpare } from '../sql/spares.ts'
import type { InspectedFile } from './package.ts'

/** Cents as text, since JSON has no big integers. */
type Sums = { file: string; valid: string }

/** What the ledger needs of a staged file. */
export type StagedFacts = {
  /** Counted in the table, not taken from the parser; see `counted`. */
  valid: number; rejected: number; repeats: boolean; exceptions: boolean; unnamedColumns: number[]; money: Record<string, Sums>
  /** Whether values of some rows differ from their texts, and are in the table of values. */
  differing: boolean
  /** Whether some rows go into production after later ones of the file, and are in the table of those. */
  late: boolean
  /** Valid rows that name an optional parent, by column. */
  named: Record<string, number>
}

export type StagedFile = {
  entity: Entity; table: string; records: number; columns: StagedColumn[]; facts: StagedFacts
  /** True when the tables of an earlier attempt were used again. */
  reused: boolean
  /** False while nobody has counted in the table that the records are there, all of them valid: matching does so on its way. */
  counted: boolean
}

export type StageContext = {
  /** Of its own for the rows; `control` for everything else, shared with others. */
  connection: Connection; control: Db; server: Server; schema: string; loadId: number; attempt: number
  /** Entities of which the shop has rows, which the file's will be compared with. */
  imported: ReadonlySet<EntityName>
  timeZone: string; nowMs: number
}

/**
 * What a staged file depends on beside its bytes. The day is in it because some rules look at the clock; a rerun on
 * another day checks again.
 */
export function fingerprint(e: Entity, context: Pick<StageContext, 'timeZone' | 'nowMs'>): string {
  const day = new Date(context.nowMs).toISOString().slice(0, 10)
  const rules = e.rules.map((r) => r.rule)
  return createHash('sha256').update(JSON.stringify([8, e, rules, context.timeZone, day])).digest('hex')
}

// Somebody made room: then the file is staged anew.
const NO_SUCH_TABLE = 1146
const TABLE_EXISTS = 1050

/** The tables of an earlier attempt that hold the same bytes, checked by the same rules (DESIGN 5.2); undefined if there are none. */
export async function stagedBefore(context: Omit<StageContext, 'connection' | 'server'>, e: Entity, sha256: string): Promise<StagedFile | undefined> {
  const found = await row<{ tableName: string; records: number; columns: StagedColumn[] | string; facts: StagedFacts | string }>(context.control, sql`
    select tableName, records, \`columns\`, facts from staged_file
    where loadId = ${context.loadId} and entity = ${e.name} and sha256 = ${sha256} and fingerprint = ${fingerprint(e, context)} and purgedAt is null
    order by id desc limit 1`)
  if (!found) return undefined
  const table = ident(context.schema, found.tableName)
  const facts = parsed(found.facts)
  try {
    await run(context.control, sql`truncate table ${suffixed(context.schema, found.tableName, 'work')}`)
    await makeStopped(context, e, found.tableName)
    for (const suffix of besides(facts)) await row(context.control, sql`select 1 from ${suffixed(context.schema, found.tableName, suffix)} limit 1`)
    const counted = await row<{ n: number }>(context.control, sql`select count(*) as n from ${table}`)
    if (Number(counted!.n) !== Number(found.records)) return undefined
  } catch (error) {
    if ((error as { errno?: number }).errno === NO_SUCH_TABLE) return undefined
    throw error
  }
  return { entity: e, table: found.tableName, records: Number(found.records), columns: parsed(found.columns), facts, reused: true, counted: true }
}

/** The tables that may lie beside a staging table. Making one takes the database longer than most of what they hold. */
export const suffixes = ['values', 'work', 'exceptions', 'repeats', 'stopped', 'late'] as const
type Suffix = (typeof suffixes)[number]

/** Those that are there because something had to be kept in them. */
const besides = (facts: StagedFacts): Suffix[] =>
  [...(facts.differing ? ['values' as const] : []), ...(facts.exceptions ? ['exceptions' as const] : []), ...(facts.repeats ? ['repeats' as const] : []), ...(facts.late ? ['late' as const] : [])]

export const suffixed = (schema: string, table: string, suffix: Suffix): Sql => ident(schema, `${table}_${suffix}`)

/** Empty staging tables of a file. */
export type MadeTables = {
  name: string; header: Header
  /** Whether the shop has rows of the entity that the file will be compared with. */
  isCompared: boolean
}

/** Gives a file the staging tables that every file has: spare ones, or new ones. What an earlier try of the same attempt has left is dropped. */
export async function makeTables(context: StageContext, file: InspectedFile): Promise<MadeTables> {
  const { control, schema, server } = context
  const e = entityOf(file.entity)
  const name = stagingTable(context.loadId, context.attempt, e.name)
  const header = file.header ?? emptyHeader(e)
  const unknown = unknownColumns(e, header)
  const make = async () => {
    if (unknown.length === 0 && await takeSpare(control, schema, e, server, name)) return
    await run(control, createStaging(e, ident(schema, name), unknown, server))
    await run(control, createWork(e, suffixed(schema, name, 'work')))
  }
  try {
    await make()
  } catch (error) {
    if ((error as { errno?: number }).errno !== TABLE_EXISTS) throw error
    await dropStaging(control, schema, name)
    await make()
  }
  const isCompared = await makeStopped(context, e, name)
  failpoint('W5', e.name)
  return { name, header, isCompared }
}

/**
 * The second step for one file: one pass over its bytes, every value checked on the way, into staging tables of its own.
 * Throws when the database did not take exactly what was parsed. `onRows` hears how many records were read so far.
 */
export async function stageFile(context: StageContext, source: FileSource, file: InspectedFile, { name, header, isCompared }: MadeTables, onRows: (records: number) => void): Promise<StagedFile> {
  const { connection, schema, server } = context
  const e = entityOf(file.entity)
  const checkContext = { timeZone: context.timeZone, nowMs: context.nowMs, currentYear: new Date(context.nowMs).getUTCFullYear(), isFresh: !isCompared }
  const encoder = new RowEncoder(e, header, file.records, checkContext)
  const beside = { exceptions: new Spool(), values: new Spool(), late: new Spool(), keys: new Spool() }
  const { exceptions, values, late, keys } = beside
  try {
    const pass = new StagingPass(source.open(file.name), encoder, beside, onRows)
    if (file.records > 0) await loadStream(connection, loadRows(e, ident(schema, name), header, !isCompared), Readable.from(pass.lines(), { objectMode: false }))
    if (file.records > 0 && pass.sha256 !== file.sha256) throw new Error(`${file.name} changed while it was read`)
    const found = encoder.facts()
    // Where every record is to be compared with earlier imports, they are counted then: that reads all of them anyway.
    const counted = isCompared && found.rejected === 0 && !found.repeats ? null
      : (await row<{ n: number; valid: number }>(connection, sql`select count(*) as n, coalesce(sum(_verdict = 0), 0) as valid from ${ident(schema, name)}`))!
    if (counted && Number(counted.n) !== file.records) throw new Error(`${file.name}: ${file.records} records were read, ${counted.n} are staged`)
    const valid = counted ? Number(counted.valid) : file.records
    if (!values.isEmpty) {
      await run(connection, createValues(e, suffixed(schema, name, 'values'), header, server))
      await loadStream(connection, loadValues(e, suffixed(schema, name, 'values'), header), await values.read())
    }
    const hasLate = !late.isEmpty
    if (hasLate) {
      await run(connection, createLate(suffixed(schema, name, 'late')))
      await loadStream(connection, loadLate(suffixed(schema, name, 'late')), await late.read())
    }
    failpoint('W9', e.name)
    if (!exceptions.isEmpty || found.repeats) await run(connection, createExceptions(suffixed(schema, name, 'exceptions'), server))
    if (!exceptions.isEmpty) await loadStream(connection, loadExceptions(suffixed(schema, name, 'exceptions')), await exceptions.read())
    const repeats = found.repeats && await recordRepeats(context, e, name, header, encoder, keys)
    const money = Object.fromEntries(Object.entries(found.money).map(([column, sums]) => [column, { file: String(sums.file), valid: String(sums.valid) }]))
    const facts: StagedFacts = { valid, rejected: file.records - valid, repeats, exceptions: !exceptions.isEmpty || repeats, differing: !values.isEmpty, late: hasLate, unnamedColumns: found.unnamedColumns, money, named: found.named }
    await run(connection, analyze([ident(schema, name), ...besides(facts).map((suffix) => suffixed(schema, name, suffix))]))
    const columns = stagedColumns(e, header)
    await run(connection, sql`insert into staged_file (loadId, attempt, entity, sha256, fingerprint, tableName, \`columns\`, records, facts)
      values (${context.loadId}, ${context.attempt}, ${e.name}, ${file.sha256}, ${fingerprint(e, context)}, ${name}, ${JSON.stringify(columns)}, ${file.records}, ${JSON.stringify(facts)})`)
    failpoint('W7', e.name)
    return { entity: e, table: name, records: file.records, columns, facts, reused: false, counted: counted !== null }
  } finally {
    await Promise.all(Object.values(beside).map((spool) => spool.close()))
  }
}

/** Makes the table of keys that a load no longer holds, empty, where the shop has any of the entity; gives whether it has. */
async function makeStopped({ control, schema, imported }: Pick<StageContext, 'control' | 'schema' | 'imported'>, e: Entity, name: string): Promise<boolean> {
  if (!imported.has(e.name)) return false
  await run(control, sql`drop table if exists ${suffixed(schema, name, 'stopped')}`)
  await run(control, createStopped(suffixed(schema, name, 'stopped')))
  return true
}

/** A file of zero bytes reads like one with the contract's header and no records. */
function emptyHeader(e: Entity): Header {
  const names = Object.keys(e.columns)
  return { columns: names.map((name, index) => ({ header: name, column: name, index })), width: names.length, problems: [], unknown: [], isCorrection: false }
}

/** Drops everything that an attempt has staged itself. Tables that it took over from an earlier one stay. */
export async function dropStagingOf(db: Db, schema: string, loadId: number, attempt: number): Promise<void> {
  for (const e of entities) await dropStaging(db, schema, stagingTable(loadId, attempt, e.name))
  await run(db, sql`update staged_file set purgedAt = now(3) where loadId = ${loadId} and attempt = ${attempt}`)
}

export async function dropStaging(connection: Db, schema: string, table: string): Promise<void> {
  // While the staging table is there, so may the others be: a server that stops half way leaves it.
  const names = [...suffixes.map((s) => suffixed(schema, table, s)), ident(schema, table)]
  await run(connection, sql`drop table if exists ${join(names)}`)
}

/** Runs one LOAD DATA LOCAL fed by `stream` and nothing else. The server turns errors into warnings here: there may be none. */
export async function loadStream(connection: Connection, statement: Sql, stream: Readable): Promise<void> {
  try {
    await connection.query({ sql: statement.text, values: statement.values as unknown[], infileStreamFactory: () => stream })
  } finally {
    stream.destroy()
  }
  const warnings = await rows<{ Message: string }>(connection, sql`show warnings limit 3`)
  if (warnings.length > 0) throw new Error(`the database did not take the rows as they were sent: ${warnings.map((w) => w.Message).join('; ')}`)
}

/** Finds the repeated keys among those that the pass suspected and has noted in `keys`; false when there are none. */
async function recordRepeats(context: StageContext, e: Entity, name: string, header: Header, encoder: RowEncoder, keys: Spool): Promise<boolean> {
  await run(context.connection, createRepeats(suffixed(context.schema, name, 'repeats')))
  const tables = { staging: ident(context.schema, name), repeats: suffixed(context.schema, name, 'repeats'), exceptions: suffixed(context.schema, name, 'exceptions') }
  const cells = [...new Set(stagedColumns(e, header).map((c) => (c.own ? c.staging : '_more'))), '_raw']
  for (const statement of createRepeating) await run(context.connection, statement)
  await loadStream(context.connection, loadRepeating(repeatingTable), Readable.from(encoder.repeating(keys.pieces()), { objectMode: false }))
  for (const statement of findRepeats(e, tables, cells)) await run(context.connection, statement)
  const found = await row<{ n: number }>(context.connection, sql`select count(*) as n from ${tables.repeats}`)
  if (Number(found!.n) === 0) return false
  await run(context.connection, tellRepeats(e, tables))
  return true
}

