import type { Header } from '#lib/contract/header.ts'
import type { Entity } from '#lib/contract/index.ts'

/**
 * A column of a staged file: the header as sent, the contract column or null, and its name in the staging table; `own` is false for
 * one that shares the column `_more`.
 */
export type StagedColumn = { header: string; column: string | null; staging: string; own: boolean }

// More columns than this fit no InnoDB page as columns of their own. All unknown ones are then kept together in `_more`, as JSON: for each
// cell that holds something its place in the record, from 0, and what it holds.
const MOST_UNKNOWN = 60
const MAX_IDENTIFIER = 64
// NUL and what needs four bytes cannot be in a name. İ, Ω, K and Å (the signs) are shorter in lower case: MySQL 9.7 lowers names in
// place and then warns, while it loads rows, of the bytes that remain.
const UNNAMEABLE = /[\0\uD800-\uDFFF\u{10000}-\u{10FFFF}\u0130\u2126\u212A\u212B]/gu

/**
 * The staging columns of a file, in file order: contract columns under the contract's name, unknown ones as sent, made
 * unique without letter case and cut to what a column may be called.
 */
export function stagedColumns(e: Entity, header: Header): StagedColumn[] {
  // The table has all of the contract's columns, also those that the file lacks.
  const taken = new Set(Object.keys(e.columns).map(fold))
  const own = header.columns.filter(({ column }) => column === null).length <= MOST_UNKNOWN
  return header.columns.map(({ header: name, column, index }) => {
    if (column !== null) return { header: name, column, staging: column, own: true }
    const base = (name === '' ? `column ${index + 1}` : name).replace(/^_/, 'x_').replaceAll(UNNAMEABLE, '?').slice(0, MAX_IDENTIFIER - 6).trimEnd()
    let staging = base
    for (let n = 2; taken.has(fold(staging)); n++) staging = `${base} ~${n}`
    taken.add(fold(staging))
    return { header: name, column: null, staging, own }
  })
}

// Column names are compared without letter case, and by some collations without accents and with ß like s.
const fold = (name: string) => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 's').toUpperCase()
