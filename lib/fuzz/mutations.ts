import { entities, entityNames, type EntityName } from '#lib/contract/index.ts'
import { FileInspection } from '#lib/ingest/csv/file-inspection.ts'
import type { FileContent } from '#lib/jobs/write-package.ts'
import type { Random } from '#lib/sample/random.ts'

/** A file as a table: the header first. */
export type Table = string[][]
export type Tables = Record<EntityName, Table>

const KEY_PARTS = ['A', 'b', '7', '-', '/', 'é', ' x']
export const HOSTILE_TEXT: readonly string[] = [
  '__proto__', 'constructor', 'prototype', 'toString', '_record', '_line', '_hash', '_verdict', '_raw', '_more', '_action', 'id', 'ID', 'shopId', 'action', 'parentId', '', ' ', '   ', '\t', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(300), '😀'.repeat(70), '😀', 'é', 'e\u0301', 'É', 'ß', 'trailing  ', ' leading',
  '=1+1', "=cmd|' /C calc'!A0", '+1', '-1', '@SUM(A1)', "'; drop table customer; --", '" or 1=1', '`', '\\', '\\N', '\\0', '\\\\', '%00', '%s%n', '$' + '{1}', '{{1}}', '<script>', '\u202Eevil', '\u200b', '\uFEFF', '\u0001', '\u001a', '\u0085', '\u2028', '\uFFFD', '\uFFFF', 'a\nb', 'a\r\nb', 'a\rb', 'a,b', 'a"b', '"', '""', 'warning', 'error', 'NULL', 'null',
]
const EDGES: readonly string[] = [
  '0', '-0', '-1', '1e5', '1e309', '999999999999', '9999999999.99', '9999999999.995', '-9999999999.99', '0.005', '.', '$', '-$', '1,2,3', '1,234,567.891', '00', '+', '2147483647', '2147483648', '-2147483648', '0x10', '٣', '１', '  5  ',
  '0000-00-00', '0001-01-01', '9999-12-31', '9999-12-31T23:59:59-12:00', '2025-02-29', '2024-02-29', '2025-03-09 02:30', '2025-11-02 01:30', '2025-01-01T00:00:60Z', '1899-12-31', '2025-01-01T00:00:00.123456789Z', '03/04/25', 'today',
  'TRUE', 'y', 'maybe', 'PAID', 'labor', 'discount', 'fax', '555-0100 x1', 'a@b', '1HGCM82633A004352', ...HOSTILE_TEXT,
]

