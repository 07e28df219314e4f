import { rmSync } from 'node:fs'
import type { Connection } from 'mysql2/promise'
import { examples, idsOfTheSample, pages, type Ids } from './addresses.ts'
import { ask, codeOf, forEach, methods } from './ask.ts'
import { expectedOf, expectedOfPage, knock, seen, whatHandlersDeclare, type Declared } from './doors.ts'
import { expect, test } from './fixtures.ts'
import { databaseAddress, kinds, onePersonOfEachKind, openDatabase, type Kind } from './people.ts'
import { buildWithoutProxy, startSecondPortal, type SecondPortal } from './portals.ts'

// A minute at most on a machine that has nothing else to do.
test.describe.configure({ timeout: 300_000 })

// proxy.ts sends visitors to the login page, and that is convenience: Next has let requests past it more than once.
let db: Connection
let ids: Ids
let declared: Declared
let build: string
let bare: SecondPortal
let sessions: Record<Kind, string | null>

test.beforeAll(async () => {
  db = await openDatabase()
  ids = await idsOfTheSample(db)
  declared = await whatHandlersDeclare()
  sessions = await onePersonOfEachKind(db)
  build = buildWithoutProxy()
  bare = await startSecondPortal('without-proxy', await databaseAddress(), build)
})
test.afterAll(async () => {
  await bare.stop()
  rmSync(build, { recursive: true })
  await db.end()
})

test('the proxy is out: pages come without its policy', async () => {
  expect((await ask('/login')).headers['content-security-policy']).toContain("'nonce-")
  const { status, headers } = await ask('/login', { portal: bare.address })
  expect([status, headers['content-security-policy']]).toEqual([200, undefined])
})

for (const kind of kinds) {
  test(`without the proxy the API and the pages answer ${kind} as they do with it`, async () => {
    const session = sessions[kind]
    const surprises: string[] = []
    await forEach(Object.entries(declared).flatMap(([address, handlers]) => methods.filter((method) => handlers[method]).map((method) => [address, method] as const)), async ([address, method]) => {
      if (address === '/api/v1/sessions' && method === 'DELETE') return
      const answer = await knock(ids, address, method, { session, portal: bare.address })
      const [status, code] = expectedOf(declared, address, method, kind)
      const found = [answer.status, status < 400 || code === null ? null : codeOf(answer)]
      if (found[0] !== status || found[1] !== code) surprises.push(`${method} ${address}: ${found.join(' ')} instead of ${status} ${code}`)
    })
    await forEach(Object.entries(pages), async ([address, { at, needs, says }]) => {
      const found = seen(await ask(at(ids), { session, portal: bare.address }), says)
      if (found !== expectedOfPage(needs, kind)) surprises.push(`${address}: ${found} instead of ${expectedOfPage(needs, kind)}`)
    })
    expect(surprises).toEqual([])
  })
}

test('what the API says of a load and its invoices is the same, byte for byte', async () => {
  const session = sessions.viewer
  const facts = Object.entries(declared).filter(([address, { GET }]) => GET && /\[(id|file)\]/.test(address) && !address.includes('/users/'))
  expect(facts.length).toBeGreaterThan(10)
  await forEach(facts, async ([address]) => {
    const [one, other] = await Promise.all([undefined, bare.address].map((portal) => ask(examples[address]!.at(ids), { session, portal })))
    expect([other!.status, other!.text], address).toEqual([one!.status, one!.text])
  })
})
