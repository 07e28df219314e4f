import { createHash, randomUUID } from 'node:crypto'
import { createPool } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '#lib/db/testing.ts'
import { entities } from '#lib/contract/index.ts'
import { retryingDeadlocks } from '#lib/data/retrying.ts'
import { fileArrived, manifestArrived, openDelivery, type Delivery, type DeliveryRequest } from './delivery.ts'

const { url, connection: db } = await testDatabase()
const many = createPool({ uri: url, connectionLimit: 20 })
afterAll(() => many.end())

let shopId: string
let userId: string

beforeEach(async () => {
  const slug = randomUUID()
  const [partner] = await db.query('insert into partner (slug, name) values (?, ?)', [slug, 'Partner'])
  const partnerId = (partner as { insertId: number }).insertId
  const [shop] = await db.query('insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, ?)', [partnerId, '0112', 'Shop', 'America/New_York'])
  shopId = String((shop as { insertId: number }).insertId)
  const [user] = await db.query('insert into user (email, name, role, passwordHash) values (?, ?, ?, ?)', [`${slug}@example.test`, 'Rep', 'support', 'x'])
  userId = String((user as { insertId: number }).insertId)
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** What a browser sends for the seven files of that content. */
function request(content: string, changes: Partial<DeliveryRequest> = {}): DeliveryRequest {
  const loadId = changes.loadId ?? '2025-08-22_partner'
  const files = entities.map((e) => ({ name: e.file, bytes: content.length, sha256: sha256(content + e.file) }))
  const manifest = { load_id: loadId, files: files.map((f) => ({ name: f.name, rows: 1, sha256: f.sha256 })) }
  const manifestFile = { name: 'manifest.json', bytes: 100, sha256: sha256(JSON.stringify(manifest)) }
  return { shopId, loadId, files: [...files, manifestFile], manifest, replace: false, userId, ...changes }
}

async function inTx<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
  return retryingDeadlocks(async () => {
    const tx = await many.getConnection()
    try {
      await tx.beginTransaction()
      const result = await work(tx)
      await tx.commit()
      return result
    } catch (error) {
      await tx.rollback()
      throw error
    } finally {
      tx.release()
    }
  })
}

const open = (asked: DeliveryRequest) => inTx((tx) => openDelivery(tx, asked))

async function arrive(delivery: Delivery, asked: DeliveryRequest): Promise<void> {
  for (const file of asked.files) {
    const sent = { ...file, loadId: delivery.id, delivery: delivery.delivery }
    if (file.name !== 'manifest.json') await inTx((tx) => fileArrived(tx, sent, `loads/${delivery.id}/${delivery.delivery}/${file.name}`))
    else await inTx((tx) => manifestArrived(tx, sent, `loads/${delivery.id}/${delivery.delivery}/${file.name}`, new TextEncoder().encode(JSON.stringify(asked.manifest))))
  }
}

/** What the pipeline leaves behind when an attempt is over. */
async function finish(delivery: Delivery, status: 'completed' | 'completed_with_exceptions' | 'failed_validation'): Promise<void> {
  await db.query('insert into attempt (loadId, number, delivery, status, startedVia) values (?, 1, ?, ?, ?)', [delivery.id, delivery.delivery, status, 'portal'])
  await db.query('update `load` set status = ?, currentAttempt = 1, completedAttempt = ? where id = ?',
    [status, status === 'failed_validation' ? null : 1, delivery.id])
}

async function load(id: string): Promise<RowDataPacket> {
  const [[row]] = await db.query<RowDataPacket[]>('select * from `load` where id = ?', [id])
  return row!
}

test('the first request makes the load and names what is to be sent', async () => {
  const opened = await open(request('a'))
  expect(opened).toMatchObject({ delivery: 1, alreadyLoaded: false, created: true })
  expect(opened.files).toHaveLength(8)
  expect(opened.files.every((f) => !f.received)).toBe(true)
  expect(await load(opened.id)).toMatchObject({ status: 'uploading', slug: '2025-08-22_partner', delivery: 1 })
})

test('twenty requests at once with the same bytes are one load and one delivery', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => open(request('a'))))
  expect(new Set(answers.map((a) => `${a.id}/${a.delivery}`)).size).toBe(1)
  expect(answers.filter((a) => a.created)).toHaveLength(1)
  const [[count]] = await db.query<RowDataPacket[]>('select count(*) as files from load_file where loadId = ?', [answers[0]!.id])
  expect(count).toMatchObject({ files: 8 })
})

