import { expect, test } from 'vitest'
import { linesAsTree, type TreeLine } from './line-tree.ts'

const line = (id: string, parentId: string | null = null, lineNumber: number | null = Number(id)): TreeLine => ({ id, parentId, lineNumber })
const outline = (lines: TreeLine[]) => linesAsTree(lines).map(({ id, depth }) => '  '.repeat(depth) + id)

test('children stand below their parent, whatever order the lines come in', () => {
  const lines = [line('5', '2'), line('3', '2'), line('4', '3'), line('1'), line('2'), line('6')]
  const expected = ['1', '2', '  3', '    4', '  5', '6']
  expect(outline(lines)).toEqual(expected)
  expect(outline([...lines].reverse())).toEqual(expected)
})

test('every line knows how many lines are below it', () => {
  const below = Object.fromEntries(linesAsTree([line('1'), line('2', '1'), line('3', '2'), line('4', '1'), line('5')]).map(({ id, below }) => [id, below]))
  expect(below).toEqual({ 1: 3, 2: 1, 3: 0, 4: 0, 5: 0 })
})

test('lines without a number come after the numbered ones, in order of their ids', () => {
  expect(outline([line('10', null, null), line('9', null, null), line('8', null, 2), line('7', null, 2), line('11', null, 1)])).toEqual(['11', '7', '8', '9', '10'])
})

test('a line whose parent is not there stands on its own', () => {
  expect(outline([line('2', '99'), line('1')])).toEqual(['1', '2'])
})

test('a cycle loses no line', () => {
  expect(outline([line('1', '3'), line('2', '1'), line('3', '2'), line('4', '4'), line('5')])).toEqual(['5', '1', '  2', '    3', '4'])
})

test('a chain of 10,000 lines, scrambled, becomes one branch', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => line(String(i + 1), i === 0 ? null : String(i)))
  const scrambled = chain.map((each, i) => ({ each, key: (i * 7919) % 10_007 })).sort((a, b) => a.key - b.key).map(({ each }) => each)
  const tree = linesAsTree(scrambled)
  expect(tree.map(({ id }) => id)).toEqual(chain.map(({ id }) => id))
  expect(tree.at(-1)).toMatchObject({ depth: 9_999, below: 0 })
  expect(tree[0]).toMatchObject({ depth: 0, below: 9_999 })
})

test('10,000 lines of one parent are no slower', () => {
  const flat = [line('1'), ...Array.from({ length: 10_000 }, (_, i) => line(String(i + 2), '1'))]
  expect(linesAsTree(flat)).toHaveLength(10_001)
})
