import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { database, inTransaction } from './database.ts'
import { newPrisma } from './prisma.ts'
import { isDatabaseUnavailable } from './unavailable.ts'

await testDatabase()
const [prisma, other] = [newPrisma(), newPrisma()]
afterAll(() => Promise.all([prisma.$disconnect(), other.$disconnect(), database().end()]))

const WITHIN_MS = 3_000
/** What was wrong, after how long. */
async function failing(work: Promise<unknown>): Promise<{ away: boolean; inTime: boolean }> {
  const began = performance.now()
  const error = await work.then(() => expect.unreachable('it should have waited in vain'), (refused: unknown) => refused)
  return { away: isDatabaseUnavailable(error), inTime: performance.now() - began < WITHIN_MS }
}

test.concurrent('whoever waits for a connection while all are taken is told in time that the database does not answer, and the next one gets one', async () => {
  const taken = Promise.all([...Array.from({ length: 10 }, () => prisma.$queryRaw`select sleep(3.5)`), ...Array.from({ length: 4 }, () => database().query('select sleep(3.5)'))])
  await sleep(300)
  const waiting = [
    prisma.partner.count(), prisma.$queryRaw`select 1`, prisma.$transaction((tx) => tx.partner.count()),
    database().query('select 1'), inTransaction((tx) => tx.query('select 1')),
  ]
  expect(await Promise.all(waiting.map(failing))).toEqual(waiting.map(() => ({ away: true, inTime: true })))
  await taken
  expect(await prisma.partner.count()).toBeGreaterThanOrEqual(0)
  // Those that gave up have left nothing behind: all connections are there for others.
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? database().query('select sleep(0.05)') : prisma.$queryRaw`select sleep(0.05)`)))
})

test.concurrent('a transaction that stays open is rolled back after five seconds', async () => {
  const began = performance.now()
  const slug = `slow-${process.pid}`
  const slow = other.$transaction(async (tx) => {
    await tx.partner.create({ data: { slug, name: slug } })
    await sleep(5_500)
    await tx.partner.count()
  })
  await expect(slow).rejects.toMatchObject({ code: 'P2028' })
  expect(performance.now() - began).toBeGreaterThan(5_000)
  expect(await other.partner.count({ where: { slug } })).toBe(0)
})
