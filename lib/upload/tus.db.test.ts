import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { entities } from '#lib/contract/index.ts'
import { testDatabase } from '#lib/db/testing.ts'

const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'onramp-uploads-'))
process.env.ONRAMP_DATA_DIR = dataFolder
const { connection: db } = await testDatabase()
const { database } = await import('#lib/data/database.ts')
const { listLoadEvents } = await import('#lib/data/loads.ts')
const { prisma } = await import('#lib/data/prisma.ts')
const { startDelivery, expireUnfinishedUploads, findUnfinishedUpload, listUnfinishedUploads } = await import('#lib/data/uploads.ts')
const { objectStore } = await import('#lib/store/index.ts')
const { UPLOAD_PATH, answerUpload } = await import('./tus.ts')

afterAll(async () => {
  await database().end()
  await prisma().$disconnect()
  await rm(dataFolder, { recursive: true })
})

let user: CurrentUser
let shopId: string

beforeEach(async () => {
  const slug = randomUUID()
  user = await person('support')
  const [partner] = await db.query('insert into partner (slug, name) values (?, ?)', [slug, 'Partner'])
  const [shop] = await db.query('insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, ?)',
    [(partner as { insertId: number }).insertId, '0112', 'Shop', 'America/New_York'])
  shopId = String((shop as { insertId: number }).insertId)
})

async function person(role: CurrentUser['role']): Promise<CurrentUser> {
  const email = `${randomUUID()}@example.test`
  const [made] = await db.query('insert into user (email, name, role, passwordHash) values (?, ?, ?, ?)', [email, 'Person', role, 'x'])
  return { id: String((made as { insertId: number }).insertId), email, name: 'Person', role, partnerId: null }
}

type File = { name: string; bytes: Buffer }
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const announced = ({ name, bytes }: File) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })

/** Seven files, the last of them empty, and their manifest. */
function delivery(loadId = '2025-08-22_partner', size = 100): File[] {
  const files = entities.map((e, i) => ({ name: e.file, bytes: Buffer.alloc(i === entities.length - 1 ? 0 : size, e.file) }))
  const manifest = { load_id: loadId, files: files.map((f) => ({ name: f.name, rows: 1, sha256: sha256(f.bytes) })) }
  return [...files, { name: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)) }]
}

async function open(files: File[], loadId = '2025-08-22_partner') {
  const manifest = JSON.parse(files.find((f) => f.name === 'manifest.json')!.bytes.toString())
  return startDelivery(user, { choice: { shopId }, loadId, files: files.map(announced), manifest, replace: false })
}

type Opened = Awaited<ReturnType<typeof open>>
type Sent = ReturnType<typeof announced>

function tus(method: string, address: string, headers: Record<string, string> = {}, body?: Buffer, by = user): Promise<Response> {
  const request = new Request(new URL(address, 'http://localhost'), {
    method, headers: { 'tus-resumable': '1.0.0', ...headers }, body: body ? new Uint8Array(body) : undefined,
  })
  return answerUpload(by, request)
}

