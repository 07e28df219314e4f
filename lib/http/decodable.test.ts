import { expect, test } from 'vitest'
import { decodable } from './decodable.ts'

test.each(['/', '/loads/7?page=%ff', '/loads/%E2%82%AC/x', '/a%2fb', '*', 'http://onramp.test/loads', ''])('%s stays as it is', (target) => expect(decodable(target)).toBe(target))

test.each([
  ['/loads/%ff', '/loads/%25ff'],
  ['/loads/%', '/loads/%25'],
  ['/%E2%82/%20/x%zz?a=%zz#%', '/%25E2%2582/%20/x%25zz?a=%zz#%'],
  ['/loads/%ed%a0%80', '/loads/%25ed%25a0%2580'],
])('%s cannot be decoded, and is taken as it stands: %s', (target, taken) => {
  expect(decodable(target)).toBe(taken)
  expect(() => decodeURIComponent(taken.split('?')[0]!)).not.toThrow()
})
