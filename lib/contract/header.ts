import type { Problem } from './codes.ts'
import { cut } from './cut.ts'
import { unescapeFormula } from './formulas.ts'
import { requiredColumns, type Entity } from './index.ts'

/** A column of a file: its header as sent (trimmed), its place, and the contract column it stands for, if any. */
export type HeaderColumn = { header: string; index: number; column: string | null }

export type Header = {
  columns: HeaderColumn[]
  /** How many cells a record must have; empty cells beyond are ignored (contract rule 8). */
  width: number
  problems: Problem[]
  /** Headers that the contract does not know: kept in staging and reported once (contract rule 9). */
  unknown: string[]
  /** The file is our own download of rejected rows, corrected: its cells carry the quotes that kept spreadsheets from running them. */
  isCorrection: boolean
}

/** What a download of rejected rows has behind the columns of the file: where a row stood, and why it was left out. */
export const CORRECTION_COLUMNS: readonly string[] = ['_line', '_reason']

/** Whether these are the columns of such a download. */
export function isCorrection(names: readonly string[]): boolean {
  return CORRECTION_COLUMNS.every((name, i) => names[names.length - CORRECTION_COLUMNS.length + i] === name)
}

// InnoDB's limit is 1,017 columns a table; nobody sends more than this in earnest.
const MAX_COLUMNS = 2000

const MAX_SHOWN = 200

const quoted = (names: readonly string[]) => names.map((n) => `“${cut(n, MAX_SHOWN)}”`).join(', ')

/** What separates the names of a header in which no comma does: they are one cell, or come out as names of the contract. */
function separatorGuess(cells: readonly string[], known: ReadonlySet<string>): string | null {
  for (const [sign, name] of [[';', 'semicolons'], ['\t', 'tabs'], ['|', 'vertical bars']] as const) {
    const names = cells.flatMap((cell) => cell.split(sign))
    if (names.length === cells.length) continue
    if (cells.length === 1 || names.some((n) => known.has(n.trim().replace(/^"(.*)"$/, '$1').toLowerCase()))) return name
  }
  return null
}

function noHeader(cells: readonly string[], known: ReadonlySet<string>): string {
  const guess = separatorGuess(cells, known)
  return guess ? ` The file looks separated by ${guess}; it must be separated by commas.` : ' Its first line holds no name of the contract: the line with the names is probably missing.'
}

/**
 * Maps the header cells of an entity's file to the contract (rule 9): trimmed, matched exactly first, then without
 * letter case; unnamed columns after the last named one are dropped, others keep a place in staging. `file` is what the
 * file is called, `line` the one on which its header begins.
 */
export function readHeader(e: Entity, cells: readonly string[], file = e.file, line = 1): Header {
  const sent = cells.map((cell) => cell.trim())
  const width = sent.findLastIndex((name) => name !== '') + 1
  const corrected = isCorrection(sent.slice(0, width))
  const names = corrected ? sent.map(unescapeFormula) : sent
  const problems: Problem[] = []
  const problem = (code: Problem['code'], column: string | null, message: string) =>
    problems.push({ file, line, column: column === null ? null : cut(column, MAX_SHOWN), code, message })

  if (width > MAX_COLUMNS) problem('too_many_columns', null, `${file} has ${width} columns; at most ${MAX_COLUMNS} can be read.`)
  // Without a single name of the contract it is no header but a row of data, and what it holds is told to nobody.
  const known = new Set(Object.keys(e.columns).map((name) => name.toLowerCase()))
  const isHeader = names.some((name) => known.has(name.toLowerCase()))
  const seen = new Set<string>()
  // Of so many columns not each is worth a word.
  const looked = isHeader && width <= MAX_COLUMNS ? names.slice(0, width) : []
  for (const name of looked) {
    if (name !== '' && seen.has(name)) problem('column_twice', name, `${file} has the column “${cut(name, MAX_SHOWN)}” twice. Take one of them out.`)
    seen.add(name)
  }

  const exact = new Set(names.filter((name) => Object.hasOwn(e.columns, name)))
  const byLowerCase = new Map(Object.keys(e.columns).map((name) => [name.toLowerCase(), name]))
  const columns: HeaderColumn[] = []
  const takenBy = new Map<string, string>()
  for (const [index, header] of names.slice(0, width).entries()) {
    const column = exact.has(header) ? header : (byLowerCase.get(header.toLowerCase()) ?? null)
    if (column !== null && takenBy.has(column) && takenBy.get(column) !== header) {
      problem('column_twice', column, `${file} has “${takenBy.get(column)}” and “${header}”, which both mean the column “${column}”. Take one of them out.`)
    }
    if (column !== null) takenBy.set(column, header)
    columns.push({ header, index, column })
  }

  const missing = requiredColumns(e).filter((name) => !takenBy.has(name))
  for (const [i, name] of missing.entries()) {
    problem('column_missing', name, `${file} has no column “${name}”, which every row needs.${i > 0 ? '' : isHeader ? ` Its header is ${quoted(names.slice(0, 8))}${names.length > 8 ? ' …' : '.'}` : noHeader(cells, known)}`)
  }
  // Our own two columns of a correction are no surprise to anybody.
  const named = corrected ? columns.slice(0, -CORRECTION_COLUMNS.length) : columns
  const unknown = named.filter((c) => c.column === null && c.header !== '').map((c) => c.header)
  return { columns, width, problems, unknown, isCorrection: corrected }
}