/** A small shop's books that load without a word. */
export function honestTables(dice: Random): Tables {
  const keys = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}${below(dice, 4) === 0 ? dice.of(KEY_PARTS) : ''}`)
  const [customers, vehicles, invoices, lines, payments] = [keys('C', 6), keys('V', 6), keys('I', 8), keys('L', 16), keys('P', 6)]
  return {
    customer: [['externalCustomerId', 'firstName', 'lastName', 'contactCell', 'contactEmail', 'defaultLaborRate', 'doNotChargeTax'], ...customers.map((key) => [key, 'Ann', 'Lee', '503-555-0100', 'ann@example.com', '95.50', 'no'])],
    vehicle: [['externalVehicleId', 'externalCustomerId', 'year', 'make', 'vin'], ...vehicles.map((key) => [key, dice.of(customers), '2019', 'Ford', '1HGCM82633A004352'])],
    invoice: [['externalDocumentId', 'externalCustomerId', 'externalVehicleId', 'createdOn', 'state', 'mileageIn', 'mileageOut', 'tax', 'total', 'shopNote'], ...invoices.map((key) => [key, dice.of(customers), dice.of(vehicles), '2025-08-22 10:00', 'paid', '81,220', '81,225', '1.25', '100.50', 'a "note",\nwith lines'])],
    line_item: [['externalDatalineId', 'externalDocumentId', 'externalParentDatalineId', 'lineNumber', 'datalineType', 'quantityOrHours', 'taxable', 'total'], ...lines.map((key, i) => [key, invoices[i % 4]!, i >= 4 && below(dice, 2) === 0 ? lines[i - 4]! : '', '1', 'labor', '1.5', 'yes', '50.25'])],
    payment: [['externalPaymentId', 'externalDocumentId', 'paymentAmount', 'paymentDate', 'paymentMethod'], ...payments.map((key) => [key, dice.of(invoices), '100.50', '2025-08-23T10:00:00Z', 'cash'])],
    inventory_part: [['externalPartId', 'partNumber', 'unitCost', 'quantityOnHand', 'isActive'], ...keys('X', 4).map((key) => [key, 'N-1', '1.2345', '3', 'true'])],
    supplier: [['externalSupplierId', 'supplierName', 'phoneNumber', 'emailAddress', 'city'], ...keys('S', 4).map((key) => [key, 'Parts, Inc.', '503-555-0100', 'a@b.c', 'Salem'])],
  }
}

const below = (dice: Random, count: number) => dice.int(0, count - 1)
const anyRow = (table: Table, dice: Random) => table[1 + below(dice, Math.max(1, table.length - 1))] ?? table[0]!

export const tableMutations: readonly ((table: Table, dice: Random, tables: Tables) => void)[] = [
  (table, dice) => { const row = anyRow(table, dice); row[below(dice, row.length)] = dice.of(EDGES) },
  (table, dice) => { for (const row of table.slice(1)) row[below(dice, row.length)] = dice.of(EDGES) },
  (table, dice) => { const column = below(dice, table[0]!.length); for (const row of table.slice(1)) row[column] = dice.of(EDGES) },
  (table, dice) => { table[0]![below(dice, table[0]!.length)] = dice.of(HOSTILE_TEXT) },
  (table, dice) => { const i = below(dice, table[0]!.length); table[0]![i] = dice.of([table[0]![i]!.toUpperCase(), ` ${table[0]![i]} `, table[0]![below(dice, table[0]!.length)]!]) },
  (table, dice) => { for (let n = dice.of([1, 3, 70]); n > 0; n--) { table[0]!.push(`${dice.of(HOSTILE_TEXT)}${below(dice, 2) ? n : ''}`); for (const row of table.slice(1)) row.push(dice.of(HOSTILE_TEXT)) } },
  (table, dice) => { const column = below(dice, table[0]!.length); for (const row of table) row.splice(column, 1) },
  (table, dice) => { const [a, b] = [below(dice, table[0]!.length), below(dice, table[0]!.length)]; for (const row of table) [row[a], row[b]] = [row[b]!, row[a]!] },
  (table, dice) => { for (let n = dice.of([1, 3, 10]); n > 0 && table.length > 1; n--) { const [a, b] = [1 + below(dice, table.length - 1), 1 + below(dice, table.length - 1)]; [table[a], table[b]] = [table[b]!, table[a]!] } },
  (table, dice) => { const [a, b] = [anyRow(table, dice), anyRow(table, dice)]; const column = below(dice, Math.min(a.length, b.length)); [a[column], b[column]] = [b[column]!, a[column]!] },
  (table, dice) => { const row = anyRow(table, dice); if (below(dice, 2)) row.pop(); else row.push(dice.of(HOSTILE_TEXT)) },
  (table, dice) => { for (let n = dice.of([1, 2, 30]); n > 0; n--) table.push([...anyRow(table, dice)]) },
  (table, dice) => { const copy = [...anyRow(table, dice)]; copy[1 + below(dice, copy.length - 1)] = dice.of(EDGES); table.push(copy) },
  (table, dice) => { const row = anyRow(table, dice); row[0] = dice.of([`${row[0]} `, row[0]!.toLowerCase(), row[0]!.normalize('NFD'), ' ', '', 'k'.repeat(51), '😀'.repeat(50)]) },
  (table) => { table.splice(1, table.length - 1) },
  (table, dice) => { const row = anyRow(table, dice); row[1 + below(dice, row.length - 1)] = dice.of(['x', 'é', '"', '\n']).repeat(dice.of([1001, 1001, 70_000])) },
  (_, dice, { line_item: lines }) => { for (let n = below(dice, 6); n > 0; n--) { const row = anyRow(lines, dice); if (row.length > 2) row[2] = dice.of([row[0]!, anyRow(lines, dice)[0]!, 'L-none', `${row[0]} `]) } },
  (_, dice, { line_item: lines }) => { for (const [i, row] of lines.entries()) if (i > 0 && row.length > 2) { row[2] = lines[1 + (i % (lines.length - 1))]![0]!; row[1] = lines[1]![1]! } if (below(dice, 2)) lines.pop() },
]

type Bytes = (bytes: Buffer, dice: Random) => Buffer
const inserted = (bytes: Buffer, at: number, more: string | Buffer) => Buffer.concat([bytes.subarray(0, at), Buffer.from(more as string), bytes.subarray(at)])
export const byteMutations: readonly Bytes[] = [
  (bytes, dice) => bytes.subarray(0, below(dice, bytes.length + 1)),
  (bytes, dice) => { const copy = Buffer.from(bytes); for (let n = 1 + below(dice, 3); n > 0 && copy.length > 0; n--) copy[below(dice, copy.length)]! ^= 1 << below(dice, 8); return copy },
  (bytes, dice) => { const copy = Buffer.from(bytes); for (let n = 1 + below(dice, 3); n > 0 && copy.length > 0; n--) copy[below(dice, copy.length)] = dice.of([0x22, 0x2c, 0x0a, 0x0d, 0x20, 0x5c, 0x09, 0x41]); return copy },
  (bytes, dice) => inserted(bytes, below(dice, bytes.length + 1), dice.of(['"', '""', ',', '\n', '\r', '\r\n', '\0', ',,,,,,', '\n\n\n', '"\n"'])),
  (bytes, dice) => inserted(bytes, below(dice, bytes.length + 1), dice.of([Buffer.of(0xff), Buffer.of(0xc3), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80)])),
  (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
  (bytes) => inserted(bytes, 0, '\uFEFF'),
  (bytes, dice) => Buffer.from(bytes.toString().replaceAll('\n', dice.of(['\r\n', '\r', '\n\n']))),
  (bytes, dice) => Buffer.from(bytes.toString().replaceAll(',', dice.of([';', '\t', '|']))),
  () => Buffer.alloc(0),
  (bytes, dice) => Buffer.concat([bytes, bytes.subarray(0, below(dice, bytes.length + 1))]),
]

export const written = (table: Table, dice: Random) => Buffer.from(table.map((row) => `${row.map((cell) => (/[",\r\n]/.test(cell) || below(dice, 9) === 0 ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`).join(''))

/** The records of a file without its header, as far as it can be read. */
export function recordsIn(bytes: Buffer): number {
  const inspection = new FileInspection('any')
  inspection.read(bytes)
  inspection.finish()
  return Math.max(0, inspection.records - 1)
}

/** A package of honest books with a few things broken, and its manifest told so that as much as possible gets through the door. */
export function brokenPackage(dice: Random): Record<EntityName, FileContent> {
  const tables = honestTables(dice)
  for (let n = 1 + below(dice, 4); n > 0; n--) dice.of(tableMutations)(tables[dice.of(entityNames)], dice, tables)
  const bytes = new Map<EntityName, Buffer>(entities.map((e) => [e.name, written(tables[e.name], dice)]))
  for (let n = dice.of([0, 0, 0, 1, 1, 2]); n > 0; n--) {
    const name = dice.of(entityNames)
    bytes.set(name, dice.of(byteMutations)(bytes.get(name)!, dice))
  }
  return Object.fromEntries(entityNames.map((name) => [name, { bytes: bytes.get(name)!, rows: recordsIn(bytes.get(name)!) }])) as unknown as Record<EntityName, FileContent>
}
