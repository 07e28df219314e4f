import type { Connection } from 'mysql2/promise'
import { buildFolder } from './addresses.ts'
import { ask, type Answer } from './ask.ts'
import { expect, test } from './fixtures.ts'
import { databaseAddress, newPerson, openDatabase, password, type Person } from './people.ts'
import { startSecondPortal } from './portals.ts'

let db: Connection
let person: Person
test.beforeAll(async () => {
  db = await openDatabase()
  person = await newPerson(db, 'viewer', 'somebody who is lured')
})
test.afterAll(() => db.end())

const from = '127.0.0.24'
const cookiesOf = ({ headers }: Answer) => headers['set-cookie'] ?? []
const sent = (answers: Answer[]) => answers.flatMap(cookiesOf).map((line) => line.split(';', 1)[0]).join('; ')

/** Sends a form of next-auth, as a page does that has its token. `cookie`: what the browser sends beside the token's own. */
async function submit(portal: string, path: string, fields: Record<string, string>, cookie = ''): Promise<Answer> {
  const csrf = await ask('/api/auth/csrf', { portal, from })
  const { csrfToken } = JSON.parse(csrf.text) as { csrfToken: string }
  const headers = { 'cookie': [sent([csrf]), cookie].filter(Boolean).join('; '), 'content-type': 'application/x-www-form-urlencoded' }
  return ask(path, { method: 'POST', portal, from, headers, body: new URLSearchParams({ csrfToken, ...fields }).toString() })
}

/** Where an answer of next-auth leads, whether it says so to a script or to a browser. */
const leadsTo = ({ headers, text }: Answer) => headers.location ?? (JSON.parse(text) as { url: string }).url

test('whatever a link asks for, signing in and signing out stay on our own pages', async () => {
  const portal = process.env.ONRAMP_E2E_URL!
  const elsewhere = ['https://evil.example', '//evil.example', '/\\evil.example', `${portal}.evil.example/`, `${portal}@evil.example/`, 'javascript:alert(1)', 'http://[', 'https://evil.example/?x=/loads']
  const led: unknown[] = []
  for (const callbackUrl of elsewhere) {
    for (const json of ['true', 'false']) {
      for (const [path, fields] of [['/api/auth/callback/credentials', { email: person.email, password }], ['/api/auth/signout', {}]] as const) {
        // Once as a field, and once as the cookie in which next-auth keeps it.
        for (const answer of [await submit(portal, path, { ...fields, json, callbackUrl }), await submit(portal, path, { ...fields, json }, `onramp.callback=${encodeURIComponent(callbackUrl)}`)]) {
          // What is no address is refused, and forgotten.
          if (answer.status >= 400) expect([answer.status, cookiesOf(answer).join()]).toEqual([400, expect.not.stringMatching(/onramp\.callback=[^;]|onramp\.session=[^;]/)])
          else if (new URL(leadsTo(answer), portal).origin !== portal) led.push([path, callbackUrl, json, leadsTo(answer)])
        }
      }
    }
  }
  expect(led).toEqual([])
  expect(leadsTo(await submit(portal, '/api/auth/callback/credentials', { email: person.email, password, json: 'true', callbackUrl: '/loads?page=2' }))).toBe(`${portal}/loads?page=2`)
})

test('where browsers come by https, every cookie is for this host alone and never travels in the clear, and no other one counts', async () => {
  const { address: portal, stop } = await startSecondPortal('https', await databaseAddress(), buildFolder, 'https://onramp.example')
  try {
    const csrf = await ask('/api/auth/csrf', { portal, from })
    const signedIn = await submit(portal, '/api/auth/callback/credentials', { email: person.email, password, json: 'true', callbackUrl: '/' })
    expect([signedIn.status, leadsTo(signedIn)]).toEqual([200, 'https://onramp.example/'])
    const lines = [csrf, signedIn].flatMap(cookiesOf)
    const names = lines.map((line) => line.split('=', 1)[0])
    for (const name of ['session', 'csrf', 'callback', 'device']) expect(names).toContain(`__Host-onramp.${name}`)
    for (const line of lines) {
      expect(line).toMatch(/^__Host-onramp\.\w+=/)
      for (const part of [/; Path=\/(;|$)/i, /; HttpOnly(;|$)/i, /; Secure(;|$)/i, /; SameSite=Lax(;|$)/i]) expect(line).toMatch(part)
      // With one of these browsers would refuse it.
      expect(line).not.toMatch(/; Domain=/i)
    }
    const session = /__Host-onramp\.session=([^;]+)/.exec(lines.join('\n'))![1]
    const asked = async (name: string) => {
      const cookie = `${name}=${session}`
      return [(await ask('/api/v1/loads', { portal, headers: { cookie } })).status, (await ask('/loads', { portal, headers: { cookie } })).status]
    }
    expect(await asked('__Host-onramp.session')).toEqual([200, 200])
    expect(await asked('onramp.session')).toEqual([401, 307])
    const out = await submit(portal, '/api/auth/signout', { json: 'true' }, `__Host-onramp.session=${session}`)
    expect(cookiesOf(out).find((line) => line.startsWith('__Host-onramp.session='))).toMatch(/^__Host-onramp\.session=;.*; Secure/i)
    expect(await asked('__Host-onramp.session')).toEqual([401, 307])
  } finally {
    await stop()
  }
})
