import { expect, test } from 'vitest'
import { refuseCrossSite } from './same-origin.ts'

const own = { origin: 'http://onramp.test:3000', host: 'onramp.test:3000' }
const request = (headers: Record<string, string>) => ({ headers: new Headers(headers) }) as Request

test.each([
  ['a script of our own page', { ...own, 'sec-fetch-site': 'same-origin' }],
  ['a browser that does not say where a request comes from', own],
  ['JSON of our own page', { ...own, 'content-type': 'application/json' }],
  ['a piece of an upload', { ...own, 'content-type': 'application/offset+octet-stream' }],
])('%s is let in', (_, headers) => expect(() => refuseCrossSite(request(headers))).not.toThrow())

test.each([
  ['another site', { ...own, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site whose browser says nothing', { ...own, origin: 'https://evil.example' }],
  ['another port of this machine', { ...own, origin: 'http://onramp.test:8080', 'sec-fetch-site': 'same-site' }],
  ['a subdomain', { ...own, origin: 'http://x.onramp.test:3000' }],
  ['a sandboxed frame', { ...own, origin: 'null' }],
  ['no origin', { host: own.host }],
  ['an origin that is none', { ...own, origin: 'onramp' }],
  ['our origin with a lie about the site', { ...own, 'sec-fetch-site': 'cross-site' }],
  ['the address bar', { ...own, 'sec-fetch-site': 'none' }],
  ['a form', { ...own, 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form with files', { ...own, 'content-type': 'Multipart/Form-Data; boundary=x' }],
  ['plain text', { ...own, 'content-type': 'text/plain;charset=UTF-8' }],
])('%s is refused', (_, headers) => expect(() => refuseCrossSite(request(headers))).toThrow('nothing was done'))
