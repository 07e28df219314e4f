import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as pause } from 'node:timers/promises'
import { MANIFEST_NAME, SCHEMA_VERSION, entities, entityNames, type EntityName } from '#lib/contract/index.ts'
import { CsvFile, type CsvOptions, type WrittenFile } from './csv-file.ts'
import { defectsOf, type Defect } from './defects.ts'
import { makeInvoice, partiesOf } from './invoices.ts'
import { random } from './random.ts'
import { SampleShop } from './shop.ts'

export type SampleOptions = {
  /** Repair orders; everything else follows: about 0.6 customers and 4.2 line items for each. */
  invoices: number
  seed?: number
  /** What keys look like: `RO-20001/1` or UUIDs. */
  keys?: 'plain' | 'uuid'
  /** The share of rows that get one of the known defects. */
  dirty?: number
  /** The share of rows of which one cell is another than in the same sample without this: what a later delivery looks like. */
  changed?: number
  partner?: string
  shop?: string
  loadId?: string
  parts?: number
  sourceApp?: string
}

/** How a sample differs from a usual one. */
export type Variation = {
  /** Columns beyond the contract's. */
  columns?: { [E in EntityName]?: string[] }
  /** The cells that are written instead of these; `index` counts the rows of the file from 0. */
  edit?: (entity: EntityName, cells: Record<string, string | undefined>, index: number) => Record<string, string | undefined>
}

export type Outcome = { rows: number; accepted: number; rejected: number }
export type WrittenSample = {
  /** The folder of the load, with its seven files and the manifest. */
  folder: string
  partner: string
  shop: string
  loadId: string
  /** What a right import of it must count. */
  expected: Record<EntityName, Outcome>
  /** How many rows got which defect, by `entity.column code`. */
  defects: Record<string, number>
}

export const SAMPLE_SEED = 1
const DEFAULTS = {
  seed: SAMPLE_SEED, keys: 'plain', dirty: 0, changed: 0, partner: 'torqueline', shop: '0417', loadId: '2025-08-30_torqueline', parts: 2_000, sourceApp: 'Torqueline 8',
} as const
// Writing is synchronous; now and then the rest of the process gets a turn.
const INVOICES_A_TURN = 2_000
const CREATED_AT = '2025-08-30T22:15:00Z'

type Files = Record<EntityName, CsvFile>

type FileOptions = { columns?: { [E in EntityName]?: string[] }; csv?: { [E in EntityName]?: CsvOptions } }

/** The seven files of a load, open for writing. `columns`: those beyond the contract's. */
export function openFiles(folder: string, { columns = {}, csv = {} }: FileOptions = {}): Files {
  mkdirSync(folder, { recursive: true })
  return Object.fromEntries(entities.map((e) =>
    [e.name, new CsvFile(folder, e.file, [...Object.keys(e.columns), ...(columns[e.name] ?? [])], csv[e.name])])) as Files
}

/** Closes the files and writes the manifest, last as always. */
export function finishLoad(folder: string, files: Files, { loadId, sourceApp }: { loadId: string; sourceApp: string }): WrittenFile[] {
  const written = entityNames.map((name) => files[name].close())
  const manifest = {
    load_id: loadId, source_system: sourceApp, created_at: CREATED_AT, schema_version: SCHEMA_VERSION,
    files: written.map(({ name, rows, sha256 }) => ({ name, rows, sha256 })),
  }
  writeFileSync(path.join(folder, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`)
  return written
}

/** Decides which rows are defective; the answer for a row is the same whenever it is asked. */
function defectChooser(seed: number, dirty: number) {
  return (entity: EntityName, ...row: (number | string)[]): Defect | undefined => {
    if (dirty === 0) return undefined
    const r = random(seed, 'defect', entity, ...row)
    return r.chance(dirty) ? r.of(defectsOf(entity)) : undefined
  }
}

/** What a later delivery says of a row that has changed: a remark, so that sums and parents stay as they are. */
const CHANGED_CELL: Record<EntityName, string> = {
  customer: 'streetAddress2', vehicle: 'licensePlate', invoice: 'shopNote', line_item: 'description', payment: 'paymentNotes',
  inventory_part: 'partDescription', supplier: 'contactPerson',
}

/**
 * Writes a load of a made-up shop below `root`, as `imports/<partner>/<shop>/<load id>`. It streams: memory does not grow with
 * the number of rows. The same options give the same bytes. What is expected is said of the rows as they are before an edit.
 */
export async function writeSample(root: string, options: SampleOptions, { columns, edit = (_entity, cells) => cells }: Variation = {}): Promise<WrittenSample> {
  const { invoices, seed, keys, dirty, changed, partner, shop: shopSlug, loadId, parts, sourceApp } = { ...DEFAULTS, ...options }
  const folder = path.join(root, 'imports', partner, shopSlug, loadId)
  const shop = new SampleShop({ invoices, seed, keys, parts, shopSlug, sourceApp })
  const files = openFiles(folder, { columns })
  const defectOf = defectChooser(seed, dirty)
  const expected = Object.fromEntries(entityNames.map((name) => [name, { rows: 0, accepted: 0, rejected: 0 }])) as Record<EntityName, Outcome>
  const defects: Record<string, number> = {}

  const write = (entity: EntityName, row: readonly number[], sent: Record<string, string | undefined>, parentRejected = false): boolean => {
    const found = defectOf(entity, ...row)
    const isChanged = changed > 0 && random(seed, 'changed', entity, ...row).chance(changed)
    const cells = isChanged ? { ...sent, [CHANGED_CELL[entity]]: 'CHANGED' } : sent
    // A mileage can only be below another one where there is another one.
    const applies = found && (found.code !== 'rule_mileage' || cells.mileageIn !== undefined)
    if (applies) {
      const label = `${entity}.${found.column} ${found.code}`
      defects[label] = (defects[label] ?? 0) + 1
    }
    files[entity].write(edit(entity, applies ? { ...cells, [found.column]: found.value } : cells, expected[entity].rows))
    const rejected = parentRejected || (applies && found.outcome === 'rejected') || false
    expected[entity].rows++
    expected[entity][rejected ? 'rejected' : 'accepted']++
    return rejected
  }
  const customerRejected = (i: number) => defectOf('customer', i)?.outcome === 'rejected'

  for (let i = 0; i < shop.customers; i++) {
    write('customer', [i], shop.customer(i))
    for (const [n, cells] of shop.vehicles(i).entries()) write('vehicle', [i, n], cells, customerRejected(i))
    if (i % INVOICES_A_TURN === 0) await pause()
  }
  for (let j = 0; j < invoices; j++) {
    const made = makeInvoice(shop, j)
    const rejected = write('invoice', [j], made.invoice, customerRejected(partiesOf(shop, j).customer))
    for (const [n, cells] of made.lines.entries()) write('line_item', [j, n], cells, rejected)
    for (const [n, cells] of made.payments.entries()) write('payment', [j, n], cells, rejected)
    if (j % INVOICES_A_TURN === 0) await pause()
  }
  for (let k = 0; k < parts; k++) write('inventory_part', [k], shop.part(k))
  for (let k = 0; k < shop.suppliers; k++) write('supplier', [k], shop.supplier(k))
  finishLoad(folder, files, { loadId, sourceApp })
  return { folder, partner, shop: shopSlug, loadId, expected, defects }
}
