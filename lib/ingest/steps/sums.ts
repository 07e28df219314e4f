/** A count of rows, and one sum for each money column: text from the database, or cents. */
export type Summed = Record<string, unknown> & { n: number }
export const nothing: Summed = { n: 0 }

/** A sum, like `1234.50` from the database, in cents. */
export function toCents(sum: unknown): bigint {
  if (typeof sum === 'bigint') return sum
  const [whole = '0', fraction = ''] = String(sum).replace('-', '').split('.')
  const cents = BigInt(whole + fraction.padEnd(2, '0').slice(0, 2))
  return String(sum).startsWith('-') ? -cents : cents
}
