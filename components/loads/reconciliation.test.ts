import { expect, test } from 'vitest'
import { checks, matrixText, moneyDifferences, totals, type MatrixCounts } from './reconciliation.ts'
import { bytes, difference, duration } from './words.ts'

const closed: MatrixCounts = {
  manifest: 490, records: 490, staged: 490, accepted: 486, rejected: 2, superseded: 1, identical: 1,
  inserted: 486, updated: 0, unchanged: 0, warnings: 3, stopped: 0,
}

const broken = (line: MatrixCounts) => checks([{ title: 'Customers', ...line }]).filter(({ broken }) => broken.length > 0)

test('a line whose equations close is not complained about', () => {
  expect(broken(closed)).toEqual([])
})

test('a record that is missing from the outcome is named with its sign', () => {
  expect(broken({ ...closed, accepted: 485, inserted: 485 })).toEqual([
    { says: 'accepted + rejected + superseded + identical = records', broken: ['Customers −1'] },
  ])
})

test('an accepted row that is neither new, changed nor unchanged is named', () => {
  expect(broken({ ...closed, inserted: 487 })).toEqual([{ says: 'inserted + updated + unchanged = accepted', broken: ['Customers +1'] }])
})

test('two entities that are off by as much in both directions do not hide each other', () => {
  const rows = [{ title: 'Customers', ...closed, staged: 489 }, { title: 'Vehicles', ...closed, staged: 491 }]
  expect(checks(rows).find(({ says }) => says === 'records = staged')!.broken).toEqual(['Customers +1', 'Vehicles −1'])
})

test('totals are the sum of all entities', () => {
  const lines = [{ entity: 'customer' as const, ...closed }, { entity: 'vehicle' as const, ...closed, records: 10 }]
  expect(totals(lines)).toMatchObject({ manifest: 980, records: 500, warnings: 6 })
})

test('differences of sums are exact to the cent, also below zero', () => {
  expect(difference('4030162.69', '4030162.70')).toBe('-0.01')
  expect(difference('-5.00', '0.05')).toBe('-5.05')
  expect(difference('90071992547409.93', '90071992547409.92')).toBe('0.01')
})

test('money names what was left out and what was edited since', () => {
  const [line] = moneyDifferences([{ measure: 'invoice.total', file: '120.50', accepted: '110.50', production: '111.00' }])
  expect(line).toMatchObject({ title: 'Invoice totals', leftOut: '10.00', edited: '0.50' })
})

test('the copied matrix is tab-separated with a header', () => {
  const text = matrixText([{ title: 'Customers', ...closed }], [])
  expect(text).toBe(
    'Entity\tmanifest\trecords\tstaged\taccepted\tinserted\tupdated\tunchanged\trejected\tsuperseded\tidentical\twarnings\n' +
    'Customers\t490\t490\t490\t486\t486\t0\t0\t2\t1\t1\t3')
})

test('durations and sizes are in words people read', () => {
  expect([0.42, 12, 72, 7500].map(duration)).toEqual(['0.4 s', '12 s', '1 min 12 s', '2 h 05 min'])
  expect([1, 999, 4_210_000].map(bytes)).toEqual(['1 byte', '999 bytes', '4.2 MB'])
})
