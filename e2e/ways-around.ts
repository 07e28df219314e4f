import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildFolder } from './addresses.ts'

/** Another way to ask for an address: by a path that some router may take for the same, or with headers that Next pays heed to. */
export type Detour = { name: string; path: string; method?: string; headers?: Record<string, string> }

const buildId = () => readFileSync(path.join(buildFolder, 'BUILD_ID'), 'utf8')

const spellings: Record<string, (pathname: string, search: string) => string> = {
  '.rsc': (p, q) => `${p === '/' ? '/index' : p}.rsc${q}`,
  '.rsc?_rsc': (p) => `${p === '/' ? '/index' : p}.rsc?_rsc=1`,
  '?_rsc': (p, q) => `${p}${q}${q ? '&' : '?'}_rsc=abcde`,
  '.segments of the tree': (p) => `${p === '/' ? '/index' : p}.segments/_tree.segment.rsc`,
  '.segments of the page': (p) => `${p === '/' ? '/index' : p}.segments/__PAGE__.segment.rsc`,
  '.segments of the group': (p) => `${p === '/' ? '/index' : p}.segments/!KHBvcnRhbCk.segment.rsc`,
  '.json': (p, q) => `${p === '/' ? '/index' : p}.json${q}`,
  '_next/data': (p) => `/_next/data/${buildId()}${p === '/' ? '/index' : p}.json`,
  '.prefetch.rsc': (p) => `${p === '/' ? '/index' : p}.prefetch.rsc`,
  '.txt': (p) => `${p === '/' ? '/index' : p}.txt`,
  'two slashes first': (p, q) => `/${p}${q}`,
  'a slash at the end': (p, q) => `${p}/${q}`,
  'two slashes within': (p, q) => `${p.replace(/(?<=.)\//, '//')}//${q}`,
  'capitals': (p, q) => p.toUpperCase() + q,
  'a slash as %2f': (p, q) => `/${p.slice(1).replaceAll('/', '%2f')}%2f${q}`,
  'a letter as %xx': (p, q) => p.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`) + q,
  'dots': (p, q) => `/login/..${p}${q}`,
  'dots as %2e': (p, q) => `/login/%2e%2e${p}${q}`,
  'dots behind the API': (p, q) => `/api/..${p}${q}`,
  'static files first': (p, q) => `/_next/static/..${p}${q}`,
  'a backslash': (p, q) => `\\${p.slice(1)}${q}`,
  'a matrix parameter': (p, q) => `${p};.icon.svg${q}`,
  'a host as a path': (p, q) => `//evil.example${p}${q}`,
  'a host behind a backslash': (p, q) => `/\\evil.example${p}${q}`,
  'a host behind an encoded slash': (p, q) => `/%2fevil.example${p}/${q}`,
  'a full address': (p, q) => process.env.ONRAMP_E2E_URL + p + q,
}

const claims: Record<string, Record<string, string>> = {
  'RSC': { rsc: '1' },
  'RSC of a prefetch': { 'rsc': '1', 'next-router-prefetch': '1' },
  'RSC of a segment': { 'rsc': '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  'RSC of the page alone': { 'rsc': '1', 'next-router-state-tree': encodeURIComponent('["",{"children":["(portal)",{"children":["__PAGE__",{},null,"refetch"]}]}]') },
  'purpose': { 'purpose': 'prefetch', 'sec-purpose': 'prefetch;prerender', 'next-router-prefetch': '1' },
  'x-nextjs-data': { 'x-nextjs-data': '1' },
  'a subrequest of the proxy': { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
  'a subrequest of src/proxy': { 'x-middleware-subrequest': 'src/proxy:src/proxy:src/proxy:src/proxy:src/proxy' },
  'a subrequest of a middleware': { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
  'a subrequest with an id': { 'x-middleware-subrequest': 'proxy', 'x-middleware-subrequest-id': '00000000' },
  'a middleware that went on': { 'x-middleware-next': '1', 'x-middleware-set-cookie': 'onramp.session=x', 'x-middleware-invoke': '1' },
  'another path': { 'x-matched-path': '/login', 'x-invoke-path': '/login', 'x-original-url': '/login', 'x-rewrite-url': '/login', 'x-onramp-path': '//evil.example' },
  'another host': { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'forwarded': 'host=evil.example' },
  'a path and a host of a forged proxy': { 'x-forwarded-host': 'evil.example', 'x-forwarded-port': '1', 'x-forwarded-prefix': '/login' },
  'a revalidation': { 'x-prerender-revalidate': '1', 'x-prerender-revalidate-if-generated': '1' },
  'a preview': { cookie: '__prerender_bypass=1; __next_preview_data=1' },
  'a forged session': { cookie: 'onramp.session=eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA' },
  'a session of the other prefix': { cookie: '__Host-onramp.session=x; next-auth.session-token=x; __Secure-next-auth.session-token=x' },
  'a bearer token': { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' },
  'an HTML-limited bot': { 'user-agent': 'facebookexternalhit/1.1' },
}

/** Every detour to an address. */
export function detours(address: string): Detour[] {
  const [pathname, query] = address.split('?') as [string, string?]
  const search = query === undefined ? '' : `?${query}`
  return [
    ...Object.entries(spellings).map(([name, spell]) => ({ name, path: spell(pathname, search) })),
    ...Object.entries(claims).map(([name, headers]) => ({ name, path: address, headers })),
    { name: 'a method of an action', path: address, method: 'POST', headers: { 'next-action': '0'.repeat(42), 'content-type': 'text/plain;charset=UTF-8' } },
    { name: 'another method', path: address, method: 'PROPFIND' },
    { name: 'another method in a header', path: address, method: 'POST', headers: { 'x-http-method-override': 'GET', 'x-method-override': 'GET' } },
  ]
}

/** Words of the data that every installation of these tests has, personal and not. No answer to a visitor holds one. */
export const canaries: readonly string[] = ['torqueline', 'Mill River', '2025-08-30', 'Rebecca', 'Tremblay', 'rebecca.tremblay891', '555-0171', 'Round Hill', '@onramp.example', 'C-10001']
