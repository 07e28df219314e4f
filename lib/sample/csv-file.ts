import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'

export type WrittenFile = { name: string; rows: number; sha256: string; bytes: number }
export type CsvOptions = { lineEnd?: '\n' | '\r\n'; bom?: boolean }

const CHUNK_CHARACTERS = 1 << 18
const NEEDS_QUOTES = /[",\r\n]/

/** A cell as it stands in a CSV file. */
export const csvCell = (text: string) => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** A CSV file that is written row by row, and hashed and counted on the way. */
export class CsvFile {
  readonly #name: string
  readonly #columns: readonly string[]
  readonly #lineEnd: string
  readonly #file: number
  readonly #hash = createHash('sha256')
  #pending = ''
  #rows = 0
  #bytes = 0

  constructor(folder: string, name: string, columns: readonly string[], { lineEnd = '\n', bom = false }: CsvOptions = {}) {
    this.#name = name
    this.#columns = columns
    this.#lineEnd = lineEnd
    this.#file = openSync(path.join(folder, name), 'w')
    this.#pending = (bom ? '\uFEFF' : '') + columns.map(csvCell).join(',') + lineEnd
  }

  write(cells: { readonly [column: string]: string | undefined }): void {
    let line = ''
    for (let i = 0; i < this.#columns.length; i++) {
      const cell = cells[this.#columns[i]!]
      line += (i === 0 ? '' : ',') + (cell === undefined ? '' : csvCell(cell))
    }
    this.writeLine(line)
  }

  /** A record that is not what a CSV writer would make of cells: for defects. */
  writeLine(line: string): void {
    this.#pending += line + this.#lineEnd
    this.#rows++
    if (this.#pending.length >= CHUNK_CHARACTERS) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending)
    this.#hash.update(bytes)
    for (let offset = 0; offset < bytes.length;) offset += writeSync(this.#file, bytes, offset)
    this.#bytes += bytes.length
    this.#pending = ''
  }

  close(): WrittenFile {
    this.#flush()
    closeSync(this.#file)
    return { name: this.#name, rows: this.#rows, sha256: this.#hash.digest('hex'), bytes: this.#bytes }
  }
}
