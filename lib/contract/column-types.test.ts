import { describe, expect, test } from 'vitest'
import { checkOf, codePoints, Fault } from './column-types.ts'
import type { Column } from './entity.ts'

const context = { timeZone: 'America/New_York', currentYear: 2026 }
const check = (column: Column, text: string) => checkOf(column, context)(text)
/** What is stored, or the code of what is wrong and what a warned row would load with. */
function judged(column: Column, text: string) {
  const result = check(column, text)
  return result instanceof Fault ? [result.code, result.stored] : result
}
const all = (column: Column, cases: readonly (readonly [string, unknown])[]) => {
  for (const [text, expected] of cases) expect(judged(column, text), JSON.stringify(text)).toEqual(expected)
}

describe('Rule 11: text', () => {
  test('is stored exactly as sent, untrimmed', () => {
    all({ type: 'string', maxLength: 10 }, [[' a ', ' a '], ['A\tb\n', 'A\tb\n'], ['NULL', 'NULL'], ['\\N', '\\N'], ['007', '007']])
  })
  test('is measured in code points', () => {
    all({ type: 'string', maxLength: 3 }, [
      ['😀😀😀', '😀😀😀'], ['😀😀😀a', ['too_long', null]], ['abc', 'abc'], ['abcd', ['too_long', null]], ['e\u0301e', 'e\u0301e'], ['e\u0301e\u0301', ['too_long', null]],
    ])
    expect(codePoints('a😀é')).toBe(3)
  })
})

test('Rule 11: typed values are trimmed of blanks, and blanks alone are nothing', () => {
  const types: Column[] = [
    { type: 'integer' }, { type: 'decimal', precision: 12, scale: 2 }, { type: 'boolean' }, { type: 'enum', values: ['paid'] }, { type: 'datetime' },
  ]
  for (const column of types) all(column, [['', null], ['  ', null], ['\t', null]])
  all({ type: 'integer' }, [[' 7 ', '7']])
  all({ type: 'decimal', precision: 12, scale: 2 }, [[' 7.5\t', '7.50']])
  all({ type: 'boolean' }, [[' Yes ', '1']])
  all({ type: 'enum', values: ['paid'] }, [[' PAID ', 'paid']])
  all({ type: 'datetime' }, [[' 2025-01-02T03:04Z ', '2025-01-02 03:04:00.000']])
})

describe('Rule 13: integers', () => {
  test('take a sign, digits, commas in right groups, and a fraction of zeros', () => {
    all({ type: 'integer' }, [
      ['0', '0'], ['7', '7'], ['+7', '7'], ['-7', '-7'], ['007', '7'], ['-0', '0'], ['1,234', '1234'], ['12,345,678', '12345678'],
      ['81220.0', '81220'], ['81220.00', '81220'], ['1,234.0', '1234'], ['2147483647', '2147483647'], ['-2147483648', '-2147483648'],
    ])
  })
  test('take nothing else', () => {
    for (const text of ['1.5', '12,34', '1,2345', ',123', '1e5', '0x10', '1 234', '--1', '+', '.', '.0', '$5', '٣', '1_000', 'abc', '1,234.5', 'NaN']) {
      expect(judged({ type: 'integer' }, text), text).toEqual(['invalid_integer', null])
    }
    all({ type: 'integer' }, [['2147483648', ['too_large', null]], ['99999999999999999999', ['too_large', null]]])
  })
  test('out of range keep their value for a row that only warns', () => {
    const year: Column = { type: 'integer', min: 1900, max: 'currentYear+2', onInvalid: 'warn' }
    all(year, [['1850', ['below_min', '1850']], ['1899', ['below_min', '1899']], ['1900', '1900'], ['2028', '2028'], ['2029', ['above_max', '2029']], ['abcd', ['invalid_integer', null]]])
  })
})

