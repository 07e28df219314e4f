import { randomUUID } from 'node:crypto'
import type { RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { createAccount } from './accounts.ts'
import { sessionOfClaims } from './session.ts'
import { signIn } from './sign-in.ts'
import { testPassword } from './testing.ts'

process.env.ONRAMP_LOG_LEVEL = 'silent'
process.env.NEXTAUTH_SECRET ??= 'a secret of at least thirty-two characters'
const { connection } = await testDatabase()
let made = 0
const elsewhere = () => ({ browser: 'Firefox on Linux', address: `203.0.${process.pid % 250}.${++made % 250}` })
const person = async () => {
  const email = `signer-${randomUUID()}@example.com`
  const { id } = await createAccount(connection, { email, name: 'Sam Signer', role: 'support', password: testPassword })
  return { id, email }
}

test('the right password opens a session, with the e-mail in any letter case', async () => {
  const { id, email } = await person()
  const done = await signIn({ email: ` ${email.toUpperCase()} `, password: testPassword }, elsewhere(), undefined)
  expect(await sessionOfClaims({ ...done!.claims })).toMatchObject({ user: { id, email }, mustChangePassword: false, confirmed: true })
})

test('another spelling of the e-mail, which the database takes for the same, is nobody: each would have failures of its own', async () => {
  const { email } = await person()
  for (const sent of [email.replace('signer', 'sígner'), email.replace('signer', 'ſigner'), email.replace('example', 'éxample')]) {
    expect(await signIn({ email: sent, password: testPassword }, elsewhere(), undefined), sent).toBeNull()
  }
})

test('each sign-in is a session of its own, and sessions that are over make room', async () => {
  const { id, email } = await person()
  const [one, two] = [await signIn({ email, password: testPassword }, elsewhere(), undefined), await signIn({ email, password: testPassword }, elsewhere(), undefined)]
  expect(one!.claims.sid).not.toBe(two!.claims.sid)
  await connection.query('update session set lastSeenAt = now(3) - interval 1 hour where id = ?', [one!.claims.sid])
  await signIn({ email, password: testPassword }, elsewhere(), undefined)
  const [rows] = await connection.query<RowDataPacket[]>('select id from session where userId = ?', [id])
  expect(rows).toHaveLength(2)
})

test.each([
  [{}], [{ email: 7, password: [] }], [null], ['x'], [{ email: 'a@example.com', password: 'x'.repeat(5_000) }], [{ email: 'x'.repeat(300), password: 'x' }],
])('%o is nobody', async (sent) => expect(await signIn(sent, elsewhere(), undefined)).toBeNull())

test('guesses are refused after five, the right one too, also when all come at once', async () => {
  const { email } = await person()
  const from = elsewhere()
  const results = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => signIn({ email, password: `a wrong password ${i}` }, from, undefined)))
  expect(results.filter((r) => r.status === 'fulfilled' && r.value === null)).toHaveLength(5)
  for (const refused of results.filter((r) => r.status === 'rejected')) expect(refused.reason).toMatchObject({ code: 'too_many_requests' })
  await expect(signIn({ email, password: testPassword }, from, undefined)).rejects.toMatchObject({ code: 'too_many_requests' })
})

test('a browser that signed in before gets in while others guess, from the very address', async () => {
  const { email } = await person()
  const from = elsewhere()
  const { device } = (await signIn({ email, password: testPassword }, from, undefined))!
  await Promise.allSettled(Array.from({ length: 60 }, () => signIn({ email, password: 'a wrong password' }, from, undefined)))
  await expect(signIn({ email, password: testPassword }, from, 'made.up')).rejects.toMatchObject({ code: 'too_many_requests' })
  const known = await signIn({ email, password: testPassword }, from, device)
  expect(known!.device).toBe(device)
  expect((await person().then((other) => signIn({ email: other.email, password: testPassword }, elsewhere(), device)))!.device).not.toBe(device)
})

const median = (of: number[]) => of.sort((a, b) => a - b)[of.length / 2]!

// One after the other in turn, so that whatever else the machine does hits both alike; then the middle of the differences.
test('an unknown account takes as long as a wrong password', async () => {
  const { email } = await person()
  const timed = async (who: string) => {
    // Pauses after many failures are another test's; here nobody ever failed before.
    await connection.query('delete from login_limit')
    const started = performance.now()
    expect(await signIn({ email: who, password: 'a wrong password' }, elsewhere(), undefined)).toBeNull()
    return performance.now() - started
  }
  await timed(email)
  const differences: number[] = []
  const all: number[] = []
  for (let i = 0; i < 100; i++) {
    const unknown = `nobody-${randomUUID()}@example.com`
    const [first, second] = i % 2 ? [await timed(email), await timed(unknown)] : [await timed(unknown), await timed(email)]
    differences.push(i % 2 ? first - second : second - first)
    all.push(first, second)
  }
  // Ten milliseconds; more only where the machine is so busy that all of it takes several times as long as usual.
  expect(Math.abs(median(differences))).toBeLessThan(Math.max(10, median(all) / 10))
})

test('an account that was invited or disabled answers like a wrong password', async () => {
  const { id, email } = await person()
  await connection.query('update `user` set disabledAt = now(3) where id = ?', [id])
  expect(await signIn({ email, password: testPassword }, elsewhere(), undefined)).toBeNull()
  await connection.query('update `user` set disabledAt = null, passwordHash = null where id = ?', [id])
  expect(await signIn({ email, password: testPassword }, elsewhere(), undefined)).toBeNull()
})

test('what was typed for an account that does not exist is kept nowhere', async () => {
  const typed = `typed-${randomUUID()}`
  await signIn({ email: typed, password: typed }, elsewhere(), undefined)
  for (const table of ['audit_event', 'login_limit', 'session']) expect(JSON.stringify((await connection.query(`select * from ${table}`))[0])).not.toContain(typed)
})
