import { createSHA256 } from 'hash-wasm'
import type { Problem } from '#lib/contract/codes.ts'
import { readHeader } from '#lib/contract/header.ts'
import { entityOf, type EntityName } from '#lib/contract/index.ts'
import { isDeep } from '#lib/contract/json-depth.ts'
import { MANIFEST_MAX_BYTES, readManifest, type ManifestResult } from '#lib/contract/manifest.ts'
import { FileInspection } from '#lib/ingest/csv/file-inspection.ts'

/** What is known about a chosen CSV before it is sent; the server and the pipeline find the same again. */
export type InspectedCsv = {
  bytes: number
  sha256: string
  records: number
  columns: number
  problems: Problem[]
  warnings: string[]
}
/** A manifest as read, and the load id that it names (null when it names none). */
export type InspectedManifest = ManifestResult & { bytes: number; sha256: string; loadId: string | null; content: Record<string, unknown> }

// Large pieces keep the worker busy with bytes; what is in memory at once stays at a few of these.
const PIECE_BYTES = 4 * 1024 * 1024
// What a reader may hold at once, so that the browser can hash it itself: it takes no pieces, but has the processor's own
// instructions. The largest file decides how long all take, and of most shops it is smaller than this.
const WHOLE_BYTES = 192 * 1024 * 1024

/** Reads a chosen file once: sha256, records, encoding and header. `onProgress` is told how many bytes are done. */
export async function inspectCsv(file: Blob, name: string, entity: EntityName, onProgress: (bytes: number) => void): Promise<InspectedCsv> {
  const inspection = new FileInspection(name, { isUtf8 })
  let done = 0
  const look = (piece: Uint8Array) => {
    inspection.read(piece)
    onProgress(done += piece.length)
  }
  // Pages that do not come over https, nor from this machine, have no `subtle`.
  const sha256 = file.size <= WHOLE_BYTES && globalThis.crypto?.subtle ? await readWhole(file, look) : await readInPieces(file, look)
  inspection.finish()
  const e = entityOf(entity)
  const header = inspection.headerCells ? readHeader(e, inspection.headerCells, name, inspection.headerLine) : null
  const problems = [...inspection.problems, ...(header?.problems ?? [])]
  const records = Math.max(0, inspection.records - 1)
  if (problems.length === 0 && records === 0 && !e.mayBeEmpty) {
    problems.push({ file: name, line: null, column: null, code: 'customers_empty', message: `${name} has no rows. Customers may not be left out.` })
  }
  return {
    bytes: file.size, sha256, records, columns: header?.columns.length ?? 0, problems,
    // A download of ours begins with that mark by itself.
    warnings: warningsOf(inspection.hasBom && header?.isCorrection !== true, header?.unknown ?? []),
  }
}

/** Has every piece looked at, and gives the sha256 of all. */
async function readInPieces(file: Blob, look: (piece: Uint8Array) => void): Promise<string> {
  const hash = await createSHA256()
  for await (const piece of piecesOf(file)) {
    hash.update(piece)
    look(piece)
  }
  return hash.digest()
}

/** The same, of a file that may be in memory; its hash is made beside. Where there is no room for it, it is read in pieces. */
async function readWhole(file: Blob, look: (piece: Uint8Array) => void): Promise<string> {
  const whole = await file.arrayBuffer().catch(() => null)
  if (!whole) return readInPieces(file, look)
  const bytes = new Uint8Array(whole)
  const digest = crypto.subtle.digest('SHA-256', bytes)
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) look(bytes.subarray(start, start + PIECE_BYTES))
  return Array.from(new Uint8Array(await digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of a file. The next piece is fetched while one is looked through. */
async function* piecesOf(file: Blob): AsyncGenerator<Uint8Array> {
  const piece = async (start: number) => new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer())
  let next = piece(0)
  for (let start = 0; start < file.size; start += PIECE_BYTES) {
    const one = await next
    next = piece(start + PIECE_BYTES)
    yield one
  }
}

const strict = new TextDecoder('utf-8', { fatal: true })

/** The browser's own check, ten times faster than looking at each byte. */
function isUtf8(piece: Uint8Array): boolean {
  try {
    strict.decode(piece)
    return true
  } catch {
    return false
  }
}

function warningsOf(hasBom: boolean, unknown: readonly string[]): string[] {
  const warnings: string[] = []
  if (hasBom) warnings.push('The file begins with a byte order mark, which is skipped.')
  const names = unknown.map((name) => `“${name}”`).join(', ')
  if (unknown.length === 1) warnings.push(`The column ${names} is not in the contract. It is kept in staging and goes nowhere else.`)
  if (unknown.length > 1) warnings.push(`The columns ${names} are not in the contract. They are kept in staging and go nowhere else.`)
  return warnings
}

/** Reads a chosen manifest against the load id under which it will be sent. */
export async function inspectManifest(file: Blob, loadId: string): Promise<InspectedManifest> {
  // Anything longer is refused for its size; there is no need to read on.
  const bytes = new Uint8Array(await file.slice(0, MANIFEST_MAX_BYTES + 1).arrayBuffer())
  const hash = await createSHA256()
  const content = objectIn(bytes)
  const named = content?.load_id
  return { ...readManifest(bytes, loadId), bytes: file.size, sha256: hash.update(bytes).digest(), loadId: typeof named === 'string' ? named : null, content: content ?? {} }
}

function objectIn(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = new TextDecoder().decode(bytes)
    if (isDeep(text)) return null
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    // readManifest says what is wrong with it.
    return null
  }
}
