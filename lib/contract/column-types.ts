import type { ExceptionCode } from './codes.ts'
import type { BooleanColumn, Column, ColumnType, DatetimeColumn, DecimalColumn, EnumColumn, IntegerColumn, StringColumn } from './entity.ts'
import { localToUtc } from './time-zone.ts'

/** What checks depend on beside the cell: the shop's zone and the year the load runs in. */
export type CheckContext = { timeZone: string; currentYear: number }

/**
 * A cell that breaks a rule. `stored` is the text of the value that a warned row loads with, null for none;
 * `always` says that it only warns even where the column rejects (rounding, dates beyond the column).
 */
export class Fault {
  readonly code: ExceptionCode
  readonly stored: string | null
  readonly detail: string | null
  readonly always: 'warn' | undefined
  constructor(code: ExceptionCode, stored: string | null, detail: string | null = null, always?: 'warn') {
    this.code = code
    this.stored = stored
    this.detail = detail
    this.always = always
  }
}

/** The text that the database casts to the column's type, null for an empty value, or what is wrong with it. */
export type Check = (text: string) => string | null | Fault

type TypeRules<C extends Column> = {
  /** The column in production, and in staging where the value is kept beside its text. */
  ddl: (column: C) => string
  /** What SQL casts a text to that already is the value; null for types whose values are written otherwise as a rule. */
  cast: (column: C) => string | null
  check: (column: C, context: CheckContext) => Check
  /** How the contract page and the templates describe it. */
  describe: (column: C) => string
}

const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648

const PHONE_EXTENSION = /(?:x|ext\.?|extension) ?\d{1,6}$/i
const NOT_ALPHANUMERIC = /[^\p{L}\p{N}]/gu
const DIGITS_7_TO_15 = /^\d{7,15}$/
// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
const EMAIL = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/

/** Contract rule 16. Only called for text within the column's length, so that no pattern meets a long string. */
const formats: Record<'phone' | 'email' | 'vin', { holds: (text: string) => boolean; code: ExceptionCode }> = {
  phone: { holds: (text) => DIGITS_7_TO_15.test(text.trim().replace(PHONE_EXTENSION, '').replace(NOT_ALPHANUMERIC, '')), code: 'invalid_phone' },
  email: { holds: (text) => EMAIL.test(text), code: 'invalid_email' },
  vin: { holds: (text) => VIN.test(text), code: 'invalid_vin' },
}

/** The number of Unicode code points (contract rule 11: maxLength counts them). */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function checkString({ maxLength, format }: StringColumn): Check {
  const rule = format && formats[format]
  return (text) => {
    // UTF-16 units are never fewer than code points, so most text needs no counting.
    if (text.length > maxLength) {
      const length = codePoints(text)
      if (length > maxLength) return new Fault('too_long', null, `${length}>${maxLength}`)
    }
    return rule && !rule.holds(text) ? new Fault(rule.code, text) : text
  }
}

const PLAIN_INTEGER = /^[1-9]\d{0,8}$/
const INTEGER = /^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?$/

function checkInteger(column: IntegerColumn, context: CheckContext): Check {
  const min = column.min ?? MIN_INT
  const max = column.max === 'currentYear+2' ? context.currentYear + 2 : (column.max ?? MAX_INT)
  return (text) => {
    let typed = text
    if (!PLAIN_INTEGER.test(text)) {
      const trimmed = text.trim()
      if (trimmed === '') return null
      const parts = INTEGER.exec(trimmed)
      if (!parts) return new Fault('invalid_integer', null)
      const digits = parts[2]!.replaceAll(',', '').replace(/^0+(?=\d)/, '')
      typed = parts[1] === '-' && digits !== '0' ? `-${digits}` : digits
      if (digits.length > 10 || Number(typed) > MAX_INT || Number(typed) < MIN_INT) return new Fault('too_large', null, String(MAX_INT))
    }
    const value = Number(typed)
    if (value < min) return new Fault('below_min', typed, String(min))
    if (value > max) return new Fault('above_max', typed, String(max))
    return typed
  }
}

const DECIMAL = /^([+-]?)\$?(\d+|\d{1,3}(?:,\d{3})+)?(?:\.(\d*))?$/

/** Adds one to the last digit of a run of digits: `199` becomes `200`, `99` becomes `100`. */
function increment(digits: string): string {
  return (BigInt(digits) + 1n).toString().padStart(digits.length, '0')
}

