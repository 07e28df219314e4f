import type { ResultSetHeader } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { appendAudit } from '#lib/audit/append.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { readHealth } from './health.ts'

// Its own: tests of others purge, make backups and queue loads.
const { connection, url } = await testDatabase('health')
const { user: engineer } = await signedIn(connection, 'engineer')
const check = (health: Awaited<ReturnType<typeof readHealth>>, name: string) => health.checks.find((c) => c.name === name)!

async function job(status: string, { secondsAgo, leaseLeft }: { secondsAgo: number; leaseLeft?: number }): Promise<number> {
  const slug = `health-${process.pid}-${Math.random().toString(36).slice(2)}`
  const insert = async (sql: string, values: unknown[]) => (await connection.query<ResultSetHeader>(sql, values))[0].insertId
  const partnerId = await insert('insert into partner (slug, name) values (?, ?)', [slug, slug])
  const shopId = await insert("insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, 'UTC')", [partnerId, slug, slug])
  const loadId = await insert('insert into `load` (shopId, slug, status) values (?, ?, ?)', [shopId, slug, status])
  return insert(
    `insert into job (loadId, shopId, status, requestedVia, worker, createdAt, leasedUntil)
     values (?, ?, ?, 'portal', 'worker-1', now(3) - interval ? second, now(3) + interval ? second)`, [loadId, shopId, status, secondsAgo, leaseLeft ?? null])
}

test('a queue that nobody serves is down, and a worker that fell silent is watched', async () => {
  const calm = await readHealth(engineer)
  expect(check(calm, 'database').facts.at(-1)).toEqual({ label: 'Server', value: expect.stringMatching(/^\d+\.\d+/) })
  expect(check(calm, 'store').facts.map(({ label }) => label)).toEqual(['Free', 'Of'])

  await connection.query("delete from job where status in ('queued', 'running')")
  const waiting = await job('queued', { secondsAgo: 95 })
  const stuck = await readHealth(engineer)
  expect(stuck.state).toBe('down')
  expect(check(stuck, 'queue')).toMatchObject({ state: 'down', says: expect.stringContaining('no worker takes them'), facts: [{ label: 'Waiting', value: '1' }, { label: 'Oldest', value: expect.stringMatching(/^9\d s$/) }] })

  const running = await job('running', { secondsAgo: 30, leaseLeft: -7 })
  const silent = await readHealth(engineer)
  expect(check(silent, 'queue').state).toBe('ok')
  expect(check(silent, 'workers')).toMatchObject({ state: 'warning', says: expect.stringContaining('Another one takes over') })
  expect(silent.running).toMatchObject([{ jobId: String(running), worker: 'worker-1', leaseLeftSeconds: expect.closeTo(-7, -0.5), runningForSeconds: expect.closeTo(30, -0.5) }])
  await connection.query('delete from job where id in (?)', [[waiting, running]])
})

test('the last backup and the last purge are told, and none or an old one is watched', async () => {
  const card = async (name: string) => check(await readHealth(engineer), name)
  expect(await card('backup')).toMatchObject({ state: 'warning', says: expect.stringContaining('No backup was ever made.'), facts: [] })
  expect(await card('retention')).toMatchObject({ state: 'warning', says: expect.stringContaining('Nothing was ever purged.'), facts: [] })

  const backup = (bytes: number) => appendAudit(connection, { user: null, actor: 'cli', action: 'backup_made', objectType: 'installation', objectId: '1', detail: { files: 1_204, bytes, throughEvent: 7 } })
  await backup(1)
  await backup(31_400_000_000)
  await connection.query("insert into retention_run (finishedAt, worker, loads, stagedFiles, rawFiles, bytes) values (now(3) - interval 90 minute, 'host-a:812', 3, 21, 24, 150000000), (null, 'host-b:9', 0, 0, 0, 0)")
  const moment = { label: 'Last', value: expect.stringMatching(/^\d{4}-.*Z$/), moment: true }
  expect(await card('backup')).toMatchObject({ state: 'ok', facts: [moment, { label: 'By', value: 'Command line' }, { label: 'Files', value: '1,204' }, { label: 'Size', value: '31.4 GB' }] })
  // One that was cut short is none.
  expect(await card('retention')).toMatchObject({ state: 'ok', facts: [moment, { label: 'By', value: 'host-a:812' }, { label: 'Purged then', value: '3 loads, 45 files' }, { label: 'Size', value: '150 MB' }] })
  expect(Date.now() - Date.parse((await card('retention')).facts[0]!.value)).toBeGreaterThan(89 * 60_000)

  await connection.query("update audit_event set at = at - interval 169 hour where action = 'backup_made'")
  await connection.query('update retention_run set finishedAt = finishedAt - interval 2 hour')
  expect(await card('backup')).toMatchObject({ state: 'warning', says: expect.stringContaining('more than 7 days old') })
  expect(await card('retention')).toMatchObject({ state: 'warning', says: expect.stringContaining('more than 3 hours old') })
  expect(await readHealth(engineer)).toMatchObject({ state: 'warning' })
})

test('a database that does not answer is said to be down within seconds', async () => {
  process.env.DATABASE_URL = 'mysql://nobody:nothing@127.0.0.1:1/none'
  const started = performance.now()
  const health = await readHealth(engineer).finally(() => { process.env.DATABASE_URL = url })
  expect(performance.now() - started).toBeLessThan(2_500)
  expect(health).toMatchObject({ state: 'down', checks: [{ name: 'database', state: 'down', says: 'The database does not answer within 2 seconds (ECONNREFUSED).' }, { name: 'store' }] })
})

test('only those who run the system see its state', async () => {
  const { user: support } = await signedIn(connection, 'support')
  await expect(readHealth(support)).rejects.toMatchObject({ code: 'not_allowed' })
})
