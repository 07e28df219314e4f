import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { prisma } from './prisma.ts'
import { isDatabaseUnavailable } from './unavailable.ts'

await testDatabase()
const secret = `secret-${process.pid}@example.com`
const account = { email: secret, name: 'Somebody', role: 'viewer', passwordHash: 'x' }

async function errorOf(action: Promise<unknown>): Promise<Error & { code?: string }> {
  return action.then(() => expect.unreachable('it should have been refused'), (error: unknown) => error as Error)
}

test('errors say their code, and quote no value', async () => {
  await prisma().user.create({ data: account })
  const refusals = [
    errorOf(prisma().user.create({ data: account })),
    errorOf(prisma().$transaction(async (tx) => tx.user.create({ data: account }))),
    errorOf(prisma().$transaction([prisma().user.create({ data: account })])),
    errorOf(prisma().$executeRaw`insert into \`user\` (email, name, role, passwordHash) values (${secret}, 'x', 'x', 'x')`),
    errorOf(prisma().user.create({ data: { ...account, role: 7 as never } })),
  ]
  for (const error of await Promise.all(refusals)) {
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 10 })).not.toContain(secret)
  }
  expect((await refusals[0]!).code).toBe('P2002')
})

test('times are kept and read in UTC, whatever the zones of server and machine', async () => {
  const at = new Date('2026-03-08T07:30:00.123Z')
  const email = `zone-${process.pid}@example.com`
  await prisma().user.create({ data: { ...account, email, lastLoginAt: at } })
  const read = await prisma().user.findUniqueOrThrow({ where: { email } })
  expect(read.lastLoginAt).toEqual(at)
  expect(Math.abs(read.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
})

test('a refusal by the data is not a database that does not answer', async () => {
  expect(isDatabaseUnavailable(await errorOf(prisma().user.findFirstOrThrow({ where: { email: 'nobody' } })))).toBe(false)
  for (const originalCode of ['45028', '45029']) expect(isDatabaseUnavailable(Object.assign(new Error(), { code: 'P2039', meta: { driverAdapterError: { cause: { originalCode } } } }))).toBe(true)
  expect(isDatabaseUnavailable(Object.assign(new Error(), { errno: 1053 }))).toBe(true)
})

test('a transaction that finds no room in its time says that the database does not answer, and not that we failed', async () => {
  const slow = prisma().$transaction(async (tx) => { await tx.$queryRaw`select sleep(0.3)` }, { timeout: 100 })
  expect(isDatabaseUnavailable(await errorOf(slow))).toBe(true)
})
