import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { markup, markupFor } from '#lib/fuzz/markup.ts'
import { writePackage, type Cells, type PackageFiles } from '#lib/jobs/write-package.ts'

/** In each entity a value that no row may have, so that the row is left out and its value shown. Vehicles go with their customer. */
const refused: Partial<Record<EntityName, string>> = {
  customer: 'defaultLaborRate', invoice: 'total', line_item: 'total', payment: 'paymentAmount', inventory_part: 'unitCost', supplier: 'isActive',
}
/** Keys of rows that are left out: no other row has them. */
const keyOf = (n: number, left: boolean) => (left ? `!${markup[n]!}`.slice(0, 50) : markup[n]!)

/** One row for each payload, which stands in every text that can hold it: all of one invoice, and each of a customer of its own. */
function rowsOf(name: EntityName, left: boolean): Cells[] {
  const e = entityOf(name)
  return markup.map((payload, n) => {
    const texts = Object.entries(e.columns).map(([column, type]) => [column, type.type === 'string' ? markupFor(n, type.maxLength) : ''] as const)
    const parents = e.parents.map((parent) => [parent.column, parent.entity === 'line_item' ? '' : keyOf(parent.entity === 'invoice' ? 0 : n, left)] as const)
    const wrong = refused[name]
    return {
      ...Object.fromEntries([...texts, ...parents]), [e.key]: keyOf(n, left),
      ...(name === 'payment' ? { paymentAmount: '1.00' } : {}), ...(left && wrong ? { [wrong]: payload } : {}),
    }
  })
}

/** Books with every payload in every text column, in rows that are loaded and in rows that are left out, and as names of columns. */
export function hostileBooks(): PackageFiles {
  const books = Object.fromEntries(entities.map(({ name }) => [name, [...rowsOf(name, false), ...rowsOf(name, true)]])) as Record<EntityName, Cells[]>
  const strangers = Object.fromEntries(markup.map((payload) => [payload, payload]))
  return { ...books, supplier: books.supplier.map((row) => ({ ...row, ...strangers })) }
}

// What may be in the name of a file.
const fileNames = markup.filter((payload) => !payload.includes('/')).map((payload) => `${payload}.csv`)

/** Writes a package of such books, beside files that nobody listed, with payloads for names. */
export function writeHostile(folder: string): void {
  writePackage(folder, hostileBooks(), { others: Object.fromEntries(fileNames.map((name) => [name, 'x'])) })
}

/** A package that is refused, and whose every problem has a payload in it. */
export function writeRefused(folder: string): void {
  const [first, second] = [markup[1]!, markup[40]!]
  writePackage(folder, { supplier: [{ [first]: first }], vehicle: [{ externalVehicleId: '1', externalCustomerId: 'C1', [second]: second, [second.toUpperCase()]: second }] }, {
    manifest: ({ files }) => ({ load_id: first, files: [...files, { name: second, rows: 1, sha256: second }] }),
  })
}
