import { expect, test } from 'vitest'
import { rangesIn } from './verdict-blocks.ts'

// Blocks of 500 records: 1 to 500, 501 to 1,000, and so on.
const inBlocks = [0, 3, 0, 2, 4, 0, 1]
const from = (record: number, wanted: number, backwards = false) => rangesIn(inBlocks, { record, backwards }, wanted)

test('blocks without such records are left out, and neighbours are one range', () => {
  expect(from(0, 100)).toEqual([{ first: 501, last: 1_000 }, { first: 1_501, last: 2_500 }, { first: 3_001, last: 3_500 }])
  expect(from(3_501, 100, true)).toEqual([{ first: 3_001, last: 3_500 }, { first: 1_501, last: 2_500 }, { first: 501, last: 1_000 }])
})

test('no more blocks are named than it takes to fill a page', () => {
  expect(from(0, 4)).toEqual([{ first: 501, last: 1_000 }, { first: 1_501, last: 2_000 }])
  expect(from(9_999, 2, true)).toEqual([{ first: 3_001, last: 3_500 }, { first: 2_001, last: 2_500 }])
})

test('records of the block that one is in may lie behind, so they do not count', () => {
  expect(from(700, 1)).toEqual([{ first: 501, last: 1_000 }, { first: 1_501, last: 2_000 }])
  expect(from(1_600, 1, true)).toEqual([{ first: 1_501, last: 2_000 }, { first: 501, last: 1_000 }])
})

test('beyond the last of them there is nothing', () => {
  expect(rangesIn([0, 1, 0, 0], { record: 1_001, backwards: false }, 51)).toEqual([])
  expect(rangesIn([0, 0, 1, 0], { record: 900, backwards: true }, 51)).toEqual([])
})
