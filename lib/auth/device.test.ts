import { expect, test } from 'vitest'
import { deviceCookieFor, knownDevice } from './device.ts'

process.env.NEXTAUTH_SECRET = 'a secret of at least thirty-two characters'

test('a browser is known to the account that signed in with it, and to no other', () => {
  const cookie = deviceCookieFor('ana@example.com')
  expect(knownDevice(cookie, 'ana@example.com')).toBe(cookie.split('.')[0])
  expect(knownDevice(cookie, 'ben@example.com')).toBeNull()
  expect(deviceCookieFor('ana@example.com')).not.toBe(cookie)
})

test('a cookie that we did not make is of no use', () => {
  const [id, signature] = deviceCookieFor('ana@example.com').split('.') as [string, string]
  const [other] = deviceCookieFor('ana@example.com').split('.') as [string]
  for (const cookie of [undefined, '', id, `${other}.${signature}`, `${id}.${signature.slice(0, -1)}`, `${id}.${'A'.repeat(43)}`, `${id}.${signature}.x`]) {
    expect(knownDevice(cookie, 'ana@example.com')).toBeNull()
  }
})
