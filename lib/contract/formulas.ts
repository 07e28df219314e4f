// What a spreadsheet may take for a formula: RELIABILITY F9. Quotes in front are counted in, so that taking one off again
// is exact: a cell that was sent as `'=1` goes out as `''=1`.
const FORMULA = /^'*[\s\0]*[=+\-@\t\r\n＝＋－＠]/
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/

function looksLikeFormula(cell: string): boolean {
  return FORMULA.test(cell) && !PLAIN_NUMBER.test(cell)
}

/** The cell as text that no spreadsheet runs: a single quote in front of what could be a formula. */
export function escapeFormula(cell: string): string {
  return looksLikeFormula(cell) ? `'${cell}` : cell
}

/** Takes off exactly the quote that `escapeFormula` put in front; every other cell comes back as it is. */
export function unescapeFormula(cell: string): string {
  return cell.startsWith("'") && looksLikeFormula(cell.slice(1)) ? cell.slice(1) : cell
}
