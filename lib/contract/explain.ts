import type { ExceptionCode, Severity } from './codes.ts'
import { describeColumn } from './column-types.ts'
import { entityOf, type EntityName } from './index.ts'

/** What is known about an exception; `value` as sent, `detail` as the code needs it (see `codes` below). */
export type ExceptionFacts = {
  entity: EntityName | null; file: string; line: number | null; key: string | null; column: string | null
  code: ExceptionCode; severity: Severity; value: string | null; detail: string | null
}

const LONGEST_SHOWN = 80

function shown(value: string | null): string {
  if (value === null || value === '') return 'nothing'
  const text = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value
  return `“${text}”`
}

/** An entity in the words of a sentence: `line item`. */
export const entityWords = (name: EntityName): string => name.replaceAll('_', ' ')
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)

function expected({ entity, column }: ExceptionFacts): string {
  const definition = entity && column ? entityOf(entity).columns[column] : undefined
  return definition ? describeColumn(definition) : 'another value'
}

function parentOf({ entity, column }: ExceptionFacts): string {
  const parent = entity ? entityOf(entity).parents.find((p) => p.column === column) : undefined
  return parent ? capital(entityWords(parent.entity)) : 'Parent'
}

const cellCounts = (x: ExceptionFacts) => `the record has ${x.value} ${x.value === '1' ? 'cell' : 'cells'}, the header ${x.detail}`

const invalid = (x: ExceptionFacts) => `expected ${expected(x)}, found ${shown(x.value)}`

type Words = { title: string; says: (x: ExceptionFacts) => string; advice: string }

/** A required parent that was left out is told as `parent_rejected`; an optional one may have been sent and left out, too. */
const parentMissing = (x: ExceptionFacts) => {
  const why = x.severity === 'error' ? 'is neither in a row of this load that can be read nor' : 'did not come in with this load and is not'
  return `${parentOf(x)} ${shown(x.value)} ${why} among the rows imported for this shop`
}

const FIX_VALUE = 'Correct the value in the partner’s system or in the file, and send the row again.'

