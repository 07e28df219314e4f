import type { ExceptionCode } from './codes.ts'
import { localToUtc } from './time-zone.ts'

/** A typed value as the checks see it: decimals and integers as numbers, datetimes as epoch milliseconds. */
export type Scalar = string | number | boolean | null

/** What the clock-dependent checks compare with: the start of the load, and of the year 1900, epoch milliseconds UTC. */
export type Clock = { readonly nowMs: number; readonly currentYear: number; readonly year1900Ms: number }

/** A rule over several values of one row; all of contract v1 only warn. */
export type RowRule = {
  /** The rule in the words of the contract. */
  readonly rule: string
  readonly code: ExceptionCode
  readonly reads: readonly string[]
  /** The columns at fault, given the values of `reads` in that order; none when the rule holds. */
  readonly broken: (values: readonly Scalar[], clock: Clock) => readonly string[]
}

export function rowRule(rule: RowRule): RowRule {
  return rule
}

/** `column` must not be below `floor` where both are given. */
export function notBelow({ rule, code, column, floor }: { rule: string; code: ExceptionCode; column: string; floor: string }): RowRule {
  return {
    rule, code, reads: [column, floor],
    broken: ([value, least]) => (value !== null && least !== null && Number(value) < Number(least) ? [column] : []),
  }
}

const DAY_MS = 86_400_000
const YEAR_1900_UTC_MS = Date.UTC(1900, 0, 1)

/** When 1900 begins: in the shop's zone, where dates without an offset are read, or in UTC, whichever is first. */
export const year1900Ms = (timeZone: string): number => Math.min(YEAR_1900_UTC_MS, localToUtc(timeZone)(YEAR_1900_UTC_MS))

/** Each of `columns` lies between 1900-01-01 and now + 1 day (contract rule 15: real dates are stored and warned). */
export function between({ rule, code, columns }: { rule: string; code: ExceptionCode; columns: readonly string[] }): RowRule {
  return {
    rule, code, reads: columns,
    broken: (values, clock) =>
      columns.filter((_, i) => values[i] !== null && (Number(values[i]) < clock.year1900Ms || Number(values[i]) > clock.nowMs + DAY_MS)),
  }
}