describe('Rule 13: decimals', () => {
  const money: Column = { type: 'decimal', precision: 12, scale: 2 }
  test('take a sign, a dollar, commas in right groups and a point', () => {
    all(money, [
      ['0', '0'], ['5', '5'], ['12.3', '12.3'], ['-1,234.50', '-1234.50'], ['$5', '5.00'], ['-$5.00', '-5.00'], ['+$5', '5.00'], ['.5', '0.50'], ['-.5', '-0.50'],
      ['$1,234,567.89', '1234567.89'], ['007.10', '7.10'], ['-0.00', '0.00'], ['9999999999.99', '9999999999.99'], ['1.2300', '1.23'],
    ])
  })
  test('are never reinterpreted', () => {
    for (const text of ['12,34', '1.234,50', '1,23', '1,2345.00', ',5', '1e3', '(5.00)', '5-', '€5', '5 USD', '1 234.50', '$', '-', '.', '$.', '1.2.3', 'abc', '$$5', 'Infinity', '１２']) {
      expect(judged(money, text), text).toEqual(['invalid_decimal', null])
    }
  })
  test('are rounded half up where digits would be lost, with a warning that stays one', () => {
    all(money, [
      ['1.005', ['precision_lost', '1.01']], ['1.0049', ['precision_lost', '1.00']], ['0.999', ['precision_lost', '1.00']], ['-1.005', ['precision_lost', '-1.01']],
      ['9.995', ['precision_lost', '10.00']], ['.005', ['precision_lost', '0.01']], ['.001', ['precision_lost', '0.00']], ['1.000', '1.00'],
    ])
    expect((check(money, '1.005') as Fault).always).toBe('warn')
    all({ type: 'decimal', precision: 12, scale: 4 }, [['1.00005', ['precision_lost', '1.0001']], ['1.0001', '1.0001']])
  })
  test('that do not fit their precision are refused, also when only rounding makes them too large', () => {
    all(money, [['10000000000', ['too_large', null]], ['9999999999.995', ['too_large', null]], ['99999999999999999999999.1', ['too_large', null]], ['00000000000000001', '1.00']])
    all({ type: 'decimal', precision: 12, scale: 4 }, [['99999999.9999', '99999999.9999'], ['100000000', ['too_large', null]]])
  })
  test('below a minimum are refused as they were sent', () => {
    const least: Column = { type: 'decimal', precision: 12, scale: 2, min: 0 }
    all(least, [['0', '0'], ['-0', '0.00'], ['-0.01', ['below_min', '-0.01']], ['-0.001', ['below_min', '0.00']], ['-1', ['below_min', '-1.00']]])
  })
})

test('Rule 14: booleans are true/false, t/f, yes/no, y/n and 1/0 in any case, and nothing else', () => {
  for (const text of ['true', 'TRUE', 'True', 't', 'T', 'yes', 'YES', 'y', 'Y', '1']) expect(judged({ type: 'boolean' }, text), text).toBe('1')
  for (const text of ['false', 'FALSE', 'f', 'F', 'no', 'No', 'n', 'N', '0']) expect(judged({ type: 'boolean' }, text), text).toBe('0')
  for (const text of ['2', '-1', '01', 'on', 'off', 'x', 'ja', 'truе', '1.0', 'null', 'y'.repeat(100)]) expect(judged({ type: 'boolean' }, text), text).toEqual(['invalid_boolean', null])
})

test('Rule 14: enum values are matched without letter case and stored as in the contract', () => {
  const state: Column = { type: 'enum', values: ['in_progress', 'paid', 'stripe'] }
  all(state, [['paid', 'paid'], ['PAID', 'paid'], ['In_Progress', 'in_progress'], ['in progress', ['invalid_enum', null]], ['paid,', ['invalid_enum', null]], ['ſtripe', ['invalid_enum', null]], ['constructor', ['invalid_enum', null]]])
})

describe('Rule 15: dates and times', () => {
  const date: Column = { type: 'datetime' }
  test('with an offset are moved to UTC, without one they are the shop’s local time', () => {
    all(date, [
      ['2025-08-22', '2025-08-22 04:00:00.000'], ['2025-01-22', '2025-01-22 05:00:00.000'],
      ['2025-08-22T10:30', '2025-08-22 14:30:00.000'], ['2025-08-22 10:30', '2025-08-22 14:30:00.000'], ['2025-08-22 10:30:15', '2025-08-22 14:30:15.000'],
      ['2025-08-22T10:30:15Z', '2025-08-22 10:30:15.000'], ['2025-08-22T10:30Z', '2025-08-22 10:30:00.000'],
      ['2025-08-22 10:30:15+05:30', '2025-08-22 05:00:15.000'], ['2025-08-22T23:30-02:00', '2025-08-23 01:30:00.000'],
    ])
  })
  test('keep milliseconds, however many digits were sent', () => {
    all(date, [
      ['2025-08-22T10:30:15.1Z', '2025-08-22 10:30:15.100'], ['2025-08-22T10:30:15.123Z', '2025-08-22 10:30:15.123'],
      ['2025-08-22T10:30:15.123456Z', '2025-08-22 10:30:15.123'], ['2025-08-22T10:30:15.999999999Z', '2025-08-22 10:30:15.999'],
    ])
  })
  test('that the clocks skipped move forward, and those that occur twice are the first', () => {
    all(date, [
      ['2025-03-09 01:59:59', '2025-03-09 06:59:59.000'], ['2025-03-09 02:30', '2025-03-09 07:30:00.000'], ['2025-03-09 03:00', '2025-03-09 07:00:00.000'],
      ['2025-11-02 00:59', '2025-11-02 04:59:00.000'], ['2025-11-02 01:30', '2025-11-02 05:30:00.000'], ['2025-11-02 02:00', '2025-11-02 07:00:00.000'],
    ])
  })
  test('reach from the year 1 to 9999', () => {
    all(date, [['0001-01-01T00:00Z', '0001-01-01 00:00:00.000'], ['9999-12-31T23:59:59.999Z', '9999-12-31 23:59:59.999'], ['9999-12-31', '9999-12-31 05:00:00.000']])
    all(date, [['0000-01-01', ['too_large', null]], ['9999-12-31T23:59:59-01:00', ['too_large', null]]])
    expect(judged(date, '0001-01-01')).toBe('0001-01-01 04:56:02.000')
    expect((check(date, '0000-01-01') as Fault).always).toBeUndefined()
    for (const never of ['9999-12-31 23:59:59', '9999-12-31T23:59:59.9999999', '0001-01-01T00:00:00+14:00']) {
      expect(check(date, never), never).toMatchObject({ code: 'too_large', stored: null, always: 'warn' })
    }
  })
  test('must be real days and hours', () => {
    for (const text of ['2025-02-29', '2025-13-01', '2025-00-10', '2025-04-31', '2025-01-00', '2025-01-01T24:00', '2025-01-01T10:60', '2025-01-01T10:00:60', '2025-01-01T10:00+24:00', '0000-00-00']) {
      expect(judged(date, text), text).toEqual(['invalid_datetime', null])
    }
    expect(judged(date, '2024-02-29')).toBe('2024-02-29 05:00:00.000')
  })
  test('are written in one way only', () => {
    for (const text of ['03/04/25', '3/4/2025', '04.03.2025', '2025/03/04', '20250304', '2025-3-4', '2025-03-04T10', '2025-03-04T10:30:', '2025-03-04T10:30:15.', '2025-03-04 10:30 PM',
      '2025-03-04T10:30+0530', '2025-03-04T10:30 Z', '2025-03-04Z', '2025-03-04+02:00', 'Mar 4, 2025', '45720', 'today', '2025-03-04  10:30', '12025-03-04']) {
      expect(judged(date, text), text).toEqual(['invalid_datetime', null])
    }
  })
  test('a text seen again gives the same answer', () => {
    const again = checkOf(date, context)
    for (let i = 0; i < 10_000; i++) again(`2025-01-01T00:00:00.${i}`)
    expect(again('2025-08-22')).toBe(again('2025-08-22'))
    expect(again('nonsense')).toBeInstanceOf(Fault)
    expect(again('nonsense')).toBeInstanceOf(Fault)
  })
})

