import { expect, test } from 'vitest'
import { addressOf } from './database-address.ts'

test('an address is taken apart: brackets and percent signs belong to the URL alone', () => {
  const password = 'p%25w'
  expect(addressOf(`mysql://o%40n:${password}@[::1]:3307/my%2Ddb`)).toEqual({ host: '::1', port: 3307, user: 'o@n', password: 'p%w', database: 'my-db' })
  expect(addressOf('mysql://u@db.example')).toEqual({ host: 'db.example', port: 3306, user: 'u', password: '', database: '' })
})
