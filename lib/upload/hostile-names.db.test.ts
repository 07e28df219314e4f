import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { RowDataPacket } from 'mysql2/promise'
import { NextRequest } from 'next/server'
import { afterAll, expect, test } from 'vitest'
import { entities } from '#lib/contract/index.ts'
import { readManifest } from '#lib/contract/manifest.ts'
import { downloadName } from '#lib/csv-export.ts'
import { testDatabase } from '#lib/db/testing.ts'
import type { RouteHandler } from '#lib/http/route.ts'

// Two folders deep, so that a way out of the data folder would show.
const root = mkdtempSync(path.join(os.tmpdir(), 'onramp-names-'))
const dataFolder = path.join(root, 'installation', 'data')
process.env.ONRAMP_DATA_DIR = dataFolder
process.env.ONRAMP_LOG_LEVEL = 'silent'
const { connection: db } = await testDatabase('names')
const { sessionCookie } = await import('#lib/auth/cookie.ts')
const { signedIn } = await import('#lib/auth/testing.ts')
const { database } = await import('#lib/data/database.ts')
const { prisma } = await import('#lib/data/prisma.ts')
const app = '../../app/api/v1'
const handlersOf = async (address: string) => (await import(`${app}/${address}/route.ts`)) as Record<string, RouteHandler>
const [partners, shops, loadIds, loads, uploads, files, users] = await Promise.all(
  ['partners', 'shops', 'shops/[id]/load-ids', 'loads', 'uploads/[[...path]]', 'loads/[id]/files/[name]', 'users'].map(handlersOf))
const { token } = await signedIn(db, 'admin')

afterAll(async () => {
  await database().end()
  await prisma().$disconnect()
  rmSync(root, { recursive: true })
})

const names: readonly string[] = [
  '.', '..', '...', '../x', '../../etc/passwd', '/etc/passwd', 'a/../../b', './customers.csv', 'customers.csv/', '/customers.csv', '..\\..\\x', 'C:\\windows\\win.ini', '\\\\host\\share', 'C:', 'file:///etc/passwd',
  '%2e%2e%2fx', '%2e%2e/x', '..%2fx', '%00', '%5c..%5cx', '..;/x', '%c0%ae%c0%ae/', '..%c0%af..', '\0', 'customers.csv\0.exe', 'a\0', '\r\nset-cookie: a=b', 'a\r\nx: y', 'a\nb', '\t', '\x1b[2J', '\x7f', 'a\u0085b', '\u2028',
  'CON', 'con', 'NUL', 'NUL.csv', 'COM1', 'LPT1.txt', 'AUX', 'PRN ', 'x'.repeat(300), 'é'.repeat(150), '🚗'.repeat(80), '\u202egpj.exe', 'a\u200bb', '\ufeffx', 'Ⅷ', 'ﬁle', '․․/x', '／etc', '＼x', 'e\u0301', '\ud800',
  '"; filename="evil.exe', "a'b", 'a;b', 'a,b', '*', '?', '<x>', '|x', 'a:b', '~root', '$(id)', '`id`', '-rf', '--', '.htaccess', '.env', 'manifest.json.', 'manifest.json ', 'MANIFEST.JSON', 'Customers.csv', '__proto__', 'constructor',
  '', ' ', ' a', 'a ', "' or 1=1 -- ", '=1+1', '{{x}}', 'null',
]

type Asked = { method?: string; body?: unknown; headers?: Record<string, string>; params?: Record<string, string>; query?: string; raw?: Buffer; at?: string }

async function ask(handler: RouteHandler | undefined, { method = 'POST', body, headers = {}, params = {}, query = '', raw, at = '/api/v1/x' }: Asked): Promise<Response> {
  const request = new NextRequest(`http://onramp.test${at}${query}`, {
    method, body: raw ? new Uint8Array(raw) : body === undefined ? undefined : JSON.stringify(body),
    headers: { host: 'onramp.test', origin: 'http://onramp.test', cookie: `${sessionCookie()}=${token}`, 'content-type': 'application/json', ...headers },
  })
  return handler!(request, { params: Promise.resolve(params) })
}

