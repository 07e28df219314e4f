import { expect, test } from 'vitest'
import { exceptionCodes } from './codes.ts'
import { adviceFor, explain, titleOf, type ExceptionFacts } from './explain.ts'
import { entities } from './index.ts'

const facts = (known: Partial<ExceptionFacts>): ExceptionFacts => ({
  entity: 'line_item', file: 'line_items.csv', line: 7, key: 'L-1', column: 'externalParentDatalineId', code: 'required', severity: 'error', value: 'abc', detail: '12>5', ...known,
})

test.each(exceptionCodes)('%s has a title, advice, and a whole sentence whatever is known', (code) => {
  expect(titleOf(code)).toMatch(/^[A-Z].+[^.]$/)
  expect(adviceFor(code)).toMatch(/^[A-Z].+\.$/s)
  for (const severity of ['error', 'warning'] as const) {
    // A number of cells is always known and short; every other value may be empty, or long.
    for (const known of [{}, { key: null }, { column: null }, ...(code.endsWith('_cells') ? [] : [{ value: null }, { value: 'x'.repeat(5000) }])]) {
      const sentence = explain(facts({ code, severity, ...known }))
      expect(sentence).toMatch(/\S.*\.$/s)
      expect(sentence).not.toMatch(/undefined|null|NaN|\[object/)
      expect(sentence.length).toBeLessThan(600)
    }
  }
})

test('the sentence names line, column and value, and says what became of the row', () => {
  expect(explain(facts({ entity: 'invoice', column: 'total', code: 'invalid_decimal', value: '1.234,50' })))
    .toBe('Line 7, total: expected number with up to 2 decimals, at least 0, found “1.234,50”. The row was left out.')
  expect(explain(facts({ entity: 'vehicle', column: 'year', code: 'invalid_integer', severity: 'warning', value: 'abcd' }))).toMatch(/found “abcd”\. The row came in without this value\.$/)
  expect(explain(facts({ entity: 'vehicle', column: 'year', code: 'below_min', severity: 'warning', value: '1850', detail: '1900' })))
    .toBe('Line 7, year: “1850” is below 1900. The row came in with the value as sent.')
  expect(explain(facts({ entity: 'vehicle', column: 'externalCustomerId', code: 'parent_missing', value: 'C9' }))).toBe(
    'Line 7, externalCustomerId: Customer “C9” is neither in a row of this load that can be read nor among the rows imported for this shop. The row was left out.')
  // Optional ones may have been sent and left out.
  expect(explain(facts({ entity: 'invoice', column: 'externalVehicleId', code: 'parent_missing', severity: 'warning', value: 'V9' }))).toBe(
    'Line 7, externalVehicleId: Vehicle “V9” did not come in with this load and is not among the rows imported for this shop. The row came in without this link.')
  expect(explain(facts({ column: null, code: 'too_few_cells', value: '1', detail: '3' }))).toBe('Line 7: the record has 1 cell, the header 3. The row was left out.')
  expect(explain(facts({ code: 'parent_cycle', severity: 'warning' }))).toMatch(/The row came in without this link\.$/)
})

test('a warning about any column of the contract says rightly whether the value was kept', () => {
  for (const e of entities) {
    for (const [column, { type, onInvalid }] of Object.entries(e.columns)) {
      if (onInvalid !== 'warn') continue
      const code = type === 'enum' ? 'invalid_enum' : type === 'integer' ? 'invalid_integer' : 'too_long'
      expect(explain(facts({ entity: e.name, column, code, severity: 'warning' }))).toMatch(/without this value\.$/)
    }
  }
})
