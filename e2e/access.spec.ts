import type { Connection } from 'mysql2/promise'
import { addressesOfTheBuild, examples, idsOfTheSample, otherHandlers, pages, pagesOfNext, pagesOfTheWayIn, type Ids } from './addresses.ts'
import { ask, codeOf, forEach, methods } from './ask.ts'
import { expectedOf, expectedOfPage, knock, seen, whatHandlersDeclare, type Declared } from './doors.ts'
import { expect, test } from './fixtures.ts'
import { kinds, newPerson, onePersonOfEachKind, openDatabase, type Kind } from './people.ts'

// A minute at most on a machine that has nothing else to do.
test.describe.configure({ timeout: 300_000 })

let db: Connection
let ids: Ids
let sessions: Record<Kind, string | null>
let declared: Declared

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  sessions = await onePersonOfEachKind(db)
  declared = await whatHandlersDeclare()
})
test.afterAll(() => db.end())

test('every address that the build answers is in the tables of these tests, and none is there that it does not answer', () => {
  const built = addressesOfTheBuild()
  expect([...Object.keys(examples), ...otherHandlers].sort()).toEqual(built.handlers)
  expect([...Object.keys(pages), ...pagesOfTheWayIn, ...pagesOfNext].sort()).toEqual(built.pages)
  expect(Object.keys(declared).sort(), 'handlers made by route()').toEqual(Object.keys(examples).sort())
  for (const [address, { gets }] of Object.entries(examples)) expect(Object.keys(gets).sort(), address).toEqual(Object.keys(declared[address]!).sort())
})

for (const kind of kinds) {
  test(`every address of the API answers ${kind} to every method as declared`, async () => {
    // Signing out everywhere is one of the things that are asked for.
    const leaver = kind === 'visitor' || kind === 'disabled' ? sessions[kind] : (await newPerson(db, kind, `leaving ${kind}`)).session
    const surprises: string[] = []
    await forEach(Object.keys(examples).flatMap((address) => methods.map((method) => [address, method] as const)), async ([address, method]) => {
      const session = address === '/api/v1/sessions' && method === 'DELETE' ? leaver : sessions[kind]
      const answer = await knock(ids, address, method, { session })
      const [status, code] = expectedOf(declared, address, method, kind)
      const found = [answer.status, status < 400 || code === null ? null : codeOf(answer)]
      if (found[0] !== status || found[1] !== code) surprises.push(`${method} ${address}: ${found.join(' ')} instead of ${status} ${code}`)
    })
    expect(surprises).toEqual([])
  })
}

test('every page shows its content to those who may see it, and nothing of it to anybody else', async () => {
  const surprises: string[] = []
  await forEach(Object.entries(pages).flatMap(([address, page]) => kinds.map((kind) => ({ address, kind, ...page }))), async ({ address, kind, at, needs, says }) => {
    const found = seen(await ask(at(ids), { session: sessions[kind] }), says)
    if (found !== expectedOfPage(needs, kind)) surprises.push(`${address} as ${kind}: ${found} instead of ${expectedOfPage(needs, kind)}`)
  })
  expect(surprises).toEqual([])
})
