import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { signInRequest } from './requests.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
function ask(action: string, { method = 'POST', query = '', headers = form, body = 'csrfToken=x' }: { method?: string; query?: string; headers?: Record<string, string>; body?: BodyInit } = {}) {
  const init = { method, headers, body: method === 'POST' ? body : undefined, duplex: 'half' as const }
  return signInRequest(new NextRequest(`http://onramp.test/api/auth/${action}${query}`, init), action.split('/'))
}

test('what our own pages send arrives as it was sent', async () => {
  const request = await ask('callback/credentials', { body: 'email=a%40b.example&password=%C3%BC&callbackUrl=%2Floads', headers: { ...form, cookie: 'onramp.callback=http%3A%2F%2Fonramp.test%2F' } })
  expect(Object.fromEntries(new URLSearchParams(await request.text()))).toEqual({ email: 'a@b.example', password: 'ü', callbackUrl: '/loads' })
  expect(request.headers.get('cookie')).toContain('onramp.callback')
  expect((await ask('session', { method: 'GET' })).nextUrl.pathname).toBe('/api/auth/session')
})

test('a form of any length is read no further than it can be right', async () => {
  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1024
      controller.enqueue(new Uint8Array(1024).fill(0x78))
    },
  })
  await expect(ask('signout', { body: endless })).rejects.toMatchObject({ status: 413 })
  expect(sent).toBeLessThan(20_000)
})

test.each<[string, Parameters<typeof ask>[1], number]>([
  ['_log', {}, 404], ['constructor', {}, 404], ['callback/google', {}, 404], ['session', {}, 405], ['callback/credentials', { method: 'GET' }, 405],
  ['signout', { headers: { 'content-type': 'application/json' }, body: '{}' }, 400], ['signout', { headers: {}, body: new Uint8Array(3) }, 400],
  ['csrf', { method: 'GET', query: '?callbackUrl=javascript:alert(1)' }, 400], ['signout', { body: 'callbackUrl=http%3A%2F%2F%5B' }, 400],
  ['csrf', { method: 'GET', headers: { cookie: 'onramp.callback=evil' } }, 400],
])('%s %o is refused with %i', async (action, init, status) => {
  await expect(ask(action, init)).rejects.toMatchObject({ status })
})