/** One entry a code: its title in lists, its sentence, and what to do about it. */
const codes: Record<ExceptionCode, Words> = {
  too_few_cells: { title: 'Too few cells', says: cellCounts, advice: 'A comma or a line break is probably missing or unquoted. Ask the partner for a correct export.' },
  too_many_cells: { title: 'Too many cells', says: cellCounts, advice: 'A comma in a text is probably not quoted. Ask the partner for a correct export.' },
  text_after_quote: { title: 'Text after a closing quote', says: () => 'text follows a closing quote, so the cells cannot be told apart', advice: 'Quotes inside a quoted text must be doubled. Ask the partner for a correct export.' },
  nul_character: { title: 'NUL character', says: () => 'the record holds a NUL character, which no text has', advice: 'The export is damaged here. Ask the partner for this row again.' },
  required: { title: 'Value missing', says: () => 'a value is required, and the cell is empty', advice: 'Fill the cell and send the row again.' },
  too_long: { title: 'Too long', says: (x) => `the text has ${x.detail?.split('>')[0]} characters, at most ${x.detail?.split('>')[1]} fit`, advice: 'Shorten the text and send the row again.' },
  invalid_integer: { title: 'Not a whole number', says: invalid, advice: FIX_VALUE },
  invalid_decimal: { title: 'Not a number', says: invalid, advice: 'Write numbers like 1234.50 or 1,234.50. Correct the cell and send the row again.' },
  invalid_boolean: { title: 'Not yes or no', says: invalid, advice: FIX_VALUE },
  invalid_enum: { title: 'Not one of the allowed words', says: invalid, advice: FIX_VALUE },
  invalid_datetime: { title: 'Not a date', says: invalid, advice: 'Write dates like 2025-03-04, so that nobody has to guess day and month.' },
  invalid_phone: { title: 'Odd phone number', says: (x) => `${shown(x.value)} does not look like a phone number (7 to 15 digits)`, advice: 'The row is in, with the number as sent. Correct it in the shop if it matters.' },
  invalid_email: { title: 'Odd e-mail address', says: (x) => `${shown(x.value)} is not an e-mail address`, advice: 'The row is in, with the address as sent. Correct it in the shop if it matters.' },
  invalid_vin: { title: 'Odd VIN', says: (x) => `${shown(x.value)} is not a VIN (17 letters and digits without I, O and Q)`, advice: 'The row is in, with the VIN as sent. Correct it in the shop if it matters.' },
  below_min: { title: 'Too small', says: (x) => `${shown(x.value)} is below ${x.detail}`, advice: FIX_VALUE },
  above_max: { title: 'Too large', says: (x) => `${shown(x.value)} is above ${x.detail}`, advice: FIX_VALUE },
  too_large: { title: 'Does not fit', says: (x) => `${shown(x.value)} is beyond what the column can hold`, advice: FIX_VALUE },
  precision_lost: { title: 'Rounded', says: (x) => `${shown(x.value)} has more decimals than are kept and was rounded to ${x.detail}`, advice: 'Nothing to do unless the exact figure matters.' },
  rule_mileage: { title: 'Mileage out below mileage in', says: (x) => `the mileage out, ${shown(x.value)}, is below the mileage in`, advice: 'The row is in as sent. Check the odometer readings.' },
  rule_date_range: { title: 'Unlikely date', says: (x) => `${shown(x.value)} is before 1900 or in the future`, advice: 'The row is in as sent. Check the date.' },
  rule_labor_hours: { title: 'Labor without hours', says: (x) => `a labor line should have more than 0 hours, found ${shown(x.value)}`, advice: 'The row is in as sent. Check the hours.' },
  rule_negative_total: { title: 'Negative total', says: (x) => `${shown(x.value)} is negative, and the line is no discount`, advice: 'The row is in as sent. Check whether it is a discount.' },
  rule_payment_positive: { title: 'Payment not above zero', says: (x) => `${shown(x.value)} is not above 0, and the payment is not marked refunded`, advice: 'The row is in as sent. Check whether it is a refund.' },
  rule_payment_limit: { title: 'Very large payment', says: (x) => `${shown(x.value)} is more than 1,000,000`, advice: 'The row is in as sent. Check the amount.' },
  rule_quantity: { title: 'Negative stock', says: (x) => `the quantity on hand, ${shown(x.value)}, is negative`, advice: 'The row is in as sent. Count the stock.' },
  duplicate_key: { title: 'Key sent more than once', says: (x) => `the key ${shown(x.key)} comes again with other values on line ${x.detail}, and the last one counts`, advice: 'This earlier row was left out. Check that the later one is the right one.' },
  parent_missing: { title: 'Parent not found', says: parentMissing, advice: 'Send the missing parent, in this load or in one before it. Look first whether it is among the rows that were left out.' },
  parent_rejected: { title: 'Left out with its parent', says: (x) => `${parentOf(x)} ${shown(x.value)} was left out (line ${x.detail}), and this row hangs on it`, advice: 'Correct the parent’s row; this one comes in with it.' },
  parent_of_other_invoice: { title: 'Parent line of another invoice', says: (x) => `the parent line ${shown(x.value)} belongs to another invoice`, advice: 'The row is in without its parent line. Check the parent’s id.' },
  parent_is_itself: { title: 'Own parent', says: () => 'the line names itself as its parent', advice: 'The row is in without a parent line. Check the parent’s id.' },
  parent_cycle: { title: 'Circle of parent lines', says: (x) => `following the parent lines from ${shown(x.value)} leads back to this line`, advice: 'The row is in without its parent line. Check the parents’ ids.' },
  link_kept_empty: { title: 'Link still empty', says: (x) => `${parentOf(x)} ${shown(x.value)} is known by now, but the row is unchanged since it came in without it, so its link stays empty`, advice: 'Set the link in the shop, or have the partner send the row with a change.' },
  deleted_in_shop: { title: 'Deleted in the shop', says: () => 'the row came in with an earlier load and was deleted in the shop since; it has other values now, and stays deleted', advice: 'Nothing to do if it was deleted on purpose. Else enter it in the shop again.' },
  unknown_column: { title: 'Unknown column', says: (x) => `the column ${shown(x.column)} is not in the contract`, advice: 'It is kept in staging and goes nowhere else. Ask whether it matters.' },
  unnamed_column: { title: 'Column without a name', says: (x) => `column ${x.detail} holds values but has no name`, advice: 'It is kept in staging and goes nowhere else. Ask the partner for the column’s name.' },
  newer_rows_kept: { title: 'Newer values kept', says: (x) => `later loads have brought other values for ${x.detail === '1' ? '1 row' : `${x.detail} rows`} of this file, and those were kept`, advice: 'Nothing to do. To bring the values of this load back, send its files again under a new load id.' },
  unlisted_file: { title: 'File not in the manifest', says: (x) => `${x.file} lies beside the files but the manifest does not list it, so it was left alone`, advice: 'Nothing to do unless the file was meant to be loaded.' },
}

const WHOLE_FILE: ReadonlySet<ExceptionCode> = new Set(['unknown_column', 'unnamed_column', 'unlisted_file', 'newer_rows_kept'])

/** Whether it is said of a file as a whole, and of none of its records. */
export function isOnWholeFile(code: ExceptionCode): boolean {
  return WHOLE_FILE.has(code)
}
const LINK_ONLY: ReadonlySet<ExceptionCode> = new Set(['parent_missing', 'parent_of_other_invoice', 'parent_is_itself', 'parent_cycle'])

function consequence({ code, severity }: ExceptionFacts): string {
  if (severity === 'error') return ' The row was left out.'
  if (isOnWholeFile(code) || code === 'duplicate_key' || code === 'link_kept_empty' || code === 'precision_lost' || code === 'deleted_in_shop') return ''
  if (LINK_ONLY.has(code)) return ' The row came in without this link.'
  return code === 'too_long' || code.startsWith('invalid_i') || code.startsWith('invalid_enum') || code === 'too_large'
    ? ' The row came in without this value.'
    : ' The row came in with the value as sent.'
}

/** The exception in one plain sentence: where, what, and what became of the row. */
export function explain(x: ExceptionFacts): string {
  const place = isOnWholeFile(x.code) ? x.file : [`Line ${x.line}`, x.column].filter(Boolean).join(', ')
  return `${place}: ${codes[x.code].says(x)}.${consequence(x)}`
}

/** What a group of exceptions of that code is called. */
export const titleOf = (code: ExceptionCode): string => codes[code].title

/** What somebody should do about an exception of that code. */
export const adviceFor = (code: ExceptionCode): string => codes[code].advice
