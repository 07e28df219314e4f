import { formatNumber } from '#components/ui/num.tsx'
import { entityOf, type EntityName } from '#lib/contract/index.ts'

/** An entity as the title of a row or tab: `Line items`. */
export function entityTitle(name: EntityName): string {
  const words = entityOf(name).file.replace(/\.csv$/, '').replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}

/** `1 row`, `9,412 rows` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`
}

/** `0.4 s`, `12 s`, `1 min 12 s`, `2 h 05 min` */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(seconds, 0).toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const BYTE_UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** `312 bytes`, `4.2 MB` */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), BYTE_UNITS.length - 1)
  return power === 0 ? counted(value, 'byte') : `${(value / 1000 ** power).toFixed(1)} ${BYTE_UNITS[power]}`
}

// The sums are text with two decimals; cents as bigint keep them exact.
const cents = (money: string) => BigInt(money.replace('.', ''))

/** The exact difference of two sums, as text with two decimals. */
export function difference(minuend: string, subtrahend: string): string {
  const result = cents(minuend) - cents(subtrahend)
  const digits = String(result < 0n ? -result : result).padStart(3, '0')
  return `${result < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
