import { parseDocument } from 'yaml'
import type { Problem, ProblemCode } from './codes.ts'
import { cut } from './cut.ts'
import { MANIFEST_NAME, SCHEMA_VERSION, entities, entityOfFile, type EntityName } from './index.ts'
import { isDeep } from './json-depth.ts'

export type ManifestEntry = { name: string; entity: EntityName; rows: number; sha256: string }
export type Manifest = { loadId: string; sourceSystem: string | null; createdAt: string | null; entries: ManifestEntry[] }

/** A manifest is a page of text; anything larger is something else. */
export const MANIFEST_MAX_BYTES = 64 * 1024
const MAX_ROWS = 2 ** 31 - 2

/** An entry as far as it could be read. */
export type Listed = { name: string; entity: EntityName; rows: number | null; sha256: string | null }
export type ManifestResult = { manifest: Manifest | null; listed: Listed[]; problems: Problem[] }

function parseJson(text: string): { value?: unknown; error?: string } {
  if (isDeep(text)) return { error: 'it is nested too deep' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { error: (error as Error).message }
  }
  // JSON.parse keeps the last of two equal names without a word; a manifest that says two things says nothing.
  const twice = parseDocument(text, { uniqueKeys: true, schema: 'json' }).errors.find((e) => e.code === 'DUPLICATE_KEY')
  return twice ? { error: `the same name stands twice in one object (line ${twice.linePos?.[0].line ?? 1})` } : { value }
}

// A value that somebody put there by mistake may be as long as the manifest.
const MAX_SHOWN = 100

const shown = (value: unknown) => cut(JSON.stringify(value), MAX_SHOWN)

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `rows` of a manifest entry: a whole number, or a string of digits (contract rule 2); null when it is neither. */
function rowsOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= MAX_ROWS ? number : null
}

/**
 * Reads manifest.json (contract rules 2 and 3). `bytes` with or without BOM; `loadId` is the folder's. All problems at once;
 * a manifest only when there are none.
 */
export function readManifest(bytes: Uint8Array, loadId: string): ManifestResult {
  const problems: Problem[] = []
  const problem = (code: ProblemCode, message: string, column: string | null = null) =>
    problems.push({ file: MANIFEST_NAME, line: null, column, code, message })

  if (bytes.length > MANIFEST_MAX_BYTES) {
    problem('manifest_too_large', `manifest.json has ${bytes.length} bytes; at most ${MANIFEST_MAX_BYTES} are read.`)
    return { manifest: null, listed: [], problems }
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    problem('manifest_not_json', 'manifest.json is not UTF-8 text. Save it as UTF-8.')
    return { manifest: null, listed: [], problems }
  }
  const parsed = parseJson(text)
  if (parsed.error !== undefined) {
    problem('manifest_not_json', `manifest.json cannot be read as JSON: ${parsed.error}.`)
    return { manifest: null, listed: [], problems }
  }
  const value = parsed.value
  if (!isObject(value)) {
    problem('manifest_shape', 'manifest.json must be an object with “load_id” (text) and “files” (a list).')
    return { manifest: null, listed: [], problems }
  }
  if (value.schema_version !== undefined && value.schema_version !== SCHEMA_VERSION) {
    problem('schema_version_unknown', `manifest.json says schema_version ${shown(value.schema_version)}; this contract is “${SCHEMA_VERSION}”.`, 'schema_version')
  }
  if (typeof value.load_id !== 'string') {
    problem('manifest_shape', value.load_id === undefined
      ? 'manifest.json gives no “load_id”, the name of the load.'
      : `“load_id” in manifest.json must be text, not ${shown(value.load_id)}.`, 'load_id')
  } else if (value.load_id !== loadId) {
    problem('load_id_differs', `manifest.json is for load “${cut(value.load_id, MAX_SHOWN)}”, but the folder is “${loadId}”. One of them is wrong.`, 'load_id')
  }
  const optional = (name: string) => {
    const given = value[name]
    if (given === undefined || given === null || typeof given === 'string') return (given as string) ?? null
    problem('manifest_shape', `“${name}” in manifest.json must be text.`, name)
    return null
  }
  const sourceSystem = optional('source_system')
  const createdAt = optional('created_at')
  if (!Array.isArray(value.files)) problem('manifest_shape', 'manifest.json must have “files”, a list of the seven files.', 'files')
  const listed = Array.isArray(value.files) ? readEntries(value.files, problem) : []
  const entries = listed.map((entry) => ({ ...entry, rows: entry.rows ?? 0, sha256: entry.sha256 ?? '' }))
  return { manifest: problems.length === 0 ? { loadId, sourceSystem, createdAt, entries } : null, listed, problems }
}

type Report = (code: ProblemCode, message: string, column?: string | null) => void

function readEntries(files: unknown[], problem: Report): Listed[] {
  const entries: Listed[] = []
  for (const [i, file] of files.entries()) {
    const entry = readEntry(file, i, problem)
    if (entry) entries.push(entry)
  }
  for (const e of entities) {
    const of = entries.filter((entry) => entry.entity === e.name)
    const names = new Set(of.map((entry) => entry.name))
    if (of.length === 0 && !mentions(files, e.name)) {
      problem('entry_missing', `manifest.json does not list ${e.file}. A file that is left out on purpose is listed with 0 rows.`, e.file)
    } else if (names.size > 1) {
      problem('invoice_file_twice', `manifest.json lists both ${[...names].join(' and ')}, which are the same file under two names. List one.`, e.file)
    } else if (of.length > 1) {
      problem('entry_twice', `manifest.json lists ${of[0]!.name} ${of.length} times. List it once.`, e.file)
    }
  }
  return entries
}

function mentions(files: unknown[], entity: EntityName): boolean {
  return files.some((file) => isObject(file) && typeof file.name === 'string' && entityOfFile(file.name)?.name === entity)
}

function readEntry(file: unknown, index: number, problem: Report): Listed | null {
  const nth = `Entry ${index + 1} of manifest.json`
  if (!isObject(file) || typeof file.name !== 'string') {
    problem('manifest_shape', `${nth} must be an object with “name”, “rows” and “sha256”.`)
    return null
  }
  const { name } = file
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    problem('entry_path', `${nth} names “${cut(name, MAX_SHOWN)}”. Only plain file names are allowed, no folders.`, cut(name, MAX_SHOWN))
    return null
  }
  const entity = entityOfFile(name)
  if (!entity || (name !== entity.file && !entity.aliases.includes(name))) {
    problem('entry_unknown', `${nth} names “${cut(name, MAX_SHOWN)}”, which is not one of ${entities.map((e) => e.file).join(', ')}.`, cut(name, MAX_SHOWN))
    return null
  }
  const rows = rowsOf(file.rows)
  if (rows === null) {
    problem('manifest_shape', file.rows === undefined
      ? `${name}: manifest.json gives no “rows”, the number of its records.`
      : `${name}: “rows” in manifest.json must be a whole number, not ${shown(file.rows)}.`, name)
  }
  const sha256 = typeof file.sha256 === 'string' && /^[0-9a-f]{64}$/i.test(file.sha256) ? file.sha256.toLowerCase() : null
  if (sha256 === null) {
    problem('sha256_missing', file.sha256 === undefined || file.sha256 === ''
      ? `${name}: manifest.json gives no sha256.`
      : `${name}: the sha256 in manifest.json is not 64 hexadecimal digits.`, name)
  }
  if (rows === 0 && !entity.mayBeEmpty) problem('customers_empty', `${name} has 0 rows. Customers may not be left out.`, name)
  return { name, entity: entity.name, rows, sha256 }
}