function checkDecimal(column: DecimalColumn): Check {
  const { precision, scale, min } = column
  const wholeDigits = precision - scale
  const plain = new RegExp(`^(?:0|[1-9]\\d{0,${wholeDigits - 1}})(?:\\.\\d{1,${scale}})?$`)
  return (text) => {
    if (plain.test(text)) return text
    const trimmed = text.trim()
    if (trimmed === '') return null
    const parts = DECIMAL.exec(trimmed)
    if (!parts || (!parts[2] && !parts[3])) return new Fault('invalid_decimal', null)
    const negative = parts[1] === '-'
    let whole = (parts[2] ?? '').replaceAll(',', '').replace(/^0+/, '')
    const fraction = parts[3] ?? ''
    if (whole.length > wholeDigits) return new Fault('too_large', null, `${precision},${scale}`)
    const kept = fraction.slice(0, scale).padEnd(scale, '0')
    const excess = fraction.slice(scale)
    const lost = /[1-9]/.test(excess)
    let digits = whole + kept
    // Half up, away from zero (contract rule 13).
    if (lost && excess[0]! >= '5') digits = increment(digits || '0')
    whole = digits.slice(0, digits.length - scale) || '0'
    if (whole.length > wholeDigits && whole !== '0') return new Fault('too_large', null, `${precision},${scale}`)
    const isZero = !/[1-9]/.test(digits)
    const typed = `${negative && !isZero ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(digits.length - scale)}` : ''}`
    // Judged as sent: -0.001 is below zero although it is stored as 0.00.
    const sentNegative = negative && (lost || !isZero)
    if (min !== undefined && (sentNegative ? min >= 0 : Number(typed) < min)) return new Fault('below_min', typed, String(min))
    return lost ? new Fault('precision_lost', typed, typed, 'warn') : typed
  }
}

const BOOLEANS = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((word) => [word, '1'] as const),
  ...['false', 'f', 'no', 'n', '0'].map((word) => [word, '0'] as const),
])
const LONGEST_WORD = 40

/** Lower case of ASCII letters only: no other letter may turn into one of the contract's words. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function checkWord(words: ReadonlyMap<string, string>, code: ExceptionCode): Check {
  return (text) => {
    const found = words.get(text)
    if (found !== undefined) return found
    const trimmed = text.trim()
    if (trimmed === '') return null
    const word = trimmed.length > LONGEST_WORD ? undefined : words.get(asciiLowerCase(trimmed))
    return word ?? new Fault(code, null)
  }
}

const DATETIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):(\d\d))?)?$/
// What DATETIME(3) can hold on both servers.
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

const DAY_MS = 86_400_000
const TWO_DIGITS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))
// Files go through time in order as a rule.
let latestDay = { day: NaN, text: '' }

/** A time as DATETIME(3) takes it: `2025-08-30 14:00:00.000`. */
function storedTime(utcMs: number): string {
  const day = Math.floor(utcMs / DAY_MS)
  if (day !== latestDay.day) latestDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10) }
  const ms = utcMs - day * DAY_MS
  const seconds = Math.floor(ms / 1000)
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${latestDay.text} ${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[seconds % 60]}.${String(ms % 1000).padStart(3, '0')}`
}

const NINE = 57, ZERO = 48, COLON = 58, DASH = 45, PLUS = 43, SPACE = 32
const ALWAYS_A_DAY = 28

/** The number that the digits from one place to another make; NaN where there is something else. */
function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (code < ZERO || code > NINE) return NaN
    number = number * 10 + code - ZERO
  }
  return number
}

/**
 * The UTC milliseconds of a time written `YYYY-MM-DDTHH:MM:SS`, with Z, an offset or neither, as most are; null for one that
 * has to be read with more care.
 */
function usualTime(text: string, toUtc: (localMs: number) => number): number | null {
  const between = text.charCodeAt(10)
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON || (between !== SPACE && between !== 84)) return null
  const year = digits(text, 0, 4), month = digits(text, 5, 7), day = digits(text, 8, 10)
  const hour = digits(text, 11, 13), minute = digits(text, 14, 16), second = digits(text, 17, 19)
  // Comparisons with NaN are false, so these hold for numbers only.
  if (!(year >= 1000 && year < 9999 && month >= 1 && month <= 12 && day >= 1 && day <= ALWAYS_A_DAY && hour < 24 && minute < 60 && second < 60)) return null
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second)
  if (text.length === 19) return toUtc(localMs)
  if (text.length === 20) return text.charCodeAt(19) === 90 ? localMs : null
  const sign = text.charCodeAt(19)
  const offsetHour = digits(text, 20, 22), offsetMinute = digits(text, 23, 25)
  if (text.length !== 25 || (sign !== PLUS && sign !== DASH) || text.charCodeAt(22) !== COLON || !(offsetHour < 24 && offsetMinute < 60)) return null
  return localMs - (sign === DASH ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000
}

