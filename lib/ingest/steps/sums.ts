import type { Entity } from '#lib/contract/index.ts'
import { moneyColumns } from '../sql/write.ts'

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

/** Adds the sums that are called so to a total, one for each money column. */
export function addMoney(total: Summed, found: Record<string, unknown>, e: Entity, name: 'sent' | 'money'): void {
  for (const i of moneyColumns(e).keys()) total[`${name}${i}`] = toCents(total[`${name}${i}`] ?? 0) + toCents(found[`${name}${i}`])
}
