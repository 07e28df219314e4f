import Papa from 'papaparse'

// papaparse would guess all of these, and guess wrong (mixed line ends, semicolons). Nothing is left to it.
const DIALECT = { delimiter: ',', quoteChar: '"', escapeChar: '"', comments: false, header: false, dynamicTyping: false } as const

// Papa.parse() would strip a BOM character from a cell that begins a block, so the parser below it is used.
type PapaParser = { parse(text: string, baseIndex: number, ignoreLastRow: boolean): { data: string[][]; errors: unknown[] } }
const Parser = (Papa as unknown as { Parser: new (config: object) => PapaParser }).Parser

/**
 * The cells of one whole, well-formed record (as `RecordScanner` found it). `quotes` says whether any cell is quoted.
 * Throws when the parser does not agree that it is one: that would be a bug.
 */
export function readCells(text: string, quotes: boolean): string[] {
  const { data, errors } = new Parser({ ...DIALECT, newline: '\n', fastMode: !quotes }).parse(text, 0, false)
  if (data.length !== 1 || errors.length > 0) {
    throw new Error(`the CSV parser read ${data.length} records (${errors.length} errors) where the scanner found one`)
  }
  return data[0]!
}
