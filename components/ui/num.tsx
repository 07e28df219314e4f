import { cn } from './cn.ts'

const whole = new Intl.NumberFormat('en-US')
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** A count with thousands separators: `12,345`. */
export function formatNumber(value: number | bigint | string): string {
  return whole.format(value as Intl.StringNumericLiteral)
}

/** An amount in dollars and cents, exact for amounts of any size when it comes as text: `-$1,234.50`. */
export function formatMoney(value: number | string): string {
  return dollars.format(value as Intl.StringNumericLiteral)
}

/** A count; nothing is shown as a dash. */
export function Num({ value, className }: { value: number | bigint | string | null | undefined; className?: string }) {
  return <span className={cn('tabular-nums', className)}>{value === null || value === undefined ? '—' : formatNumber(value)}</span>
}

/** An amount in US dollars, given as the database's text. */
export function Money({ value, className }: { value: number | string | null | undefined; className?: string }) {
  return <span className={cn('block text-right tabular-nums', className)}>{value === null || value === undefined ? '—' : formatMoney(value)}</span>
}
