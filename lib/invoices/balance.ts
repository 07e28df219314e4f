/** Money as whole cents: sums stay exact. */
export type Cents = bigint

/** Cents of a decimal with at most two digits behind the point, as the database gives it; nothing is 0. */
export function cents(amount: string | null): Cents {
  if (amount === null) return 0n
  const [, sign, whole, fraction] = /^(-?)(\d*)(?:\.(\d{1,2}))?$/.exec(amount) ?? fail(amount)
  const value = BigInt(whole || '0') * 100n + BigInt((fraction ?? '').padEnd(2, '0'))
  return sign ? -value : value
}

function fail(amount: string): never {
  throw new Error(`Not an amount of money: ${amount}`)
}

/** Cents as the database writes them: `-12.50`. */
export function amountOf(value: Cents): string {
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The statuses of payments whose money is there. Refunds count with the sign they were delivered with, which is minus. */
export const paidStatuses = ['completed', 'refunded', 'partially_refunded'] as const

/** Whether a payment of this status counts as paid. A payment without a status was entered as received. */
export function countsAsPaid(status: string | null): boolean {
  return status === null || (paidStatuses as readonly string[]).includes(status)
}

/** How the balance comes about, in words for those who compare it with their own books. */
export const balanceRule =
  'Balance = invoice total − paid. Paid is the sum of payments that are completed, refunded, partially refunded or without a status, ' +
  'refunds with the minus they were delivered with. Pending, processing, failed and cancelled payments do not count.'

/** What the lines add up to, beside what the invoice says. Lines come without taxes and, from many systems, without fees. */
export type LineCheck = {
  lines: string
  /** lines − subtotal and lines − total; null where the invoice has no such amount. */
  againstSubtotal: string | null
  againstTotal: string | null
  sentence: string
}

/** Compares the sum of the lines with the invoice's subtotal and total. It is information: neither has to be equal. */
export function checkLines(lineTotals: readonly (string | null)[], invoice: { subTotal: string | null; total: string | null }): LineCheck {
  const lines = lineTotals.reduce((sum, total) => sum + cents(total), 0n)
  const difference = (amount: string | null) => (amount === null ? null : lines - cents(amount))
  const againstSubtotal = difference(invoice.subTotal)
  const againstTotal = difference(invoice.total)
  return {
    lines: amountOf(lines),
    againstSubtotal: againstSubtotal === null ? null : amountOf(againstSubtotal),
    againstTotal: againstTotal === null ? null : amountOf(againstTotal),
    sentence: sentenceOf(lineTotals.length, againstSubtotal, againstTotal),
  }
}

function sentenceOf(count: number, againstSubtotal: Cents | null, againstTotal: Cents | null): string {
  if (count === 0) return 'The invoice has no lines.'
  if (againstTotal === 0n) return 'The lines add up to the invoice total.'
  if (againstSubtotal === 0n) return 'The lines add up to the subtotal. The rest of the total is taxes and fees.'
  if (againstTotal === null && againstSubtotal === null) return 'The invoice has neither a subtotal nor a total to compare with.'
  return 'The lines add up to neither the subtotal nor the total. That is how the invoice was delivered or entered.'
}
