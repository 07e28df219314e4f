import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { HOSTILE_TEXT } from '#lib/fuzz/mutations.ts'
import type { Random } from '#lib/sample/random.ts'
import { paused } from './pause.ts'
import { wrongAnswer, type Person } from './person.ts'
import type { Tally } from './tally.ts'

const api = path.resolve(import.meta.dirname, '../../app/api/v1')

type Route = { address: string; methods: string[] }

/** Every route of the API, as its files name it, with the methods it exports. */
export function routesOfApi(): Route[] {
  return readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === 'route.ts').map((file) => ({
    address: `/api/v1/${path.dirname(file).split(path.sep).join('/')}`,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => new RegExp(`export (?:const|\\{[^}]*?) ?\\b${method}\\b`).test(readFileSync(path.join(api, file), 'utf8'))),
  }))
}

const ids = ['0', '-1', '1', '99999999999999999', '9223372036854775807', '9223372036854775808', '1e9', '0x1', 'abc', '%00', '..%2f..', '%ff', 'customer', 'line_item', 'x'.repeat(2_000)]
const NAMES = ['page', 'size', 'sort', 'status', 'partner', 'shop', 'person', 'from', 'to', 'q', 'slug', 'attempt', 'entity', 'column', 'code', 'severity', 'after', 'before', 'filter', 'cursor', 'id', '__proto__']
const FIELDS = ['shopId', 'partnerId', 'loadId', 'files', 'manifest', 'name', 'slug', 'timeZone', 'attempt', 'password', 'email', 'role', 'token', 'text', 'filter', 'sort', '__proto__', 'constructor']

function junk(dice: Random, depth = 0): unknown {
  const kind = dice.int(0, depth > 3 ? 5 : 8)
  if (kind <= 2) return dice.of(HOSTILE_TEXT)
  if (kind === 3) return dice.of([0, -1, 1.5, 1e308, 2 ** 53, Number.MAX_SAFE_INTEGER])
  if (kind === 4) return dice.of([null, true, false])
  if (kind === 5) return 'y'.repeat(dice.of([0, 300, 70_000]))
  if (kind === 6) return Array.from({ length: dice.int(0, 4) }, () => junk(dice, depth + 1))
  return Object.fromEntries(Array.from({ length: dice.int(0, 6) }, () => [dice.of(FIELDS), junk(dice, depth + 1)]))
}

function bodyOf(dice: Random): string {
  const text = JSON.stringify(junk(dice))
  return dice.of([text, text, text, text.slice(0, dice.int(0, text.length)), '', '[', `{"a":${'['.repeat(20_000)}`, '\u0000'])
}

// Asked for by junk or not, these do what they say: they would end the session that asks.
const ENDS_SESSIONS = /\/sessions(?:\/|$)/

/** What is never told to whoever asks: statements, places in the code, addresses of servers. */
const INSIDE = /\.(?:ts|js):\d+|\bselect\b[^"]{1,100}\bfrom\b|SQLSTATE|\bER_[A-Z]+_|mysql:\/\/|node_modules|127\.0\.0\.1:\d+/i

/** Z5: one random request. Its answer is a refusal or a success, and never a failure of ours. */
export async function requestAnything(routes: readonly Route[], people: readonly Person[], dice: Random, tally: Tally): Promise<void> {
  const { address, methods } = dice.of(routes)
  const method = dice.chance(0.15) ? dice.of(['PUT', 'PATCH', 'DELETE', 'POST', 'GET']) : dice.of(methods.length > 0 ? methods : ['GET'])
  if (ENDS_SESSIONS.test(address) && method !== 'GET') return
  const isChange = method !== 'GET'
  // A change is asked for of things that cannot be.
  const place = address.replace(/\[{1,2}(?:\.\.\.)?\w{1,40}\]{1,2}/g, () => (isChange ? dice.of(ids.filter((id) => id !== '1')) : dice.of([...ids, String(dice.int(1, 60))])))
  const query = Array.from({ length: dice.int(0, 3) }, () => `${dice.of(NAMES)}=${encodeURIComponent(String(junk(dice, 9)).toWellFormed().slice(0, 1_500))}`).join('&')
  const where = query && !isChange ? `${place}?${query}` : place
  const headers: Record<string, string> = dice.chance(0.1) ? { 'content-type': dice.of(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16']) } : {}
  tally.count('random requests')
  const stopAt = AbortSignal.timeout(30_000)
  try {
    const answer = await dice.of(people).client.ask(method, where, { headers, body: isChange ? bodyOf(dice) : undefined, signal: stopAt })
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) return void await answer.body?.cancel()
    const text = await answer.text()
    const told = `${method} ${where.slice(0, 200)} answered ${answer.status}`
    tally.count(`random requests answered ${Math.floor(answer.status / 100)}xx`)
    const wrong = wrongAnswer(answer.status, answer.headers.get('retry-after'))
    if (wrong) tally.problem(`${method} ${where.slice(0, 200)} ${wrong}: ${text.slice(0, 300)}`)
    if (answer.status >= 400 && INSIDE.test(text)) tally.problem(`${told} and told what is inside: ${text.slice(0, 300)}`)
  } catch (error) {
    if (stopAt.aborted) tally.problem(`${method} ${where.slice(0, 200)} was not answered within 30 seconds (${(error as Error).name})`)
    tally.count('random requests without an answer')
  }
}

export async function requestOn(people: readonly Person[], dice: Random, tally: Tally, stop: AbortSignal): Promise<void> {
  const routes = routesOfApi()
  while (await paused(dice.int(20, 250), stop)) await requestAnything(routes, people, dice, tally)
}
