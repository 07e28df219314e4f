import { createHash } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import { MANIFEST_NAME, entities, entityOf, type Entity, type EntityName } from '#lib/contract/index.ts'
import type { Problem, ProblemCode } from '#lib/contract/codes.ts'
import { readHeader, type Header } from '#lib/contract/header.ts'
import { MANIFEST_MAX_BYTES, readManifest, type Listed, type Manifest } from '#lib/contract/manifest.ts'
import { FileInspection } from '../csv/file-inspection.ts'
import { failpoint } from '../failpoint.ts'
import { readSmall, type FileSource } from '../source.ts'

/** One file of the package after its check: what the manifest says and what is there. */
export type InspectedFile = {
  entity: EntityName; name: string; manifestRows: number; bytes: number; sha256: string; records: number
  /** Null for a file of zero bytes, which a manifest with 0 rows may list. */
  header: Header | null
}

export type Package = {
  manifest: Manifest | null
  /** Of its bytes; null when it is not there, or too large to be one. */
  manifestSha256: string | null
  listed: Listed[]
  files: Map<EntityName, InspectedFile>
  problems: Problem[]
  /** Files beside the listed ones: left alone, reported as warnings (contract rule 3). */
  unlisted: string[]
}

/**
 * The first step: reads the manifest and every listed file once, and compares names, sha256, record counts and headers
 * (contract rules 2, 3, 6, 9). Gives all problems at once; nothing is staged while there is one.
 */
export async function checkPackage(source: FileSource, loadId: string): Promise<Package> {
  const names = await source.names()
  const { manifest, manifestSha256, listed, problems } = await manifestOf(source, names, loadId)
  failpoint('W2')
  const files = new Map<EntityName, InspectedFile>()
  const known = new Set([MANIFEST_NAME, ...listed.map((entry) => entry.name)])
  const unlisted = names.filter((name) => !known.has(name))
  // All at a time: to open and close small ones takes longer than to read them.
  const inspections = await Promise.allSettled(listed.map((entry) => (names.includes(entry.name) ? inspectFile(source, entityOf(entry.entity), entry) : null)))
  for (const [i, entry] of listed.entries()) {
    const inspection = inspections[i]!
    if (inspection.status === 'rejected') throw inspection.reason
    if (inspection.value === null) {
      const alike = unlisted.find((name) => name.toLowerCase() === entry.name)
      const other = alike === undefined ? '' : ` (“${alike}” is another name: letter case counts)`
      problems.push(problemOf(entry.name, 'file_missing', `${entry.name} is listed in manifest.json but is not there${other}. Send it, or list it with 0 rows and send an empty file.`))
      continue
    }
    problems.push(...inspection.value.problems)
    if (!files.has(entry.entity)) files.set(entry.entity, inspection.value.file)
  }
  return { manifest, manifestSha256, listed, files, problems, unlisted }
}

const problemOf = (file: string, code: ProblemCode, message: string, line: number | null = null): Problem =>
  ({ file, line, column: null, code, message })

async function manifestOf(source: FileSource, names: string[], loadId: string): Promise<Pick<Package, 'manifest' | 'manifestSha256' | 'listed' | 'problems'>> {
  if (!names.includes(MANIFEST_NAME)) {
    const expected = `manifest.json is not there. It must list ${entities.map((e) => e.file).join(', ')}.`
    return { manifest: null, manifestSha256: null, listed: [], problems: [problemOf(MANIFEST_NAME, 'manifest_missing', expected)] }
  }
  const bytes = await readSmall(source, MANIFEST_NAME, MANIFEST_MAX_BYTES)
  if (bytes) return { ...readManifest(bytes, loadId), manifestSha256: createHash('sha256').update(bytes).digest('hex') }
  const tooLarge = `manifest.json is larger than ${MANIFEST_MAX_BYTES} bytes, so it is something else.`
  return { manifest: null, manifestSha256: null, listed: [], problems: [problemOf(MANIFEST_NAME, 'manifest_too_large', tooLarge)] }
}

async function inspectFile(source: FileSource, e: Entity, entry: Listed): Promise<{ file: InspectedFile; problems: Problem[] }> {
  const reader = new FileInspection(entry.name, { isUtf8 })
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source.open(entry.name)) {
    const piece = chunk as Buffer
    hash.update(piece)
    bytes += piece.length
    reader.read(piece)
    failpoint('W3', e.name)
  }
  reader.finish()
  const sha256 = hash.digest('hex')
  const records = Math.max(0, reader.records - 1)
  const problems = [...reader.problems]
  const readable = reader.problems.length === 0
  const header = reader.headerCells ? readHeader(e, reader.headerCells, entry.name, reader.headerLine) : null
  if (header) problems.push(...header.problems)

  if (entry.sha256 !== null && entry.sha256 !== sha256) {
    problems.push(problemOf(entry.name, 'sha256_differs', `${entry.name} has sha256 ${sha256}, the manifest says ${entry.sha256}. It is not the file that the manifest was made for.`))
  }
  if (readable && entry.rows !== null && entry.rows !== records) {
    const hint = entry.rows === 0 ? ' 0 rows means that the file was left out on purpose.' : ''
    problems.push(problemOf(entry.name, 'rows_differ', `${entry.name} has ${count(records)} rows, the manifest says ${count(entry.rows)}.${hint} Ask the partner for a new file or correct the manifest.`))
  }
  if (readable && records === 0 && !e.mayBeEmpty && entry.rows !== 0) {
    problems.push(problemOf(entry.name, 'customers_empty', `${entry.name} has no rows. Customers may not be left out.`))
  }
  return { file: { entity: e.name, name: entry.name, manifestRows: entry.rows ?? 0, bytes, sha256, records, header }, problems }
}

const count = (n: number) => n.toLocaleString('en-US')
