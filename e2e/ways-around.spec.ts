import type { Connection } from 'mysql2/promise'
import { can } from '../lib/auth/permissions.ts'
import { examples, idsOfTheSample, pages, type Ids } from './addresses.ts'
import { ask, forEach, type Answer } from './ask.ts'
import { expect, test } from './fixtures.ts'
import { newPerson, openDatabase } from './people.ts'
import { canaries, detours, type Detour } from './ways-around.ts'

// A minute at most on a machine that has nothing else to do.
test.describe.configure({ timeout: 300_000 })

let db: Connection
let ids: Ids

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
})
test.afterAll(() => db.end())

/** The answer to a detour. Next first sends those who ask for RSC to the same address with a sum of their headers behind it. */
async function take({ path, method, headers = {} }: Detour, session: string | null = null): Promise<Answer> {
  const question = { method, session: headers.cookie ? null : session, headers }
  const answer = await ask(path, question)
  const { location } = answer.headers
  return headers.rsc && answer.status === 307 && location !== undefined && /[?&]_rsc\b/.test(location) ? ask(location, question) : answer
}

/** What is wrong with an answer that must not hold any of these words, or null. */
function complaint({ status, headers, text }: Answer, words: readonly string[]): string | null {
  const leaked = words.filter((word) => text.includes(word) || JSON.stringify(headers).includes(word))
  if (leaked.length > 0) return `${status} with ${leaked.join(', ')}`
  if (status >= 500) return String(status)
  const { location } = headers
  const elsewhere = location && new URL(location, process.env.ONRAMP_E2E_URL).origin !== process.env.ONRAMP_E2E_URL
  return elsewhere ? `${status} to ${location}` : null
}

test('no detour leads a visitor to a byte of data, or to another host', async () => {
  const complaints: string[] = []
  const api = Object.values(examples).filter(({ gets }) => gets.GET)
  const ways = [...Object.values(pages).flatMap(({ at, says }) => detours(at(ids)).map((detour) => ({ detour, words: [...canaries, says] }))),
    ...api.flatMap(({ at }) => detours(at(ids)).map((detour) => ({ detour, words: canaries })))]
  await forEach(ways, async ({ detour, words }) => {
    const wrong = complaint(await take(detour), words.filter((word) => !detour.path.includes(word)))
    if (wrong) complaints.push(`${detour.path} (${detour.name}): ${wrong}`)
  })
  expect(complaints).toEqual([])
})

test('no detour shows a viewer what a viewer may not see', async () => {
  const { session } = await newPerson(db, 'viewer', 'viewer on detours')
  const complaints: string[] = []
  const closed = Object.values(pages).filter(({ needs }) => needs !== null && !can({ role: 'viewer' }, needs))
  expect(closed.length).toBeGreaterThan(5)
  await forEach(closed.flatMap(({ at, says }) => detours(at(ids)).map((detour) => ({ detour, says }))), async ({ detour, says }) => {
    const wrong = complaint(await take(detour, session), [says, 'rebecca.tremblay891'])
    if (wrong) complaints.push(`${detour.path} (${detour.name}): ${wrong}`)
  })
  expect(complaints).toEqual([])
})

test('the words that are looked for are there for those who may see them, also in what Next sends instead of HTML', async () => {
  const { session } = await newPerson(db, 'admin', 'admin on detours')
  await forEach(Object.values(pages), async ({ at, says }) => {
    const html = await ask(at(ids), { session })
    expect([html.status, html.text.includes(says)], at(ids)).toEqual([200, true])
    const rsc = await take({ name: 'RSC', path: at(ids), headers: { rsc: '1' } }, session)
    expect([rsc.status, rsc.headers['content-type'], rsc.text.includes(says)], `${at(ids)} as RSC`).toEqual([200, 'text/x-component', true])
  })
  const all = (await Promise.all(['', '/exceptions', '/files/customers.csv'].map((rest) => ask(`/api/v1/loads/${ids.load}${rest}`, { session })))).map(({ text }) => text).join()
  const accounts = (await ask('/api/v1/users', { session })).text
  for (const word of canaries) expect(all + accounts, word).toContain(word)
})
