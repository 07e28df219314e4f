import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { database, inTransaction } from './database.ts'
import { isDatabaseUnavailable } from './unavailable.ts'

const { connection } = await testDatabase()
afterAll(() => database().end())

const errorOf = (action: Promise<unknown>) => action.then(() => expect.unreachable('it should have failed'), (error: unknown) => error as Error & { code?: string })

test('a transaction whose connection is lost says so, also when it is used once more, and the next one has another', async () => {
  const lost = errorOf(inTransaction(async (tx) => {
    await connection.query(`kill connection ${tx.threadId}`)
    await tx.query('select sleep(0)')
  }))
  // Without a code the driver had heard of it before it sent anything.
  const { code, message } = await lost
  expect(code ?? message).toMatch(/^(PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE)$|closed state/)
  expect(isDatabaseUnavailable(await lost)).toBe(true)

  const gone = errorOf(inTransaction(async (tx) => {
    tx.destroy()
    await tx.query('select 1')
  }))
  expect(isDatabaseUnavailable(await gone)).toBe(true)
  expect(await inTransaction(async (tx) => (await tx.query('select 7 as n'))[0])).toEqual([{ n: 7 }])
})