function create(opened: Opened, file: Sent, by = user, more: Record<string, string> = {}): Promise<Response> {
  const facts = { load: opened.id, delivery: String(opened.delivery), name: file.name, sha256: file.sha256, size: String(file.bytes), ...more }
  const metadata = Object.entries(facts).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`).join(',')
  return tus('POST', UPLOAD_PATH, { 'upload-length': String(file.bytes), 'upload-metadata': metadata }, undefined, by)
}

const patch = (address: string, offset: number, bytes: Buffer, by = user) =>
  tus('PATCH', address, { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', 'content-length': String(bytes.length) }, bytes, by)

async function send(opened: Opened, file: File): Promise<void> {
  const created = await create(opened, announced(file))
  expect(created.status).toBe(201)
  if (file.bytes.length > 0) expect((await patch(created.headers.get('location')!, 0, file.bytes)).status).toBe(204)
}

async function load(id: string): Promise<RowDataPacket> {
  const [[row]] = await db.query<RowDataPacket[]>('select l.*, (select count(*) from job where job.loadId = l.id) as jobs from `load` l where id = ?', [id])
  return row!
}

const unfinished = () => readdirSync(path.join(dataFolder, 'uploads')).filter((name) => !name.endsWith('.json'))

test('eight files, an empty one among them, end up in the store byte for byte and queue the load', async () => {
  const files = delivery()
  const opened = await open(files)
  for (const file of files) await send(opened, file)
  expect(await load(opened.id)).toMatchObject({ status: 'queued', jobs: 1 })
  for (const file of files) expect(await buffer(objectStore().open(`loads/${opened.id}/1/${file.name}`))).toEqual(file.bytes)
  expect(unfinished()).toEqual([])
  const [events] = await db.query<RowDataPacket[]>("select action, userId from audit_event where objectType = 'load' and objectId = ? order by id", [opened.id])
  expect(events.map((e) => [e.action, String(e.userId)])).toEqual([['load_created', user.id], ['load_sent', user.id]])
})

test('a manifest that asks for it starts the load as a dry run, and asks in no other words', async () => {
  const files = delivery('dry')
  const opened = await open(files, 'dry')
  const manifest = files.at(-1)!
  for (const file of files.slice(0, -1)) await send(opened, file)
  await expect(create(opened, announced(manifest), user, { dryRun: '1' })).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('dryRun') })
  const created = await create(opened, announced(manifest), user, { dryRun: 'true' })
  expect((await patch(created.headers.get('location')!, 0, manifest.bytes)).status).toBe(204)
  const [jobs] = await db.query<RowDataPacket[]>('select status, dryRun, requestedByUserId from job where loadId = ?', [opened.id])
  expect(jobs).toEqual([{ status: 'queued', dryRun: 1, requestedByUserId: Number(user.id) }])
  expect((await listLoadEvents(user, opened.id))[0]).toMatchObject({ action: 'load_sent', detail: { delivery: 1, dryRun: true } })
})

test('a file that was cut off goes on where it stopped; a wrong offset is refused', async () => {
  const files = delivery('cut', 3000)
  const opened = await open(files, 'cut')
  const file = files[0]!
  const address = (await create(opened, announced(file))).headers.get('location')!
  await patch(address, 0, file.bytes.subarray(0, 1234))
  expect((await patch(address, 999, file.bytes.subarray(999))).status).toBe(409)
  const head = await tus('HEAD', address)
  expect([head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual(['1234', '3000'])
  expect((await patch(address, 1234, file.bytes.subarray(1234))).status).toBe(204)
  expect(await buffer(objectStore().open(`loads/${opened.id}/1/${file.name}`))).toEqual(file.bytes)
})

test('bytes other than the announced ones are thrown away, and can be sent again', async () => {
  const files = delivery('damaged')
  const opened = await open(files, 'damaged')
  const file = files[0]!
  const address = (await create(opened, announced(file))).headers.get('location')!
  await expect(patch(address, 0, Buffer.alloc(100, 'wrong'))).rejects.toMatchObject({ code: 'upload_damaged', status: 422 })
  expect(unfinished()).toEqual([])
  expect(await objectStore().stat(`loads/${opened.id}/1/${file.name}`)).toBeNull()
  await send(opened, file)
})

test('a sender is told that all bytes are here only once the file was taken in', async () => {
  const files = delivery('lost answer')
  const opened = await open(files, 'lost answer')
  const file = files[0]!
  const address = (await create(opened, announced(file))).headers.get('location')!
  // The server dies after the last byte and before taking the file in.
  writeFileSync(path.join(dataFolder, 'uploads', address.split('/').at(-1)!), file.bytes)
  const heads = await Promise.all([tus('HEAD', address), tus('HEAD', address)])
  expect(heads.map((head) => head.headers.get('upload-offset'))).toContain(String(file.bytes.length))
  const [[row]] = await db.query<RowDataPacket[]>('select receivedAt from load_file where loadId = ? and name = ?', [opened.id, file.name])
  expect(row!.receivedAt).not.toBeNull()
  await expect(create(opened, announced(file))).rejects.toMatchObject({ code: 'conflict', details: { received: true } })
})

test('the manifest is refused while files are missing, before a byte of it is sent', async () => {
  const files = delivery('early')
  const opened = await open(files, 'early')
  await send(opened, files[0]!)
  await expect(create(opened, announced(files.at(-1)!))).rejects.toMatchObject({ code: 'conflict', details: { missing: files.slice(1, -1).map((f) => f.name) } })
  expect(await load(opened.id)).toMatchObject({ status: 'uploading', jobs: 0 })
})

test('only files that were announced, of their announced size, are taken', async () => {
  const files = delivery('announced')
  const opened = await open(files, 'announced')
  const file = announced(files[0]!)
  const refused: [Partial<Sent>, string][] = [
    [{ name: 'documents.csv' }, 'invalid_input'], [{ name: '../../etc/passwd' }, 'invalid_input'], [{ sha256: 'f'.repeat(64) }, 'invalid_input'],
    [{ sha256: 'nonsense' }, 'invalid_input'], [{ bytes: 11 * 1024 ** 3 }, 'too_large'], [{ name: 'manifest.json', bytes: 65_537 }, 'too_large'],
  ]
  for (const [change, code] of refused) {
    const answer = await create(opened, { ...file, ...change }).catch((error) => error)
    expect(answer.code ?? answer.status, JSON.stringify(change)).toBe(answer.code === undefined ? 413 : code)
  }
  await expect(create({ ...opened, id: '999999999' }, file)).rejects.toMatchObject({ code: 'not_found' })
  await expect(create({ ...opened, delivery: 2 }, file)).rejects.toMatchObject({ code: 'conflict' })
  expect(unfinished()).toEqual([])
})

test('a viewer may not send; nobody sees or goes on with the upload of somebody else', async () => {
  const files = delivery('others')
  const opened = await open(files, 'others')
  const file = announced(files[0]!)
  await expect(create(opened, file, await person('viewer'))).rejects.toMatchObject({ code: 'not_allowed' })
  const address = (await create(opened, file)).headers.get('location')!
  const other = await person('support')
  await expect(patch(address, 0, files[0]!.bytes, other)).rejects.toMatchObject({ code: 'not_found' })
  await expect(tus('HEAD', address, {}, undefined, other)).rejects.toMatchObject({ code: 'not_found' })
  await expect(tus('DELETE', address, {}, undefined, other)).rejects.toMatchObject({ code: 'not_found' })
  expect((await tus('HEAD', `${UPLOAD_PATH}/${'0'.repeat(32)}`)).status).toBe(404)
  expect((await tus('HEAD', `${UPLOAD_PATH}/..%2f..%2fetc%2fpasswd`)).status).toBe(404)
})

test('an upload that nobody went on with for seven days is given up, and what had arrived is removed', async () => {
  const files = delivery('expired')
  const opened = await open(files, 'expired')
  await send(opened, files[0]!)
  expect((await listUnfinishedUploads(user)).find((u) => u.id === opened.id)).toMatchObject({ loadId: 'expired', files: 8, received: 1 })
  expect(await findUnfinishedUpload(user, opened.id)).toMatchObject({ loadId: 'expired', files: 8, received: 1 })
  await expireUnfinishedUploads()
  expect(await load(opened.id)).toMatchObject({ status: 'uploading' })
  await db.query('update `load` set updatedAt = now(3) - interval 169 hour where id = ?', [opened.id])
  await expireUnfinishedUploads()
  expect(await load(opened.id)).toMatchObject({ status: 'cancelled' })
  expect(await findUnfinishedUpload(user, opened.id)).toBeNull()
  expect(await objectStore().list(`loads/${opened.id}`)).toEqual([])
  expect((await open(delivery('expired', 7), 'expired')).delivery).toBe(2)
})
