import { NextRequest } from 'next/server'
import { unstable_doesMiddlewareMatch } from 'next/experimental/testing/server'
import { expect, test } from 'vitest'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { config, proxy } from './proxy.ts'

const matches = (url: string) => unstable_doesMiddlewareMatch({ config, nextConfig: {}, url })
const visit = (path: string, headers: Record<string, string> = {}) => proxy(new NextRequest(`http://onramp.test${path}`, { headers }))
const signedIn = { cookie: `${sessionCookie()}=x` }

test.each(['/', '/login', '/loads', '/loads/12/exceptions', '/apis', '/help/contract'])('%s passes through the proxy', (path) => expect(matches(path)).toBe(true))

// Bodies that pass through a proxy are cut at 10 MB without an error.
test.each(['/api/v1/uploads', '/api/v1/uploads/24e533e', '/api/v1/loads', '/api/auth/session', '/_next/static/x.js'])(
  '%s does not', (path) => expect(matches(path)).toBe(false))

test('visitors are sent to the login page, with the way back', () => {
  expect(visit('/loads?status=failed&page=2').headers.get('location')).toBe('http://onramp.test/login?next=%2Floads%3Fstatus%3Dfailed%26page%3D2')
  expect(visit('/').headers.get('location')).toBe('http://onramp.test/login')
  expect(visit('/').headers.get('cache-control')).toBe('no-store')
  for (const path of ['/login', '/invite']) expect(visit(path).headers.get('location'), path).toBeNull()
})

test('a prefetch is no way around it', () => {
  expect(visit('/loads', { purpose: 'prefetch', 'next-router-prefetch': '1' }).headers.get('location')).toContain('/login')
})

test('each page has a nonce of its own and is kept by no cache', () => {
  const [one, two] = [visit('/loads', signedIn), visit('/loads', signedIn)]
  const nonce = (response: Response) => /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy')!)![1]!
  expect(nonce(one)).not.toBe(nonce(two))
  expect(Buffer.from(nonce(one), 'base64').length).toBe(16)
  expect(one.headers.get('cache-control')).toBe('no-store')
})

test('what a visitor claims about nonce and path is overwritten', () => {
  const response = visit('/loads', { ...signedIn, 'x-nonce': 'mine', 'x-onramp-path': '//evil.example' })
  expect(response.headers.get('x-middleware-request-x-nonce')).not.toBe('mine')
  expect(response.headers.get('x-middleware-request-x-onramp-path')).toBe('/loads')
})
