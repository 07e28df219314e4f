import { expect, test } from 'vitest'
import { presentTable, targetsTable } from './present.ts'

const table = [['', 's', '× raw'], ['first load', '31.50', '4.2'], ['dry', '9.00', '12.1']]

test('on a terminal the first column stands to the left and figures to the right', () => {
  expect(presentTable(table, 'text')).toBe([
    '                s  × raw',
    'first load  31.50    4.2',
    'dry          9.00   12.1',
  ].join('\n'))
})

test('for the README it is a table of Markdown', () => {
  expect(presentTable(table, 'markdown')).toBe([
    '|  | s | × raw |', '|---|---:|---:|', '| first load | 31.50 | 4.2 |', '| dry | 9.00 | 12.1 |',
  ].join('\n'))
})

test('every target says whether it holds', () => {
  const target = (holds: boolean | null) => ({ target: 't', limit: '≤ 1', figure: holds === null ? null : '1.00', holds })
  expect(targetsTable([target(true), target(false), target(null)]).slice(1)).toEqual([
    ['t', '≤ 1', '1.00', 'holds'], ['t', '≤ 1', '1.00', 'does not hold'], ['t', '≤ 1', '–', 'not measured'],
  ])
})
