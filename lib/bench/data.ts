import { createHash } from 'node:crypto'
import { existsSync, globSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MANIFEST_NAME, entities, type EntityName } from '#lib/contract/index.ts'
import { writeSample, type SampleOptions, type Variation } from '#lib/sample/generator.ts'

export type DataFile = { entity: EntityName; path: string; rows: number; bytes: number; columns: string[] }

/** A load's folder, `imports/<partner>/<shop>/<load id>`, and what is in it. */
export type Dataset = { folder: string; loadName: string; files: DataFile[]; rows: number; bytes: number; lineItems: number }

type Manifest = { load_id: string; files: { name: string; rows: number; sha256: string }[] }

const WHOLE = 'whole.json'
const root = path.resolve(import.meta.dirname, '../..')

/** Of what writes the data: data made by other code is made anew. */
function makersHash(): string {
  const sources = globSync(['lib/sample/*.ts', 'lib/contract/entities/*.ts', 'lib/bench/corner-data.ts'], { cwd: root }).sort()
  const hash = createHash('sha256')
  for (const file of sources) hash.update(readFileSync(path.join(root, file)))
  return hash.digest('hex').slice(0, 12)
}

/** What makes a shop other than usual, with a name that is as good as its content. */
export type NamedVariation = { name: string; variation: Variation }

/** The data of these options, made below `dataDir` unless it is there from an earlier run. */
export async function dataset(dataDir: string, options: SampleOptions, varied: NamedVariation = { name: '', variation: {} }): Promise<Dataset> {
  const name = createHash('sha256').update(JSON.stringify([makersHash(), options, varied.name])).digest('hex').slice(0, 16)
  const folder = path.join(dataDir, 'samples', name)
  const whole = path.join(folder, WHOLE)
  if (!existsSync(whole)) {
    rmSync(folder, { recursive: true, force: true })
    const written = await writeSample(folder, options, varied.variation)
    writeFileSync(whole, JSON.stringify(path.relative(folder, written.folder)))
  }
  return describe(path.join(folder, JSON.parse(readFileSync(whole, 'utf8')) as string))
}

/** What lies in a load's folder. */
export function describe(folder: string): Dataset {
  const manifest = JSON.parse(readFileSync(path.join(folder, MANIFEST_NAME), 'utf8')) as Manifest
  const files = entities.flatMap((e): DataFile[] => {
    const entry = manifest.files.find((f) => f.name === e.file)!
    const file = path.join(folder, e.file)
    return entry.rows === 0 ? [] : [{ entity: e.name, path: file, rows: entry.rows, bytes: statSync(file).size, columns: Object.keys(e.columns) }]
  })
  const sum = (of: (file: DataFile) => number) => files.reduce((total, file) => total + of(file), 0)
  return {
    folder, loadName: folder.split(path.sep).slice(-3).join('/'), files,
    rows: sum((f) => f.rows), bytes: sum((f) => f.bytes), lineItems: files.find((f) => f.entity === 'line_item')?.rows ?? 0,
  }
}

/** The same bytes once more, as another delivery of the same shop: beside the first, with a load id of its own. */
export function deliveredAgain(data: Dataset, loadId: string): Dataset {
  const folder = path.join(path.dirname(data.folder), loadId)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const e of entities) linkSync(path.join(data.folder, e.file), path.join(folder, e.file))
  const manifest = JSON.parse(readFileSync(path.join(data.folder, MANIFEST_NAME), 'utf8')) as Manifest
  writeFileSync(path.join(folder, MANIFEST_NAME), JSON.stringify({ ...manifest, load_id: loadId }, null, 2))
  return describe(folder)
}
