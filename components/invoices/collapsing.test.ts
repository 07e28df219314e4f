import { expect, test } from 'vitest'
import { closedAtFirst, hiddenBy, toggled, type Foldable } from './collapsing.ts'

const chain = (length: number): Foldable[] => Array.from({ length }, (_, depth) => ({ id: String(depth), depth, below: length - depth - 1 }))
const shown = (closed: ReadonlySet<string>, lines: Foldable[]) => {
  const hidden = hiddenBy(closed, lines)
  return lines.filter(({ id }) => !hidden.has(id)).map(({ id }) => id)
}

test('a usual invoice starts with all of its lines open', () => {
  const lines = [{ id: 'work', depth: 0, below: 2 }, { id: 'part', depth: 1, below: 1 }, { id: 'core', depth: 2, below: 0 }, { id: 'fee', depth: 0, below: 0 }]
  expect(shown(closedAtFirst(lines), lines)).toEqual(['work', 'part', 'core', 'fee'])
})

test('a long chain starts closed after four lines and opens whole with one press', () => {
  const lines = chain(10_000)
  const closed = closedAtFirst(lines)
  expect(shown(closed, lines)).toEqual(['0', '1', '2', '3'])
  expect(shown(toggled(closed, lines, '3'), lines)).toHaveLength(10_000)
})

test('closing a line hides what is below it and nothing else', () => {
  const lines = [{ id: 'a', depth: 0, below: 2 }, { id: 'b', depth: 1, below: 1 }, { id: 'c', depth: 2, below: 0 }, { id: 'd', depth: 0, below: 1 }, { id: 'e', depth: 1, below: 0 }]
  expect(shown(toggled(new Set(), lines, 'a'), lines)).toEqual(['a', 'd', 'e'])
  expect(shown(toggled(new Set(['b']), lines, 'a'), lines)).toEqual(['a', 'd', 'e'])
  expect(shown(new Set(['b']), lines)).toEqual(['a', 'b', 'd', 'e'])
})
