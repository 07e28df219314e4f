import type { Connection } from 'mysql2/promise'
import { encode, hostileBytes, hostileHeaders, hostilePath, hostileQuery, hostileTexts, wrongObject } from './hostile.ts'
import { SEED } from '../lib/fuzz/seed.ts'
import { random, type Random } from '../lib/sample/random.ts'
import { examples, idsOfTheSample, pages, type Ids } from './addresses.ts'
import { ask, forEach, fromOurPages, type Answer, type Question } from './ask.ts'
import { whatHandlersDeclare } from './doors.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, openDatabase } from './people.ts'

const REQUESTS = 3_000
const VISITS = 400

// A minute at most on a machine that has nothing else to do.
test.describe.configure({ timeout: 300_000 })

let db: Connection
let ids: Ids
let admin: string
let last: string

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  admin = (await newPerson(db, 'admin', 'hostile admin')).session
  last = (await newPerson(db, 'admin', 'hostile admin on the way out')).session
})
test.afterAll(() => db.end())

const NONE = '999999999'
/** Bodies that are right, of which each request spoils something: nothing is ever made. */
const bodies: Record<string, (ids: Ids) => Record<string, unknown>> = {
  '/api/v1/account/password': () => ({ currentPassword: 'not mine', newPassword: 'velvet tractor sings at noon' }),
  '/api/v1/invitations/accept': () => ({ token: 'x', password: 'velvet tractor sings at noon' }),
  '/api/v1/invitations/open': () => ({ token: 'x' }),
  '/api/v1/invoices/search': ({ shop }) => ({ shop, text: '10' }),
  '/api/v1/loads': ({ shop }) => ({ shopId: shop, loadId: 'x', files: [{ name: 'customers.csv', bytes: 1, sha256: '0'.repeat(64) }], manifest: {}, replace: false }),
  '/api/v1/loads/[id]/attempts': () => ({ attempt: 'rerun' }),
  '/api/v1/partners': () => ({ slug: 'x', name: 'x' }),
  '/api/v1/sessions/confirm': () => ({ password: 'not mine' }),
  '/api/v1/shops': () => ({ partnerId: NONE, slug: 'x', name: 'x', timeZone: 'UTC' }),
  '/api/v1/shops/search': () => ({ prefix: '04' }),
  '/api/v1/staging/[loadId]/[entity]/find': () => ({ attempt: 1, line: 2 }),
  '/api/v1/users': () => ({ email: 'x@onramp.example', name: 'x', role: 'viewer' }),
  '/api/v1/users/[id]/partner': () => ({ partnerId: NONE }),
  '/api/v1/users/[id]/role': () => ({ role: 'viewer' }),
}