/** The same text in memory of its own: a part of a text keeps the whole of it, which may be a record of megabytes. */
export const copied = (text: string): string => Array.from(text).join('')

function checkDatetime(_column: DatetimeColumn, context: CheckContext): Check {
  const toUtc = localToUtc(context.timeZone)
  const parse = (text: string): string | null | Fault => {
    const trimmed = text.trim()
    if (trimmed === '') return null
    const m = DATETIME.exec(trimmed)
    if (!m) return new Fault('invalid_datetime', null)
    const part = (i: number) => (m[i] === undefined ? 0 : Number(m[i]))
    const year = part(1), month = part(2), day = part(3), hour = part(4), minute = part(5), second = part(6)
    const local = new Date(0)
    local.setUTCFullYear(year, month - 1, day)
    const isReal = local.getUTCFullYear() === year && local.getUTCMonth() === month - 1 && local.getUTCDate() === day
    const offsetHour = part(10), offsetMinute = part(11)
    if (!isReal || hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return new Fault('invalid_datetime', null)
    const localMs = local.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + (m[7] === undefined ? 0 : Number(m[7].slice(0, 3).padEnd(3, '0')))
    const offsetMs = (m[9] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000
    const utcMs = m[8] || m[9] ? localMs - offsetMs : toUtc(localMs)
    // What systems write for “never” is a real date that UTC moves out of the column: warned (contract rules 12 and 15).
    if (utcMs < FIRST_MS || utcMs > LAST_MS) return new Fault('too_large', null, '0001-01-01 to 9999-12-31', year > 0 ? 'warn' : undefined)
    return storedTime(utcMs)
  }
  // Files repeat their dates; the text of the last few thousand is remembered.
  let known = new Map<string, string | null | Fault>()
  return (text) => {
    const usual = usualTime(text, toUtc)
    if (usual !== null) return storedTime(usual)
    let result = known.get(text)
    if (result === undefined) {
      result = parse(text)
      if (known.size >= 4096) known = new Map()
      if (text.length < 64) known.set(copied(text), result)
    }
    return result
  }
}

const range = ({ min, max }: { min?: number; max?: number | string }) =>
  [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max === 'currentYear+2' ? 'two years from now' : max}`].filter(Boolean).join(', ')

/** Everything that depends on a column's type, one entry a type (contract rules 11 to 16). */
export const columnTypes: { [T in ColumnType]: TypeRules<Extract<Column, { type: T }>> } = {
  string: {
    ddl: ({ maxLength }) => `VARCHAR(${maxLength})`,
    cast: () => 'CHAR',
    check: checkString,
    describe: ({ maxLength, format }) => `${format ? `${format}, ` : ''}text up to ${maxLength} characters`,
  },
  integer: {
    ddl: () => 'INT',
    cast: () => 'SIGNED',
    check: checkInteger,
    describe: (column) => ['whole number', range(column)].filter(Boolean).join(', '),
  },
  decimal: {
    ddl: ({ precision, scale }) => `DECIMAL(${precision}, ${scale})`,
    cast: ({ precision, scale }) => `DECIMAL(${precision}, ${scale})`,
    check: checkDecimal,
    describe: (column) => [`number with up to ${column.scale} decimals`, range(column)].filter(Boolean).join(', '),
  },
  boolean: {
    ddl: () => 'BOOLEAN',
    cast: () => null,
    check: (_column: BooleanColumn) => checkWord(BOOLEANS, 'invalid_boolean'),
    describe: () => 'true/false, t/f, yes/no, y/n or 1/0',
  },
  datetime: {
    ddl: () => 'DATETIME(3)',
    cast: () => null,
    check: checkDatetime,
    describe: () => 'YYYY-MM-DD, or YYYY-MM-DD HH:MM[:SS[.fraction]] with or without an offset; without one, the shop’s local time',
  },
  enum: {
    ddl: () => 'VARCHAR(30)',
    cast: () => null,
    check: ({ values }: EnumColumn) => checkWord(new Map(values.map((v) => [v.toLowerCase(), v])), 'invalid_enum'),
    describe: ({ values }) => `one of ${values.join(', ')}`,
  },
}

// The one cast: a column meets its own type's rules, which TypeScript cannot follow through an indexed union.
const rulesOf = (column: Column) => columnTypes[column.type] as unknown as TypeRules<Column>

export const ddlOf = (column: Column): string => rulesOf(column).ddl(column)
export const castOf = (column: Column): string | null => rulesOf(column).cast(column)
export const checkOf = (column: Column, context: CheckContext): Check => rulesOf(column).check(column, context)
export const describeColumn = (column: Column): string => rulesOf(column).describe(column)