/** Every file below the folder, but those of the audit trail's key. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort()
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const bytes = Buffer.from('externalCustomerId\nC1\n')
const announced = (name: string) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })

const announce = (load: { id: string; delivery: number }, name: string): Promise<Response> => {
  const facts = { load: load.id, delivery: String(load.delivery), name, sha256: sha256(bytes), size: String(bytes.length) }
  const metadata = Object.entries(facts).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',')
  return ask(uploads!.POST, { at: '/api/v1/uploads', headers: { 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length), 'upload-metadata': metadata, 'content-type': 'application/offset+octet-stream' } })
}

async function newLoad(loadId: string, shop: { partner: string; shop: string }): Promise<{ status: number; load: { id: string; delivery: number } }> {
  const answer = await ask(loads!.POST, { body: { ...shop, loadId, files: [announced('customers.csv')], manifest: {} } })
  return { status: answer.status, load: (await answer.json()) as { id: string; delivery: number } }
}

async function newShop(slug: string): Promise<{ partner: string; shop: string }> {
  const { id } = (await (await ask(partners!.POST, { body: { slug, name: slug } })).json()) as { id: string }
  await ask(shops!.POST, { body: { partnerId: id, slug, name: slug } })
  return { partner: slug, shop: slug }
}

test(`${names.length} hostile names are no file of a delivery: neither announced, nor sent, nor in a manifest`, async () => {
  const shop = await newShop('files')
  const { load } = await newLoad('files', shop)
  const before = filesBelow(root)
  for (const name of names) {
    const told = JSON.stringify(name)
    expect((await ask(loads!.POST, { body: { ...shop, loadId: 'other', files: [announced(name)], manifest: {} } })).status, told).toBe(400)
    expect([400, 404, 409], told).toContain((await announce(load, name)).status)
    const manifest = { load_id: 'files', schema_version: 'v1', files: [...entities.map((e) => ({ name: e.file, rows: 1, sha256: sha256(bytes) })), { name, rows: 1, sha256: sha256(bytes) }] }
    const { listed, problems } = readManifest(Buffer.from(JSON.stringify(manifest)), 'files')
    expect(problems.map(({ code }) => code), told).toEqual([/[/\\]/.test(name) || name === '.' || name === '..' ? 'entry_path' : 'entry_unknown'])
    expect(listed.map((entry) => entry.name).sort(), told).toEqual(entities.map((e) => e.file).sort())
  }
  expect(filesBelow(root)).toEqual(before)
})

test('as ids of partners, shops and loads they are refused with a reason or kept byte for byte, and bytes lie where our own ids say', async () => {
  let kept = 0
  const harmless = await newShop('ids')
  for (const name of names) {
    const told = JSON.stringify(name)
    const made = await ask(partners!.POST, { body: { slug: name, name: name.trim() || 'x' } })
    const partner = (await made.json()) as { id: string; slug: string; error?: { details: unknown } }
    // Nothing that some system may take for a way, or that hides a sign, is an id.
    expect([201, 400], told).toContain(made.status)
    if (['', '.', '..'].includes(name) || /[/\\\p{Cc}\p{Cs}]/u.test(name) || name !== name.trim()) expect(made.status, told).toBe(400)
    if (made.status === 400) expect(partner.error!.details, told).toMatchObject({ fields: expect.anything() })
    const shop = await ask(shops!.POST, { body: { partnerId: made.status === 201 ? partner.id : '1', slug: name, name: 'x' } })
    // Load ids may be longer than the other two.
    const place = made.status === 201 ? { partner: name, shop: name } : harmless
    expect(shop.status, told).toBe(made.status)
    const { status, load } = await newLoad(name, place)
    expect([201, 400], told).toContain(status)
    if (status !== 201) continue
    kept++
    const created = await announce(load, 'customers.csv')
    expect(created.status, told).toBe(201)
    const location = created.headers.get('location')!
    expect(location).toMatch(/^\/api\/v1\/uploads\/[0-9a-f]{32}$/)
    const sent = await ask(uploads!.PATCH, { method: 'PATCH', at: location, raw: bytes, headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': String(bytes.length) } })
    expect(sent.status, told).toBe(204)
    const [[row]] = await db.query<RowDataPacket[]>('select l.slug, s.id as shopId from `load` l join shop s on s.id = l.shopId where l.id = ?', [load.id])
    expect(row!.slug).toBe(name)
    const found = await ask(loadIds!.GET, { method: 'GET', params: { id: String(row!.shopId) }, query: `?loadId=${encodeURIComponent(name)}` })
    expect(await found.json(), told).toMatchObject({ load: { id: load.id } })
  }
  expect(kept).toBeGreaterThan(30)
  const stored = filesBelow(root).filter((file) => file.endsWith('customers.csv'))
  expect(stored.length).toBe(kept)
  for (const file of stored) expect(file).toMatch(/^installation\/data\/(\w+\/)*loads\/\d+\/1\/customers\.csv$/)
  expect(filesBelow(root).filter((file) => !file.startsWith('installation/data/'))).toEqual([])
})

test('as names in downloads they end neither the quotes nor the header, and a name that is no file of a load is none', async () => {
  const { load } = await newLoad('downloads', await newShop('downloads'))
  const { objectStore } = await import('#lib/store/index.ts')
  await objectStore().put('loads/0/1/customers.csv', Readable.from([bytes]))
  for (const name of names) {
    const told = JSON.stringify(name)
    expect(downloadName(name, 'exceptions'), told).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,119}\.csv$/)
    const params = { id: load.id, name }
    expect([400, 404], told).toContain((await ask(files!.GET, { method: 'GET', params })).status)
    // Whatever lies beside the files of a package is kept too, under its own name.
    const fits = name.isWellFormed() && name.length > 0 && name.length <= 255
    if (!fits || /[/\0]/.test(name)) continue
    await db.query('insert into load_file (loadId, delivery, name, storeKey) values (?, ?, ?, ?)', [load.id, load.delivery, name, 'loads/0/1/customers.csv'])
    const answer = await ask(files!.GET, { method: 'GET', params })
    expect(answer.status, told).toBe(200)
    await answer.arrayBuffer()
    const [, plain, encoded] = /^attachment; filename="([A-Za-z0-9._-]+)"; filename\*=UTF-8''([A-Za-z0-9._~!%-]+)$/.exec(answer.headers.get('content-disposition')!) ?? []
    expect(plain, told).toHaveLength(name.length)
    expect(decodeURIComponent(encoded!), told).toBe(name)
    expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options')], told).toEqual(['application/octet-stream', 'nosniff'])
  }
})

test('as names of people they are kept as text, or refused with a reason', async () => {
  for (const [i, name] of names.entries()) {
    const answer = await ask(users!.POST, { body: { email: `name-${i}@example.com`, name, role: 'viewer' } })
    expect([201, 400], JSON.stringify(name)).toContain(answer.status)
    const asEmail = await ask(users!.POST, { body: { email: name, name: 'x', role: 'viewer' } })
    expect(asEmail.status, JSON.stringify(name)).toBe(400)
  }
})
