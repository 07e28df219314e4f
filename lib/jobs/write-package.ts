import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { entities, type EntityName } from '#lib/contract/index.ts'

/** The cells of a record by column name; columns left out are empty. */
export type Cells = Record<string, string>
/** The records of a file, or its bytes and how many records the manifest announces. */
export type FileContent = readonly Cells[] | { bytes: string | Buffer; rows: number }
export type PackageFiles = { readonly [E in EntityName]?: FileContent }
export type ManifestJson = { load_id: string; files: { name: string; rows: number; sha256: string }[] }
export type PackageOptions = {
  loadId?: string
  /** Changes the manifest, or replaces its text. */
  manifest?: (manifest: ManifestJson) => unknown
  /** Files that are not there, by name. */
  without?: readonly string[]
  /** Files beside the listed ones, or in the place of one. */
  others?: Readonly<Record<string, string | Buffer>>
}

const cellText = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** A CSV of these records, with a column for each name that any of them has. */
export function csvOf(records: readonly Cells[]): string {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))]
  return [names, ...records.map((record) => names.map((name) => record[name] ?? ''))].map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('')
}

export const sha256Of = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Writes a package: entities left out have no rows, save for one customer, which every load needs. */
export function writePackage(folder: string, files: PackageFiles, { loadId = path.basename(folder), manifest, without = [], others = {} }: PackageOptions = {}): void {
  mkdirSync(folder, { recursive: true })
  const entries = entities.map((e) => {
    const content = files[e.name] ?? (e.mayBeEmpty ? [] : [{ [e.key]: 'C1' }])
    const { bytes, rows } = 'bytes' in content ? content : { bytes: content.length === 0 ? '' : csvOf(content), rows: content.length }
    if (!without.includes(e.file)) writeFileSync(path.join(folder, e.file), bytes)
    return { name: e.file, rows, sha256: sha256Of(bytes) }
  })
  const made = manifest ? manifest({ load_id: loadId, files: entries }) : { load_id: loadId, files: entries }
  if (!without.includes('manifest.json')) writeFileSync(path.join(folder, 'manifest.json'), typeof made === 'string' || Buffer.isBuffer(made) ? made : JSON.stringify(made, null, 2))
  for (const [name, bytes] of Object.entries(others)) writeFileSync(path.join(folder, name), bytes)
}
