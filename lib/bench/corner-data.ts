import { entityOf } from '#lib/contract/index.ts'
import type { SampleOptions, Variation } from '#lib/sample/generator.ts'

/** The data of a corner: a made-up shop in which something is extreme. */
export type CornerData = { options: SampleOptions; variation: Variation }

const LINE_ITEMS_AN_INVOICE = 4.19
const CELL_BYTES = 200_000
const TEXT = 'All work is guaranteed for 12 months or 12,000 miles, whichever comes first. "OEM" parts only.\n'

/** Line items: about as many as wanted, a few more for certain. */
const invoicesFor = (lineItems: number) => Math.ceil((lineItems / LINE_ITEMS_AN_INVOICE) * 1.02)

/** Changes line items only, up to the `most`-th. */
const lines = (most: number, edit: (cells: Record<string, string | undefined>, index: number) => Record<string, string | undefined>): Variation =>
  ({ edit: (entity, cells, index) => (entity === 'line_item' && index < most ? edit(cells, index) : cells) })

/** Line items whose total is no number. */
export function rejectedLines(count: number): CornerData {
  return { options: { invoices: invoicesFor(count) }, variation: lines(count, (cells) => ({ ...cells, total: 'n/a' })) }
}

/** Line items that all have the same key. */
export function linesOfOneKey(count: number): CornerData {
  return {
    options: { invoices: invoicesFor(count) },
    variation: lines(Infinity, (cells) => ({ ...cells, externalDatalineId: 'LINE', externalParentDatalineId: undefined })),
  }
}

/** Line items of one invoice, each of which hangs on the next one in the file. */
export function chainOfLines(depth: number): CornerData {
  return {
    options: { invoices: invoicesFor(depth) },
    variation: lines(depth, (cells, index) => ({
      ...cells, externalDocumentId: 'RO-20001',
      externalDatalineId: `CHAIN-${index}`, externalParentDatalineId: index === depth - 1 ? undefined : `CHAIN-${index + 1}`,
    })),
  }
}

/** A shop in which every eighth line item has a warning or an error, up to `count`. */
export function exceptions(count: number): CornerData {
  const EVERY = 8
  return {
    options: { invoices: invoicesFor(count * EVERY) },
    variation: lines(count * EVERY, (cells, index) =>
      index % EVERY !== 0 ? cells : { ...cells, ...(index % (2 * EVERY) === 0 ? { lineNumber: 'first' } : { markupTypeRefCd: 'guess' }) }),
  }
}

/** Line items with so many columns, of which those that the contract does not know are mostly empty, as in wide exports. */
export function wideLines(columns: number, invoices: number): CornerData {
  const extra = Array.from({ length: columns - Object.keys(entityOf('line_item').columns).length }, (_, i) => `custom_field_${i + 1}`)
  const FILLED_EVERY = 16
  return {
    options: { invoices },
    variation: {
      columns: { line_item: extra },
      ...lines(Infinity, (cells, index) => {
        const wide = { ...cells }
        for (let i = index % FILLED_EVERY; i < extra.length; i += FILLED_EVERY) wide[extra[i]!] = `value ${index + i}`
        return wide
      }),
    },
  }
}

/** Invoices with a text of 200 KB in a column that the contract does not know. */
export function largeCells(invoices: number): CornerData {
  const text = TEXT.repeat(Math.ceil(CELL_BYTES / TEXT.length)).slice(0, CELL_BYTES - 10)
  return {
    options: { invoices },
    variation: {
      columns: { invoice: ['termsAndConditions'] },
      edit: (entity, cells, index) => (entity === 'invoice' ? { ...cells, termsAndConditions: `${text}${index}` } : cells),
    },
  }
}
