import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { writePackage } from '#lib/jobs/write-package.ts'
import { addressesOfTheBuild, buildFolder, examples, idsOfTheSample, pages, readBuild, type Ids } from './addresses.ts'
import { ask, change, forEach, type Answer } from './ask.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { newPerson, openDatabase } from './people.ts'
import { startSecondPortal } from './portals.ts'

// A minute at most on a machine that has nothing else to do.
test.describe.configure({ timeout: 300_000 })

let db: Connection
let ids: Ids
let session: string

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  session = (await newPerson(db, 'admin', 'reader of headers')).session
})
test.afterAll(() => db.end())

/** On every answer there is. */
const always = {
  'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin', 'strict-transport-security': 'max-age=31536000; includeSubDomains',
}
const ofTheApi = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** What is wrong with the headers of an answer. */
function complaints({ headers }: Answer, kind: 'page' | 'API' | 'file' | 'redirect'): string[] {
  const wrong = Object.entries(always).flatMap(([name, value]) => (headers[name] === value ? [] : [`${name}: ${headers[name]}`]))
  if (headers['x-powered-by'] !== undefined || headers.server !== undefined) wrong.push('it names its software')
  if (kind === 'file') return wrong
  // Event streams may not be transformed on their way, and are kept by nobody either: they never end as one answer.
  const cache = headers['cache-control'] ?? ''
  if (!cache.includes('no-store') && !(headers['content-type']?.startsWith('text/event-stream') && cache === 'no-cache, no-transform')) wrong.push(`cache-control: ${cache}`)
  const policy = String(headers['content-security-policy'])
  if (kind === 'API' && policy !== ofTheApi) wrong.push(`content-security-policy: ${policy}`)
  if (kind === 'page') for (const part of ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"]) if (!policy.includes(part)) wrong.push(`no ${part}`)
  return wrong
}

const nonceOf = ({ headers }: Answer) => /'nonce-([^']{22,})'/.exec(String(headers['content-security-policy']))?.[1]

test('every page has a policy whose nonce is new each time and is that of its own scripts, and is kept by no cache', async () => {
  const nonces: (string | undefined)[] = []
  await forEach(['/login', '/invite', '/no/such/page', '/loads/999999999', '/loads/%ff', ...Object.values(pages).map(({ at }) => at(ids))], async (address) => {
    for (let i = 0; i < 2; i++) {
      const answer = await ask(address, { session: address === '/login' ? null : session })
      expect([address, complaints(answer, 'page')]).toEqual([address, []])
      const nonce = nonceOf(answer)
      const scripts = answer.text.match(/<script\b[^>]*>/g) ?? []
      expect(scripts.length, address).toBeGreaterThan(2)
      for (const script of scripts) expect(script, address).toContain(`nonce="${nonce}"`)
      nonces.push(nonce)
    }
  })
  expect(new Set(nonces).size).toBe(nonces.length)
})

test('every answer of the API can be shown, kept and framed by nobody, whether it is data, a download, a stream or a refusal', async () => {
  const refused = [['/api/v1/loads', 401, null], ['/api/v1/no/such', 404, session], [`/api/v1/loads/999999999`, 404, session], ['/api/v1/loads?page=x', 400, session], ['/api/v1/loads/%ff', 400, session]] as const
  for (const [address, status, by] of refused) {
    const answer = await ask(address, { session: by })
    expect([address, answer.status, complaints(answer, 'API')]).toEqual([address, status, []])
  }
  await forEach(Object.values(examples).filter(({ gets }) => gets.GET === 200), async ({ at }) => {
    const answer = await ask(at(ids), { session })
    expect([at(ids), answer.status, complaints(answer, 'API')]).toEqual([at(ids), 200, []])
  })
  await forEach(Object.values(examples).filter(({ gets }) => gets.POST), async ({ at, body, headers }) => {
    const answer = await change(at(ids), { method: 'POST', session, body: body?.(ids) ?? {}, headers, from: '127.0.0.22' })
    expect([at(ids), complaints(answer, 'API')]).toEqual([at(ids), []])
  })
  for (const address of ['/api/auth/session', '/api/auth/csrf']) {
    const answer = await ask(address, { session })
    expect([address, complaints(answer, 'API')]).toEqual([address, []])
  }
})

