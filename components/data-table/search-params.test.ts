import { createLoader } from 'nuqs/server'
import { expect, test } from 'vitest'
import { pageOf, tableSearchParams } from './search-params.ts'

const load = createLoader(tableSearchParams)

test('sort, page and size are read from the address', () => {
  expect(load('?sort=-started&page=3&size=100')).toEqual({ sort: { id: 'started', desc: true }, page: 3, size: 100 })
  expect(load('')).toEqual({ sort: null, page: 1, size: 50 })
})

test('what makes no sense in the address is as if it were not there', () => {
  expect(load('?sort=a%20or%201=1&page=x&size=')).toEqual({ sort: null, page: 1, size: 50 })
  expect(load('?sort=--started')).toMatchObject({ sort: null })
})

test('a page asked for is at least the first, and of a size from the list', () => {
  expect(pageOf({ page: 3, size: 25 })).toEqual({ page: 3, size: 25, skip: 50, take: 25 })
  expect(pageOf({ page: -1, size: 1_000_000 })).toEqual({ page: 1, size: 50, skip: 0, take: 50 })
})