test('of twenty requests at once with two sets of bytes, one set wins and the other is told so', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => open(request(i % 2 ? 'a' : 'b'))))
  expect(answers.filter((a) => a.status === 'fulfilled')).toHaveLength(10)
  const refused = answers.filter((a) => a.status === 'rejected')
  expect(refused.every((a) => a.reason.code === 'conflict' && a.reason.details.mayReplace)).toBe(true)
})

test('an upload that is gone on with invoices under their other name waits for that name', async () => {
  const first = await open(request('a'))
  const asked = request('a')
  const documents = (name: string) => name.replace('invoices.csv', 'documents.csv')
  const renamed = { ...asked, files: asked.files.map((file) => ({ ...file, name: documents(file.name) })), manifest: JSON.parse(documents(JSON.stringify(asked.manifest))) as typeof asked.manifest }
  const second = await open(renamed)
  expect(second).toMatchObject({ id: first.id, delivery: 2 })
  expect(second.files.map(({ name }) => name)).toContain('documents.csv')
  expect(second.files.map(({ name }) => name)).not.toContain('invoices.csv')
  await arrive(second, renamed)
  expect(await load(second.id)).toMatchObject({ status: 'queued', delivery: 2 })
})

test('loads of the same id at two shops are two loads', async () => {
  const [other] = await db.query('insert into shop (partnerId, slug, name, timeZone) select partnerId, ?, name, timeZone from shop where id = ?', ['112', shopId])
  const first = await open(request('a'))
  const second = await open(request('a', { shopId: String((other as { insertId: number }).insertId) }))
  expect(second.id).not.toBe(first.id)
})

test('a load id is known byte for byte', async () => {
  const ids = await Promise.all(['0007', '7', 'a', 'A', 'á'].map(async (loadId) => (await open(request('a', { loadId }))).id))
  expect(new Set(ids).size).toBe(5)
})

test('an interrupted upload goes on with the files that are missing', async () => {
  const asked = request('a')
  const first = await open(asked)
  await inTx((tx) => fileArrived(tx, { ...asked.files[0]!, loadId: first.id, delivery: 1 }, 'key'))
  const again = await open(asked)
  expect(again).toMatchObject({ id: first.id, delivery: 1, created: false })
  expect(again.files.filter((f) => f.received).map((f) => f.name)).toEqual(['customers.csv'])
})

test('other bytes for an unfinished upload are refused until the person says to replace it', async () => {
  const first = await open(request('a'))
  await expect(open(request('b'))).rejects.toMatchObject({ code: 'conflict', details: { id: first.id, mayReplace: true } })
  const replaced = await open(request('b', { replace: true }))
  expect(replaced).toMatchObject({ id: first.id, delivery: 2 })
  const late = { ...request('a').files[0]!, loadId: first.id, delivery: 1 }
  await expect(inTx((tx) => fileArrived(tx, late, 'key'))).rejects.toThrow('replaced by a newer upload')
})

test('the manifest comes last: it is refused, with the names, while files are missing', async () => {
  const asked = request('a')
  const opened = await open(asked)
  const manifest = { ...asked.files.at(-1)!, loadId: opened.id, delivery: 1 }
  const bytes = new TextEncoder().encode(JSON.stringify(asked.manifest))
  for (const file of asked.files.slice(0, 5)) await inTx((tx) => fileArrived(tx, { ...file, loadId: opened.id, delivery: 1 }, 'key'))
  await expect(inTx((tx) => manifestArrived(tx, manifest, 'key', bytes)))
    .rejects.toMatchObject({ code: 'conflict', details: { missing: ['inventory_parts.csv', 'suppliers.csv'] } })
  await arrive(opened, asked)
  expect(await load(opened.id)).toMatchObject({ status: 'queued' })
})

test('a manifest that lists a file nobody announced is refused with its name', async () => {
  const all = request('a')
  const asked = { ...all, files: all.files.filter((f) => f.name !== 'suppliers.csv') }
  const opened = await open(asked)
  await expect(arrive(opened, asked)).rejects.toMatchObject({ code: 'conflict', details: { missing: ['suppliers.csv'] } })
})