/** Loads a package with one row under that load id. */
async function loadCalled(loadId: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'onramp-headers-'))
  try {
    writePackage(path.join(folder, loadId), {})
    const { code, stderr } = await onramp('load', path.join(folder, loadId), '--partner', 'headers', '--shop', 'headers')
    expect(code, stderr).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
  const [[row]] = await db.query<RowDataPacket[]>('select id from `load` where slug = ?', [loadId])
  return String(row!.id)
}

test('downloads are always saved and never shown, under a name of plain letters', async () => {
  // The load's id is part of the name, and people may call a load what they want.
  for (const load of [ids.load, await loadCalled(`x"; filename="evil.html; ${Date.now()}`)]) {
    for (const rest of ['/exceptions/csv', '/exceptions/rejected-rows?entity=customer', '/files/customers.csv', '/files/manifest.json']) {
      const { status, headers } = await ask(`/api/v1/loads/${load}${rest}`, { session })
      expect([rest, status]).toEqual([rest, 200])
      expect(headers['content-disposition'], rest).toMatch(/^attachment; filename="[A-Za-z0-9._-]{1,130}"(; filename\*=UTF-8''[A-Za-z0-9._%-]+)?$/)
      expect(headers['content-type'], rest).toMatch(/^(text\/csv|application\/octet-stream)/)
    }
  }
})

test('redirects and files have the headers too, and only files that hold no data may be kept', async () => {
  const redirect = await ask('/loads')
  expect([redirect.status, complaints(redirect, 'redirect')]).toEqual([307, []])
  const signedIn = await ask('/login', { session })
  expect([signedIn.status, complaints(signedIn, 'redirect')]).toEqual([307, []])
  const [script] = readdirSync(path.join(buildFolder, 'static/chunks')).filter((name) => name.endsWith('.js'))
  for (const address of ['/icon.svg', '/report.schema.json', `/_next/static/chunks/${script}`]) {
    const answer = await ask(address, { session })
    expect([address, answer.status, complaints(answer, 'file')]).toEqual([address, 200, []])
  }
  for (const address of ['/_next/image?url=%2Ficon.svg&w=64&q=75', '/_next/static/none.js', '/favicon.ico']) {
    const answer = await ask(address)
    expect([address, answer.status >= 400 && answer.status < 500, complaints(answer, 'file')]).toEqual([address, true, []])
  }
})

test('a page that breaks is an error page with the same headers, and says nothing of the cause', async () => {
  const broken = await startSecondPortal('no-database', 'mysql://nobody:unutterable@127.0.0.1:1/none', buildFolder)
  try {
    const page = await ask('/loads', { session, portal: broken.address })
    expect([page.status, complaints(page, 'page')]).toEqual([503, []])
    const api = await ask('/api/v1/loads', { session, portal: broken.address })
    expect([api.status, complaints(api, 'API')]).toEqual([503, []])
    for (const { text } of [page, api]) for (const word of ['unutterable', '127.0.0.1:1', 'ECONNREFUSED', 'node_modules', 'prisma', 'P1001', 'at async']) expect(text).not.toContain(word)
  } finally {
    await broken.stop()
  }
})

test('no page and no handler is made when the portal is built, except what holds no data', () => {
  const { routes, dynamicRoutes } = readBuild<{ routes: object; dynamicRoutes: object }>('prerender-manifest.json')
  expect(Object.keys({ ...routes, ...dynamicRoutes }).sort()).toEqual(['/_global-error', '/icon.svg'])
  const made = readdirSync(path.join(buildFolder, 'server/app'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(html|rsc|body)$/.test(name))
  expect(made.filter((name) => !/^(_global-error|icon\.svg)/.test(name))).toEqual([])
  expect(addressesOfTheBuild().pages.length).toBeGreaterThan(20)
})
