import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { MANIFEST_NAME, entityNames, entityOf, type EntityName } from '#lib/contract/index.ts'
import { RowEncoder } from '#lib/ingest/csv/encode-rows.ts'
import { Spool } from '#lib/ingest/csv/spool.ts'
import { StagingPass } from '#lib/ingest/csv/staging-pass.ts'
import type { FileSource } from '#lib/ingest/source.ts'
import { checkPackage, type InspectedFile } from '#lib/ingest/steps/package.ts'
import type { Random } from '#lib/sample/random.ts'
import { HOSTILE_TEXT, byteMutations, honestTables, recordsIn, tableMutations, written } from './mutations.ts'

export type Files = Map<string, Buffer>
/** What the parts in front of the database made of one file. */
export type ReadFile = { records: number; rejected: number; exceptions: number }
export type Verdict = { refused: boolean; files: Map<EntityName, ReadFile> }

export const LOAD_ID = '2025-08-22_fuzz'
const NOW_MS = Date.UTC(2025, 7, 22)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const repeated = (bytes: Buffer, dice: Random, times: number) => {
  const [header = '', ...records] = bytes.toString().split('\n')
  const record = records.length > 0 ? dice.of(records) : ''
  return Buffer.from([header, ...Array.from({ length: times }, () => record), ''].join('\n'))
}
const widened = (bytes: Buffer, dice: Random, columns: number) => {
  const names = Array.from({ length: columns }, (_, i) => (dice.chance(0.01) ? dice.of(HOSTILE_TEXT).replace(/[",\r\n]/g, '') : `column ${i}`))
  return Buffer.from(bytes.toString().replace(/^[^\n]*/, (header) => [header, ...names].join(',')))
}

/** Mutations that make files large, so they come seldom. */
const largeMutations: readonly ((bytes: Buffer, dice: Random) => Buffer)[] = [
  (bytes, dice) => repeated(bytes, dice, 2_000),
  (bytes, dice) => widened(bytes, dice, dice.of([61, 300, 1_950, 2_100])),
  (bytes, dice) => Buffer.concat([bytes, Buffer.from(`${dice.of(['x', '"x', '"x"', 'é,'])}${'y'.repeat(300_000)}\n`)]),
  (bytes, dice) => Buffer.concat([Buffer.from(`${dice.of(['', '"', 'a,'])}${'h'.repeat(1_100_000)}`), bytes]),
]

const manifestMutations: readonly ((manifest: string, dice: Random) => string | Buffer)[] = [
  (manifest, dice) => manifest.slice(0, dice.int(0, manifest.length)),
  (manifest, dice) => { const bytes = Buffer.from(manifest); bytes[dice.int(0, bytes.length - 1)]! ^= 1 << dice.int(0, 7); return bytes },
  (manifest, dice) => manifest.replace(/"rows":\d+/, `"rows":${dice.of(['-1', '1.5', '"12"', '1e309', 'null', '{}', '"1e3"', '99999999999', 'true', '[1]'])}`),
  (manifest, dice) => manifest.replace(/"sha256":"[^"]*"/, `"sha256":${dice.of(['""', 'null', `"${'A'.repeat(64)}"`, '7', '{"a":1}', '"é"'])}`),
  (manifest, dice) => manifest.replace(/"name":"[^"]*"/, `"name":${JSON.stringify(dice.of([...HOSTILE_TEXT, '../customers.csv', 'CUSTOMERS.CSV', 'documents.csv', 'manifest.json']))}`),
  (manifest, dice) => manifest.replace('{', `{${dice.of(['"__proto__":{"polluted":1}', '"constructor":{}', '"files":[]', '"load_id":"x"', '"schema_version":"v9"', '"created_at":{}'])},`),
  (manifest, dice) => { const depth = dice.of([5, 21, 30_000]); return manifest.replace('{', `{"x":${'['.repeat(depth)}${']'.repeat(depth)},`) },
  (manifest, dice) => `${' '.repeat(dice.of([1, 70_000]))}${manifest}`,
  (manifest) => JSON.stringify(JSON.parse(manifest).files),
  (_, dice) => dice.of(['', 'null', '0', '"text"', '[]', '{}', '{"files":null}', '{"load_id":1,"files":[]}', '\uFEFF{}', '\0', '{"files":[null,1,"x",[]],"load_id":"2025-08-22_fuzz"}']),
]

/** A delivery, and which of its files are not what an honest shop would send. */
export type Fuzzed = { files: Files; broken: ReadonlySet<EntityName> }

/**
 * An honest delivery with one to four things broken: cells, rows, columns, bytes, now and then something large, or, as often as is said,
 * its manifest, or that a file is not there.
 */
export function fuzzedDelivery(dice: Random, { brokenManifests = 0.1, missingFiles = 0.01 } = {}): Fuzzed {
  const tables = honestTables(dice)
  const broken = new Set<EntityName>()
  const some = () => {
    const name = dice.of(entityNames)
    broken.add(name)
    return name
  }
  for (let n = dice.int(1, 3); n > 0; n--) dice.of(tableMutations)(tables[some()], dice, tables)
  const bytes = new Map<EntityName, Buffer>(entityNames.map((name) => [name, written(tables[name], dice)]))
  const change = (mutations: readonly ((bytes: Buffer, dice: Random) => Buffer)[], name: EntityName) => bytes.set(name, dice.of(mutations)(bytes.get(name)!, dice))
  if (dice.chance(0.4)) change(byteMutations, some())
  if (dice.chance(0.01)) change(largeMutations, some())

  const entries = entityNames.map((name) => ({ name: entityOf(name).file, rows: recordsIn(bytes.get(name)!), sha256: sha256(bytes.get(name)!) }))
  const files: Files = new Map(entityNames.map((name) => [entityOf(name).file, bytes.get(name)!]))
  const manifest = JSON.stringify({ load_id: LOAD_ID, files: entries })
  files.set(MANIFEST_NAME, Buffer.from(dice.chance(brokenManifests) ? dice.of(manifestMutations)(manifest, dice) : manifest))
  if (dice.chance(missingFiles)) files.delete(dice.of([...files.keys()]))
  return { files, broken }
}

/** The bytes cut at `cuts` random places, which must make no difference to anything. */
function pieces(bytes: Buffer, cuts: number, dice: Random): Buffer[] {
  const places = [0, ...Array.from({ length: cuts }, () => dice.int(0, bytes.length)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end)).filter((piece) => piece.length > 0)
}

function memorySource(files: Files, cuts: number, dice: Random): FileSource {
  return {
    names: async () => [...files.keys()].sort(),
    open: (name) => Readable.from(pieces(files.get(name)!, cuts, dice), { objectMode: false }),
  }
}

export type Encoded = { lines: string; exceptions: string; values: string; late: string; rejected: number }

/** What LOAD DATA would be given for a file that was inspected before. */
export async function encode(source: FileSource, file: Pick<InspectedFile, 'name' | 'entity' | 'header' | 'records' | 'sha256'>): Promise<Encoded> {
  const encoder = new RowEncoder(entityOf(file.entity), file.header!, file.records, { timeZone: 'America/New_York', nowMs: NOW_MS, currentYear: 2025, isFresh: true })
  const beside = { exceptions: new Spool(), values: new Spool(), late: new Spool(), keys: new Spool() }
  const pass = new StagingPass(source.open(file.name), encoder, beside, () => undefined)
  const lines = await text(Readable.from(pass.lines(), { objectMode: false }))
  if (pass.sha256 !== file.sha256) throw new Error(`${file.name}: the bytes staged are not the bytes inspected`)
  const [exceptions, values, late] = await Promise.all([beside.exceptions, beside.values, beside.late].map(async (spool) => text(await spool.read())))
  await Promise.all(Object.values(beside).map((spool) => spool.close()))
  return { lines, exceptions: exceptions!, values: values!, late: late!, rejected: encoder.facts().rejected }
}

const fieldsOf = (lines: string) => lines.split('\n').slice(0, -1).map((line) => line.split('\t'))

/** Throws unless every record has one line with every column, and every rejected one at least one error. */
function account(file: InspectedFile, { lines, exceptions, values, late, rejected }: Encoded): ReadFile {
  const fail = (what: string) => { throw new Error(`${file.name}: ${what}`) }
  const rows = fieldsOf(lines)
  if (rows.length !== file.records) fail(`${file.records} records were found and ${rows.length} were staged`)
  const left = new Set<string>()
  for (const [i, row] of rows.entries()) {
    if (row.length !== rows[0]!.length) fail(`record ${i + 1} has ${row.length} columns, the first has ${rows[0]!.length}`)
    if (row[0] !== String(i + 1)) fail(`record ${i + 1} is numbered ${row[0]}`)
    if (row[2] === '1') left.add(row[0]!)
  }
  if (left.size !== rejected) fail(`${rejected} records were rejected and ${left.size} are marked`)
  const differing = fieldsOf(values)
  for (const row of differing) if (row.length !== differing[0]!.length) fail(`the values of record ${row[0]} are not whole`)
  if (new Set(differing.map(([record]) => record)).size !== differing.length) fail('a record has its values twice')
  const marked = rows.filter((row) => row[3] === '1').map(([record]) => record)
  if (marked.join() !== differing.map(([record]) => record).join()) fail('the records with values of their own are not those that are marked')
  const behind = new Set(fieldsOf(late).map(([record]) => record))
  for (const [record, above] of fieldsOf(late)) {
    if (left.has(record!) || left.has(above!)) fail(`record ${record} is late for record ${above}, and one of them is rejected`)
    if (behind.has(above)) fail(`record ${record} comes before its parent ${above}`)
    behind.delete(record)
  }
  const told = fieldsOf(exceptions)
  const withErrors = new Set<string>()
  for (const exception of told) {
    const [record, line, , column, code, severity] = exception as [string, string, string, string, string, string]
    if (exception.length !== 8 || Number(line) < 2 || code === '' || column === '') fail(`an exception is not whole: ${JSON.stringify(exception)}`)
    if (severity === 'error') withErrors.add(record)
    else if (left.has(record)) fail(`record ${record} is rejected and warned`)
  }
  if (withErrors.size !== left.size || [...left].some((record) => !withErrors.has(record))) fail('a rejected record has no error, or an error rejects none')
  return { records: rows.length, rejected, exceptions: told.length }
}

function refuseDifference(what: string, one: unknown, two: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(two)) throw new Error(`${what}: not the same as before:\n${JSON.stringify(one)}\n${JSON.stringify(two)}`)
}

/**
 * Takes a delivery through everything that stands in front of the database: manifest, inspection and header of all files,
 * parser, checks and encoder for those that were broken. One delivery in three is read again in other pieces, and without
 * the short cuts for plain records. Throws when anything is not accounted for, or differs.
 */
export async function readDelivery({ files, broken }: Fuzzed, dice: Random): Promise<Verdict> {
  const whole = memorySource(files, 0, dice)
  const cut = dice.chance(1 / 3) ? memorySource(files, dice.of([1, 3, 40]), dice) : null
  const found = await checkPackage(whole, LOAD_ID)
  if (cut) refuseDifference('problems in other pieces', found.problems, (await checkPackage(cut, LOAD_ID)).problems)
  for (const { message } of found.problems) {
    if (!/[.…]$/.test(message) || /undefined|NaN|\[object/.test(message)) throw new Error(`not a sentence: ${message}`)
  }
  const read = new Map<EntityName, ReadFile>()
  if (found.problems.length > 0) return { refused: true, files: read }
  for (const name of broken) {
    const file = found.files.get(name)!
    if (!file.header) continue
    const encoded = await encode(whole, file)
    if (cut) {
      refuseDifference(`${file.name} in other pieces`, encoded, await encode(cut, file))
      // A correction takes no short cut; without quotes to take off it must come out the same.
      const slowly = { ...file, header: { ...file.header, isCorrection: true } }
      if (!files.get(file.name)!.includes("'")) refuseDifference(`${file.name} without short cuts`, encoded, await encode(whole, slowly))
    }
    read.set(name, account(file, encoded))
  }
  return { refused: false, files: read }
}
