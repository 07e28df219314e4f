import type { Random } from './random.ts'

const SIGNS = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789'
// Model years since 2010; the letters come round every thirty years.
const YEARS = 'ABCDEFGHJKLMNPRSTVWXY123456789'
const VALUES: Record<string, number> = {
  A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8, J: 1, K: 2, L: 3, M: 4, N: 5, P: 7, R: 9, S: 2, T: 3, U: 4, V: 5, W: 6, X: 7, Y: 8, Z: 9,
}
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

/** What the ninth character of a VIN must be, given the other sixteen (49 CFR 565.15). */
export function checkDigit(vin: string): string {
  const sum = [...vin].reduce((total, sign, i) => total + (VALUES[sign] ?? Number(sign)) * WEIGHTS[i]!, 0)
  return sum % 11 === 10 ? 'X' : String(sum % 11)
}

/** A VIN of that maker (the first three characters) and model year, with a right check digit. */
export function makeVin(maker: string, year: number, random: Random): string {
  const signs = (count: number, from: string) => Array.from({ length: count }, () => random.of([...from])).join('')
  const before = maker + signs(5, SIGNS)
  const after = YEARS[(year - 1980) % 30]! + signs(1, SIGNS) + signs(6, '0123456789')
  return before + checkDigit(`${before}0${after}`) + after
}