test('the manifest arriving twice, also at once, queues the load once', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, { ...asked, files: asked.files.slice(0, -1) })
  const manifest = { ...asked.files.at(-1)!, loadId: opened.id, delivery: 1 }
  const bytes = new TextEncoder().encode(JSON.stringify(asked.manifest))
  const queued = await Promise.all(Array.from({ length: 10 }, () => inTx((tx) => manifestArrived(tx, manifest, 'key', bytes))))
  expect(queued.filter(Boolean)).toHaveLength(1)
})

test('a file other than the announced one is refused', async () => {
  const asked = request('a')
  const opened = await open(asked)
  const sent = { ...asked.files[0]!, loadId: opened.id, delivery: 1 }
  for (const wrong of [{ ...sent, sha256: sha256('b') }, { ...sent, bytes: 99 }, { ...sent, name: 'documents.csv' }]) {
    await expect(inTx((tx) => fileArrived(tx, wrong, 'key'))).rejects.toMatchObject({ code: 'invalid_input' })
  }
  await expect(inTx((tx) => fileArrived(tx, { ...sent, loadId: '999999999' }, 'key'))).rejects.toMatchObject({ code: 'not_found' })
})

test('while a load waits or runs, the answer is load_running with its id', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, asked)
  for (const status of ['queued', 'running']) {
    await db.query('update `load` set status = ? where id = ?', [status, opened.id])
    await expect(open(asked)).rejects.toMatchObject({ code: 'load_running', details: { id: opened.id } })
  }
})

test('a completed load offered again with the same bytes is already loaded, also under a manifest written anew', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, asked)
  await finish(opened, 'completed_with_exceptions')
  expect(await open(asked)).toMatchObject({ id: opened.id, alreadyLoaded: true })
  const rewritten = asked.files.map((f) => (f.name === 'manifest.json' ? { ...f, sha256: sha256('new') } : f))
  expect(await open({ ...asked, files: rewritten })).toMatchObject({ id: opened.id, alreadyLoaded: true })
  expect(await load(opened.id)).toMatchObject({ status: 'completed_with_exceptions', delivery: 1 })
})

test('files that no manifest lists make no other delivery of a completed load', async () => {
  const asked = request('a')
  const stray = (text: string) => ['Customers.csv', 'documents.csv'].map((name) => ({ name, bytes: text.length, sha256: sha256(text) }))
  const opened = await open({ ...asked, files: [...stray('stray'), ...asked.files] })
  await arrive(opened, { ...asked, files: [...stray('stray'), ...asked.files] })
  await finish(opened, 'completed')
  expect(await open(asked)).toMatchObject({ id: opened.id, alreadyLoaded: true })
  expect(await open({ ...asked, files: [...stray('another'), ...asked.files] })).toMatchObject({ id: opened.id, alreadyLoaded: true })
})

test('a completed load offered again with other bytes is refused with a diff per file', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, asked)
  await finish(opened, 'completed')
  const other = asked.files.map((f) => (f.name === 'payments.csv' ? { ...f, sha256: sha256('other'), bytes: 7 } : f))
  const refusal = await open({ ...asked, files: other, replace: true }).catch((error) => error)
  expect(refusal).toMatchObject({ code: 'load_id_reused', details: { id: opened.id } })
  expect(refusal.message).toContain('payments.csv')
  expect(refusal.details.diff.filter((line: { same: boolean }) => !line.same)).toEqual([{
    name: 'payments.csv', same: false,
    known: { name: 'payments.csv', bytes: 1, sha256: sha256('apayments.csv') }, offered: { name: 'payments.csv', bytes: 7, sha256: sha256('other') },
  }])
})

test('a load that failed may be sent again with other bytes: a new delivery of the same load', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, asked)
  await finish(opened, 'failed_validation')
  const again = await Promise.all(Array.from({ length: 20 }, () => open(request('b'))))
  expect(new Set(again.map((a) => `${a.id}/${a.delivery}`))).toEqual(new Set([`${opened.id}/2`]))
  expect(again[0]!.files.every((f) => !f.received)).toBe(true)
  expect(await load(opened.id)).toMatchObject({ status: 'uploading', delivery: 2 })
})

test('invoices.csv and documents.csv of the same bytes are the same file', async () => {
  const asked = request('a')
  const opened = await open(asked)
  await arrive(opened, asked)
  await finish(opened, 'completed')
  const renamed = asked.files.map((f) => (f.name === 'invoices.csv' ? { ...f, name: 'documents.csv' } : f))
  expect(await open({ ...asked, files: renamed })).toMatchObject({ alreadyLoaded: true })
})