describe('Rule 16: odd text is stored as sent and warned', () => {
  test('phones have 7 to 15 digits beside punctuation and an extension', () => {
    const phone: Column = { type: 'string', maxLength: 40, format: 'phone', onInvalid: 'warn' }
    for (const text of ['555-1234', '(555) 123-4567', '+1 555.123.4567 x12', '555-123-4567x1', '5551234567 ext. 99', '5551234567 extension 7', '+49 (0)30/123456', '123456789012345', ' 555 1234 ']) {
      expect(judged(phone, text), text).toBe(text)
    }
    for (const text of ['123456', '1234567890123456', 'call me', '555-CARS-NOW', '555-1234 Bob', 'n/a', '-', '١٢٣٤٥٦٧']) expect(judged(phone, text), text).toEqual(['invalid_phone', text])
  })
  test('e-mail addresses are those of the HTML standard', () => {
    const email: Column = { type: 'string', maxLength: 254, format: 'email', onInvalid: 'warn' }
    for (const text of ['a@b', 'a.b+c@example.com', "o'neil@example.co.uk", 'A_!#$%&*/=?^`{|}~@x-y.z']) expect(judged(email, text), text).toBe(text)
    for (const text of ['a', '@b', 'a@', 'a@b@c', 'a b@c.d', ' a@b.c', 'a@b.c ', 'a@-b.c', 'a@b-.c', 'a@b..c', 'jésus@example.com', 'a@exämple.com', `a@${'x'.repeat(64)}.com`, '"a b"@c.d']) {
      expect(judged(email, text), text).toEqual(['invalid_email', text])
    }
  })
  test('VINs have 17 letters and digits without I, O and Q', () => {
    const vin: Column = { type: 'string', maxLength: 17, format: 'vin', onInvalid: 'warn' }
    expect(judged(vin, '1HGCM82633A004352')).toBe('1HGCM82633A004352')
    for (const text of ['1HGCM82633A00435', '1hgcm82633a004352', 'IHGCM82633A004352', 'OHGCM82633A004352', 'QHGCM82633A004352', '1HGCM82633A00435 ']) expect(judged(vin, text), text).toEqual(['invalid_vin', text])
    expect(judged(vin, '1HGCM82633A0043521')).toEqual(['too_long', null])
  })
  test('no pattern takes long over hostile text', () => {
    const started = performance.now()
    for (const format of ['phone', 'email', 'vin'] as const) {
      for (const text of ['-'.repeat(254), 'a@' + 'a.'.repeat(120), '1'.repeat(254), 'x'.repeat(254), 'x1'.repeat(127)]) judged({ type: 'string', maxLength: 254, format, onInvalid: 'warn' }, text)
    }
    for (const text of ['1,'.repeat(50_000), '1'.repeat(100_000), '9'.repeat(50_000) + '.' + '9'.repeat(50_000), ' '.repeat(100_000)]) {
      judged({ type: 'integer' }, text)
      judged({ type: 'decimal', precision: 12, scale: 2 }, text)
      judged({ type: 'datetime' }, text)
      judged({ type: 'boolean' }, text)
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