// Words of a stack, of a driver and of SQL. Answers that are no refusal may hold them: the contract does.
const INSIDE = /\bat (?:async )?[\w.<>]+ \(|node_modules|\.tsx?:\d+|\.js:\d+|\bER_[A-Z_]+|SQLSTATE|errno|sqlMessage|Prisma|\bselect\b.+\bfrom\b|\/(?:tmp|work|home|root)\//i

/** What is wrong with an answer, or null. What has nothing wrong but its headers or its query may be answered as if it had not. */
function complaint({ status, headers, text }: Answer, spoiltBody: boolean): string | null {
  if (status < 400) return spoiltBody ? `${status} to a body that is wrong: ${text.slice(0, 200)}` : null
  if (status >= 500) return `${status} ${text.slice(0, 200)}`
  if (INSIDE.test(text)) return `${status} tells of the inside: ${text.slice(0, 200)}`
  // Methods that there are not, and addresses that are none, are refused before anything of ours sees them.
  const before = status === 405 || status === 431 || (status === 400 && !headers['content-type']?.startsWith('application/json'))
  // What the library of resumable uploads says in its own words, a sender tells from our refusals by the form.
  if (before || text === '' || headers['tus-resumable'] !== undefined) return null
  const { error } = headers['content-type']?.startsWith('application/json') ? (JSON.parse(text) as { error?: { code?: unknown; message?: unknown } }) : {}
  return typeof error?.code === 'string' && typeof error.message === 'string' ? null : `${status} without the envelope: ${text.slice(0, 200)}`
}

type Target = { address: string; method: string }

/** A request with something wrong about it, and whether that is the body of one that takes one, at an address that is right. */
function hostile(dice: Random, { address, method }: Target): [string, Question, boolean] {
  const { at, headers = {} } = examples[address]!
  const right = at(ids)
  const spoilsPath = /\[/.test(address) && dice.chance(0.4)
  const path = spoilsPath ? hostilePath(dice, right) : right
  const [pathname, query] = path.split('?') as [string, string?]
  const search = dice.chance(method === 'GET' ? 0.8 : 0.2) ? `${query && dice.chance(0.5) ? `${query}&` : ''}${hostileQuery(dice)}` : query ?? ''
  const session = address === '/api/v1/sessions' && method === 'DELETE' ? last : dice.chance(0.03) ? 'x'.repeat(dice.int(1, 6_000)) : admin
  const ours = ['GET', 'HEAD', 'OPTIONS'].includes(method) ? {} : { ...fromOurPages(), 'content-type': 'application/json' }
  const question = { method, session, headers: { ...ours, ...headers, ...hostileHeaders(dice) }, from: '127.0.0.23' }
  const valid = method === 'POST' ? bodies[address]?.(ids) : undefined
  if (!valid && !dice.chance(0.2)) return [search ? `${pathname}?${search}` : pathname, question, false]
  return [search ? `${pathname}?${search}` : pathname, { ...question, body: valid && dice.chance(0.8) ? JSON.stringify(wrongObject(dice, valid)) : hostileBytes(dice) }, valid !== undefined && !spoilsPath]
}

test(`${REQUESTS} hostile requests to every address of the API are refused in words, and none breaks it (SEED=${SEED})`, async () => {
  const targets = Object.entries(await whatHandlersDeclare()).flatMap(([address, handlers]) => Object.keys(handlers).map((method): Target => ({ address, method })))
  const posts = targets.filter(({ method, address }) => method === 'POST' && examples[address]!.body).map(({ address }) => address)
  expect(posts.filter((address) => !bodies[address]), 'a body to spoil for each that takes one').toEqual([])
  const complaints: string[] = []
  const statuses = new Map<number, number>()
  await forEach(Array.from({ length: REQUESTS }, (_, i) => i), async (i) => {
    const dice = random(SEED, 'request', i)
    const [path, question, spoiltBody] = hostile(dice, targets[i % targets.length]!)
    const answer = await ask(path, question)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    const wrong = complaint(answer, spoiltBody)
    if (wrong) complaints.push(`request ${i}: ${question.method} ${path.slice(0, 200)} ${question.body?.toString().slice(0, 200) ?? ''}: ${wrong}`)
  })
  expect(complaints.slice(0, 20)).toEqual([])
  // Most get past address, session and role, to what is asked for.
  expect((statuses.get(400) ?? 0) + (statuses.get(404) ?? 0)).toBeGreaterThan(REQUESTS / 3)
  expect(statuses.get(429) ?? 0).toBeLessThan(REQUESTS / 5)
})

const WAYS_IN = 400
const waysIn = [
  ['GET', 'csrf'], ['GET', 'session'], ['GET', 'signin'], ['GET', 'signout'], ['GET', 'error'], ['POST', 'callback/credentials'], ['POST', 'callback/credentials'], ['POST', 'signout'],
  ['GET', 'providers'], ['GET', 'callback/credentials'], ['POST', 'session'], ['POST', 'signin/credentials'], ['POST', '_log'], ['PUT', 'signout'], ['GET', '__proto__'], ['GET', 'csrf/x'],
] as const

test(`${WAYS_IN} hostile requests to the way in let nobody in, lead nowhere else, and none breaks it (SEED=${SEED})`, async () => {
  const csrf = await ask('/api/auth/csrf')
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string }
  const token = csrf.headers['set-cookie']!.map((line) => line.split(';', 1)[0]).join('; ')
  const own = new URL(process.env.ONRAMP_E2E_URL!).origin
  const complaints: string[] = []
  await forEach(Array.from({ length: WAYS_IN }, (_, i) => i), async (i) => {
    const dice = random(SEED, 'way in', i)
    const [method, action] = waysIn[i % waysIn.length]!
    const fields = { csrfToken: dice.chance(0.8) ? csrfToken : dice.of(hostileTexts), email: dice.of(hostileTexts), password: dice.of(hostileTexts), callbackUrl: dice.chance(0.5) ? dice.of(['https://evil.example/', '//evil.example', '/\\evil.example']) : dice.of(hostileTexts), json: dice.of(['true', 'false', '{}']) }
    const isForm = dice.chance(0.7)
    const type: Record<string, string> = isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : dice.of<() => Record<string, string>>([() => ({ 'content-type': 'application/json' }), () => ({ 'content-type': 'text/plain' }), () => ({})])()
    const cookie = dice.chance(0.8) ? `${token}; onramp.callback=${encode(dice.of(hostileTexts))}; onramp.session=${encode(dice.of(hostileTexts))}` : token
    const body = method !== 'POST' ? undefined : isForm ? new URLSearchParams(Object.entries(fields).map(([name, text]) => [name, text.toWellFormed()])).toString() : hostileBytes(dice)
    const path = `/api/auth/${action}${dice.chance(0.5) ? `?callbackUrl=${encode(dice.of(hostileTexts))}&${hostileQuery(dice)}` : ''}`
    const answer = await ask(path, { method, headers: { ...hostileHeaders(dice), cookie, ...type }, body, from: '127.0.0.26' })
    const { status, text } = answer
    // What next-auth tells a script, whether somebody is in or not.
    const toldScript = text.startsWith('{"url":')
    const leadsTo = answer.headers.location ?? (toldScript ? (JSON.parse(text) as { url: string }).url : own)
    const wrong = (toldScript && isForm && status < 500 ? null : complaint(answer, body !== undefined && !isForm))
      ?? (new URL(leadsTo, own).origin === own ? null : `leads to ${leadsTo}`)
      ?? (/onramp\.session=[^;]/.test(String(answer.headers['set-cookie'])) ? 'signs in' : null)
    if (wrong) complaints.push(`request ${i}: ${method} ${path.slice(0, 200)} ${body?.toString().slice(0, 200) ?? ''}: ${status} ${wrong}`)
  })
  expect(complaints.slice(0, 20)).toEqual([])
})

test(`${VISITS} hostile addresses of pages show a page, and none breaks it (SEED=${SEED})`, async () => {
  const complaints: string[] = []
  const all = Object.values(pages)
  await forEach(Array.from({ length: VISITS }, (_, i) => i), async (i) => {
    const dice = random(SEED, 'page', i)
    const right = all[i % all.length]!.at(ids).split('?')[0]!
    const segments = right.split('/')
    const path = segments.length > 2 && dice.chance(0.4) ? hostilePath(dice, right).split('/').slice(0, segments.length + 3).join('/') : right
    const address = `${path}?${hostileQuery(dice)}`
    const { status, text } = await ask(address, { session: admin })
    if (status >= 500 || text.includes('This page could not be shown')) complaints.push(`page ${i}: ${address.slice(0, 300)}: ${status}`)
  })
  expect(complaints.slice(0, 20)).toEqual([])
})
