import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { prisma } from './prisma.ts'
import { createPartner, createShop, findLoad, getShop, listPartners, listRecentShops, listShopLoads, listShops, resolveShop, shopTotals } from './shops.ts'

const { connection: db } = await testDatabase()
afterAll(() => prisma().$disconnect())

let support: CurrentUser
let viewer: CurrentUser
let slug: string

beforeEach(async () => {
  slug = randomUUID()
  support = await person('support')
  viewer = await person('viewer')
})

async function person(role: CurrentUser['role']): Promise<CurrentUser> {
  const email = `${randomUUID()}@example.test`
  const id = await insert('insert into user (email, name, role, passwordHash) values (?, ?, ?, ?)', [email, 'Person', role, 'x'])
  return { id, email, name: 'Person', role, partnerId: null }
}

async function insert(statement: string, values: unknown[]): Promise<string> {
  const [made] = await db.query(statement, values)
  return String((made as { insertId: number }).insertId)
}

async function newShop(id = '0112'): Promise<string> {
  const partner = await createPartner(support, { slug: randomUUID(), name: 'Partner' })
  return (await createShop(support, { partnerId: partner.id, slug: id, name: `Shop ${slug}`, timeZone: 'America/Chicago' })).id
}

test('a shop is found by the beginning of its name or id, with its partner, time zone and last load', async () => {
  const id = await newShop()
  const load = await insert("insert into `load` (shopId, slug, status, createdByUserId) values (?, '2025-a', 'queued', ?)", [id, support.id])
  const { rows, total } = await listShops(viewer, { prefix: `Shop ${slug.slice(0, 20)}` })
  expect(total).toBe(1)
  expect(rows[0]).toMatchObject({ id, slug: '0112', timeZone: 'America/Chicago', loads: 1, lastLoad: { id: load, loadId: '2025-a', status: 'queued' } })
  expect((await listShops(viewer, { slugPrefix: slug })).total).toBe(0)
  expect((await listRecentShops(support)).map((shop) => shop.id)).toEqual([id])
  expect((await listShopLoads(viewer, id)).rows).toMatchObject([{ id: load, startedBy: 'Person' }])
  expect(await findLoad(viewer, id, '2025-a')).toEqual({ id: load, status: 'queued', dryRun: false })
  expect(await findLoad(viewer, id, '2025-A')).toBeNull()
})

test('all partners can be chosen from, however many there are', async () => {
  const before = (await listPartners(viewer)).length
  await db.query('insert into partner (slug, name) values ?', [Array.from({ length: 60 }, (_, i) => [`${slug}-${i}`, `Many ${i}`])])
  expect(await listPartners(viewer)).toHaveLength(before + 60)
  expect(await listPartners(viewer, { slugPrefix: slug })).toHaveLength(50)
})

test('signs that a search could take for a pattern are text', async () => {
  await createPartner(support, { slug, name: '100% Parts_Co' })
  expect((await listPartners(viewer, { prefix: '100% Parts_' })).map((p) => p.slug)).toContain(slug)
  expect((await listPartners(viewer, { prefix: '100_ Parts' })).map((p) => p.slug)).not.toContain(slug)
})

test('an id is taken once, however many ask for it at the same time, and byte for byte', async () => {
  const made = await Promise.allSettled(Array.from({ length: 5 }, () => createPartner(support, { slug, name: 'Partner' })))
  expect(made.filter((m) => m.status === 'fulfilled')).toHaveLength(1)
  for (const refused of made.filter((m) => m.status === 'rejected')) expect(refused.reason).toMatchObject({ code: 'conflict' })
  const [partner] = await listPartners(viewer, { slugPrefix: slug })
  for (const id of ['7', '0007', 'a', 'A']) await createShop(support, { partnerId: partner!.id, slug: id, name: id, timeZone: 'UTC' })
  await expect(createShop(support, { partnerId: partner!.id, slug: '0007', name: 'again', timeZone: 'UTC' })).rejects.toMatchObject({ code: 'conflict' })
  expect((await resolveShop(support, { partner: slug, shop: '0007' })).id).not.toBe((await resolveShop(support, { partner: slug, shop: '7' })).id)
})

test('a time zone must be one, a partner and a shop must exist, and viewers add nothing', async () => {
  const partner = await createPartner(support, { slug, name: 'Partner' })
  const shop = { partnerId: partner.id, slug: '1', name: 'Shop', timeZone: 'America/New_York' }
  await expect(createShop(support, { ...shop, timeZone: 'Eastern' })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(createShop(support, { ...shop, partnerId: '999999999' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(createShop(viewer, shop)).rejects.toMatchObject({ code: 'not_allowed' })
  await expect(createPartner(viewer, { slug: 'x', name: 'x' })).rejects.toMatchObject({ code: 'not_allowed' })
  for (const id of ['999999999', 'abc', '1 or 1=1', '']) await expect(getShop(viewer, id)).rejects.toMatchObject({ code: 'not_found' })
})

test('totals tell imported rows from native ones, for this shop alone', async () => {
  const [id, other] = [await newShop(), await newShop()]
  const load = await insert("insert into `load` (shopId, slug, status) values (?, '1', 'completed')", [id])
  const customer = await insert('insert into customer (shopId, importedLoadId) values (?, ?)', [id, load])
  await insert('insert into customer (shopId) values (?)', [id])
  await insert('insert into customer (shopId) values (?)', [other])
  const invoice = await insert('insert into invoice (shopId, customerId, importedLoadId) values (?, ?, ?)', [id, customer, load])
  for (const importedLoadId of [load, load, null]) await insert('insert into line_item (shopId, invoiceId, importedLoadId) values (?, ?, ?)', [id, invoice, importedLoadId])
  const totals = Object.fromEntries((await shopTotals(viewer, id)).map(({ entity, imported, native }) => [entity, [imported, native]]))
  expect(totals).toEqual({
    customer: [1, 1], vehicle: [0, 0], invoice: [1, 0], line_item: [2, 1], payment: [0, 0], inventory_part: [0, 0], supplier: [0, 0],
  })
})
