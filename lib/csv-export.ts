import Papa from 'papaparse'
import { escapeFormula } from '#lib/contract/formulas.ts'

// A byte order mark makes spreadsheets read UTF-8 instead of the local code page.
const BOM = '\uFEFF'
// Rows per piece handed to the browser: large enough to be quick, small enough to hold no load in memory.
const ROWS_PER_CHUNK = 500

export type CsvCell = string | number | null

/** Records as CSV text (RFC 4180, CRLF), safe to open in a spreadsheet. */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  if (rows.length === 0) return ''
  const safe = rows.map((cells) => cells.map((cell) => (typeof cell === 'string' ? escapeFormula(cell) : cell)))
  return `${Papa.unparse(safe, { delimiter: ',', newline: '\r\n', quotes: false, escapeFormulae: false })}\r\n`
}

/** A name for the file that every system takes: letters, digits, dot, dash and underscore. */
export function downloadName(...parts: string[]): string {
  const name = parts.join('_').slice(0, 500).normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '')
  return `${name.slice(0, 120) || 'download'}.csv`
}

async function* chunks(header: readonly string[], rows: AsyncIterable<readonly CsvCell[]>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(BOM + csvLines([header]))
  let waiting: (readonly CsvCell[])[] = []
  for await (const row of rows) {
    waiting.push(row)
    if (waiting.length < ROWS_PER_CHUNK) continue
    yield encoder.encode(csvLines(waiting))
    waiting = []
  }
  if (waiting.length > 0) yield encoder.encode(csvLines(waiting))
}

/**
 * A download of `rows`, read only as fast as the browser takes them. A failure halfway breaks the connection off, so that
 * half a file is never taken for a whole one.
 */
export function csvResponse(name: string, header: readonly string[], rows: AsyncIterable<readonly CsvCell[]>): Response {
  const source = chunks(header, rows)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await source.return(undefined)
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}
