import type { ResultSetHeader } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { signedIn } from '#lib/auth/testing.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { readHome } from './home.ts'

const { connection } = await testDatabase()
let made = 0

async function insert(table: string, row: Record<string, unknown>): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>('insert into ?? set ?', [table, row])
  return result.insertId
}

/** A load of a shop of its own; `minutesAgo` is when it was last touched. */
async function load(status: string, { userId = null as string | null, minutesAgo = 0, numbers = {} } = {}): Promise<{ id: number; shopId: number }> {
  const slug = `home-${process.pid}-${++made}`
  const shopId = await insert('shop', { partnerId: await insert('partner', { slug, name: slug }), slug, name: `Shop ${slug}`, timeZone: 'America/New_York' })
  const updatedAt = new Date(Date.now() - minutesAgo * 60_000)
  return { id: await insert('load', { shopId, slug, status, createdByUserId: userId, updatedAt, ...numbers }), shopId }
}

const attempt = (loadId: number, status: string, more: Record<string, unknown> = {}) =>
  insert('attempt', { loadId, number: 1, delivery: 1, status, startedVia: 'portal', finishedAt: new Date(), ...more })

test('what failed, has rejected rows or was not finished needs attention; what is in order does not', async () => {
  const { user } = await signedIn(connection, 'viewer')
  const before = (await readHome(user)).attentionTotal
  const wanted = [await load('failed'), await load('failed_validation'), await load('completed_with_exceptions', { numbers: { errors: 37, warnings: 5, records: 400 } }), await load('uploading', { minutesAgo: 30 })]
  const others = [await load('completed'), await load('cancelled'), await load('running'), await load('uploading', { minutesAgo: 2 }), await load('failed', { minutesAgo: 15 * 24 * 60 })]
  await attempt(wanted[2]!.id, 'completed_with_exceptions', { errors: 37, warnings: 5, records: 400 })
  // A delivery that was refused later changed nothing of what is in production.
  await attempt(wanted[2]!.id, 'failed_validation', { number: 2, delivery: 2, errors: 0, warnings: 0, records: 0 })

  const home = await readHome(user)
  expect(home.first).toBe(false)
  expect(home.attentionTotal - before).toBe(wanted.length)
  const ids = home.attention.map(({ id }) => Number(id))
  for (const { id } of others) expect(ids).not.toContain(id)
  expect(home.attention.find(({ id }) => Number(id) === wanted[2]!.id)).toMatchObject({ status: 'completed_with_exceptions', errors: 37, warnings: 5, records: 400 })
})

test('my running loads are those that I sent or ran again', async () => {
  const [{ user: me }, { user: other }] = [await signedIn(connection, 'support'), await signedIn(connection, 'support')]
  const mine = await load('queued', { userId: me.id })
  const again = await load('running', { userId: other.id })
  await insert('job', { loadId: again.id, shopId: again.shopId, status: 'running', requestedVia: 'portal', requestedByUserId: me.id })
  const ended = await load('running', { userId: other.id })
  await insert('job', { loadId: ended.id, shopId: ended.shopId, status: 'done', requestedVia: 'portal', requestedByUserId: me.id, finishedAt: new Date() })
  await load('completed', { userId: me.id })

  const { running } = await readHome(me)
  expect(running.map(({ id }) => Number(id)).sort()).toEqual([mine.id, again.id].sort())
})

test('the last 24 hours count finished runs and the rows that came in, not dry runs', async () => {
  const { user } = await signedIn(connection, 'viewer')
  const before = (await readHome(user)).day
  const yesterday = new Date(Date.now() - 25 * 60 * 60_000)
  const attempts = [
    await attempt((await load('completed')).id, 'completed'),
    await attempt((await load('failed')).id, 'failed'),
    await attempt((await load('completed')).id, 'completed', { dryRun: true }),
    await attempt((await load('completed')).id, 'completed', { finishedAt: yesterday }),
  ]
  for (const attemptId of attempts) await insert('ledger_line', { attemptId, entity: 'invoice', records: 100, rejected: 3, inserted: 90, updated: 7 })

  const { day } = await readHome(user)
  const gained = Object.fromEntries(Object.entries(day).map(([name, value]) => [name, value - before[name as keyof typeof before]]))
  expect(gained).toEqual({ attempts: 2, failed: 1, records: 100, rejected: 3, inserted: 90, updated: 7 })
})
