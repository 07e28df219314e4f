import { copyFileSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { row, rows, run, sql } from '#lib/ingest/sql/sql.ts'
import { testInstallation } from '#lib/jobs/testing.ts'
import { database } from './database.ts'
import * as downloads from './exception-downloads.ts'
import * as exceptions from './exceptions.ts'
import * as home from './home.ts'
import * as invoice from './invoice.ts'
import * as invoices from './invoices.ts'
import * as ledger from './ledger-download.ts'
import * as actions from './load-actions.ts'
import * as files from './load-files.ts'
import * as progress from './load-progress.ts'
import * as report from './load-report.ts'
import * as loads from './loads.ts'
import { prisma } from './prisma.ts'
import * as search from './search.ts'
import * as shops from './shops.ts'
import * as staging from './staging.ts'
import * as stopped from './stopped.ts'
import { heldByNobody, heldByPartner, type HeldByPartner } from './testing-partners.ts'
import * as uploads from './uploads.ts'

// Known before anything looks for it: the store of this process is where the loads' raw files are.
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-scope-'))
process.env.ONRAMP_DATA_DIR = dataDir
const installation = await testInstallation('scope', dataDir)
const { connection } = installation
const [a, b] = [await heldByPartner(installation, 'ours'), await heldByPartner(installation, 'theirs')]
const nobody = heldByNobody(b)
const limited = await Promise.all((['viewer', 'support'] as const).map(async (role) => (await signedIn(connection, role, a.partner)).user))
afterAll(() => Promise.all([database().end(), prisma().$disconnect()]))

type Ask = (user: CurrentUser, of: HeldByPartner) => Promise<unknown>
const noFilter = { status: [], partner: null, shop: null, person: null, from: null, to: null, exceptions: null }
const sort = { by: 'started', descending: true } as const
const page = { page: 1, size: 50 }
const anyException = { entity: null, code: null, column: null, severity: null, record: null }
const inInvoices = { state: [], origin: null, from: null, to: null, load: null }
const byDate = { by: 'date', descending: true } as const
const sent = ({ open }: HeldByPartner) => ({ loadId: open.id, delivery: 1, name: open.file.name, bytes: open.file.bytes, sha256: open.file.sha256 })
const all = async (found: AsyncIterable<unknown>) => { for await (const one of found) void one }

/** Whatever names something of a partner: nobody else gets it. Reading comes before changing, so that all of it can be asked for in turn. */
const named: Record<string, Ask | Ask[]> = {
  exceptionDownload: (user, { load }) => downloads.exceptionDownload(user, load.id, null, anyException),
  rejectedRowsDownload: (user, { load }) => downloads.rejectedRowsDownload(user, load.id, null, 'invoice'),
  rejectedEntities: (user, { load }) => downloads.rejectedEntities(user, load.id, 1, ['invoice']),
  loadWithAttempts: (user, { load }) => exceptions.loadWithAttempts(user, load.id, null),
  exceptionGroups: (user, { load }) => exceptions.exceptionGroups(user, load.attempt),
  exceptionPage: (user, { load }) => exceptions.exceptionPage(user, load.attempt, anyException),
  exceptionsBelow: (user, { load }) => exceptions.exceptionsBelow(user, load.attempt, { entity: 'customer', record: 1 }, 'invoice', null),
  exceptionsOfRecord: (user, { load }) => exceptions.exceptionsOfRecord(user, load.attempt, 'invoice', 1),
  allExceptions: (user, { load }) => all(exceptions.allExceptions(user, load.attempt, anyException)),
  getInvoice: (user, { invoice: { id } }) => invoice.getInvoice(user, id),
  getInvoiceLines: (user, { invoice: { id } }) => invoice.getInvoiceLines(user, id, { offset: 0, limit: 10 }),
  listInvoices: [
    (user, { shop }) => invoices.listInvoices(user, { ...inInvoices, shop: shop.id }, byDate, page),
    (user, { load }) => invoices.listInvoices(user, { ...inInvoices, shop: a.shop.id, load: load.id }, byDate, page),
  ],
  searchInvoices: (user, { shop, invoice: { number } }) => invoices.searchInvoices(user, shop.id, number),
  invoiceChoices: [(user, { shop }) => invoices.invoiceChoices(user, shop.id, null), (user, { load }) => invoices.invoiceChoices(user, a.shop.id, load.id)],
  shopToShow: (user, { load }) => invoices.shopToShow(user, load.id),
  listLoadFiles: (user, { load }) => files.listLoadFiles(user, load.id, 1),
  openLoadFile: [
    async (user, { load }) => (await files.openLoadFile(user, load.id, null, 'invoices.csv')).stream!.destroy(),
    (user, { load }) => files.openLoadFile(user, load.id, null, 'invoices.csv', 'HEAD'),
  ],
  loadProgress: (user, { load }) => progress.loadProgress(user, load.id),
  attemptSteps: (user, { load }) => progress.attemptSteps(user, load.id, 1),
  loadReport: (user, { load }) => report.loadReport(user, load.id),
  listLoads: [
    (user, { partner }) => loads.listLoads(user, { ...noFilter, partner: partner.id }, sort, page),
    (user, { shop }) => loads.listLoads(user, { ...noFilter, shop: shop.id }, sort, page),
  ],
  allLoads: [
    async (user, { partner }) => all(await loads.allLoads(user, { ...noFilter, partner: partner.id }, sort)),
    async (user, { shop }) => all(await loads.allLoads(user, { ...noFilter, shop: shop.id }, sort)),
  ],
  ledgerDownload: (user, { shop }) => ledger.ledgerDownload(user, { ...noFilter, shop: shop.id }, sort),
  getLedgerRow: (user, { load }) => loads.getLedgerRow(user, load.id),
  getLoad: (user, { load }) => loads.getLoad(user, load.id),
  getAttempt: (user, { load }) => loads.getAttempt(user, load.id, 1),
  listLoadEvents: (user, { load }) => loads.listLoadEvents(user, load.id),
  listShops: (user, { partner }) => shops.listShops(user, { partnerId: partner.id }),
  getShop: (user, { shop }) => shops.getShop(user, shop.id),
  listShopLoads: (user, { shop }) => shops.listShopLoads(user, shop.id),
  shopTotals: (user, { shop }) => shops.shopTotals(user, shop.id),
  resolveShop: [(user, { shop }) => shops.resolveShop(user, { shopId: shop.id }), (user, { partner, shop }) => shops.resolveShop(user, { partner: partner.slug, shop: shop.slug })],
  findLoad: (user, { shop, load }) => shops.findLoad(user, shop.id, load.slug),
  getStagedLoad: (user, { load }) => staging.getStagedLoad(user, load.id),
  stagedSheet: (user, { load }) => staging.stagedSheet(user, load.id, 'invoice', null),
  stagedRecords: (user, { load }) => staging.stagedRecords(user, load.id, 'invoice', null, { verdict: null, cursor: { after: 0 } }),
  stagedRecord: (user, { load }) => staging.stagedRecord(user, load.id, 'invoice', null, 1),
  recordOnLine: (user, { load }) => staging.recordOnLine(user, load.id, 'invoice', null, 2),
  recordWithKey: (user, { load, invoice: { number } }) => staging.recordWithKey(user, load.id, 'invoice', null, number),
  stoppedRows: (user, { load }) => stopped.stoppedRows(user, load.id, 'invoice', 1),
  findUnfinishedUpload: (user, { load }) => uploads.findUnfinishedUpload(user, load.id),
  startDelivery: (user, { open }) => uploads.startDelivery(user, open.request),
  expectUpload: (user, held) => uploads.expectUpload(user, sent(held)),
  finishUpload: (user, held) => {
    const arrived = path.join(dataDir, 'arrived')
    copyFileSync(held.open.file.path, arrived)
    return uploads.finishUpload(user, sent(held), { path: arrived, written: null })
  },
  createShop: (user, { partner }) => shops.createShop(user, { partnerId: partner.id, slug: `new-${user.id}`, name: 'New', timeZone: 'UTC' }),
  rerunLoad: (user, { load }) => actions.rerunLoad(user, load.id),
  cancelLoad: (user, { load }) => actions.cancelLoad(user, load.id),
  dryRunLoad: (user, { load }) => actions.dryRunLoad(user, load.id),
}

/** Whatever gives lists, counts and choices: of a partner's own alone. Those that are called above as well are lists with a filter. */
const listed: Record<string, (user: CurrentUser) => Promise<unknown>> = {
  readHome: (user) => home.readHome(user),
  'listLoads of all': (user) => loads.listLoads(user, noFilter, sort, page),
  'ledgerDownload of all': async (user) => {
    const lines = []
    for await (const line of (await ledger.ledgerDownload(user, noFilter, sort)).rows) lines.push(line)
    return lines
  },
  ledgerChoices: (user) => loads.ledgerChoices(user),
  searchById: (user) => Promise.all([a, b].flatMap(({ load, invoice: { id, number }, shop }) => [load.slug, id, number, shop.slug].map((q) => search.searchById(user, q)))),
  listPartners: (user) => shops.listPartners(user, { prefix: 'partner-' }),
  'listShops of all': (user) => shops.listShops(user),
  searchShops: (user) => Promise.all(['', a.shop.slug, b.shop.slug].map((prefix) => shops.searchShops(user, prefix))),
  listRecentShops: (user) => shops.listRecentShops(user),
  listUnfinishedUploads: (user) => uploads.listUnfinishedUploads(user),
  'invoiceChoices of a shop': (user) => invoices.invoiceChoices(user, a.shop.id, null),
  stagedLoads: (user) => staging.stagedLoads(user, null),
}

/** What is about accounts, the installation or one value that was read before. */
const elsewhere = ['readHealth', 'auditPage', 'auditPeople', 'auditDownload', 'listUsers', 'partnerChoices', 'presented', 'customerName', 'vehicleName', 'createPartner', 'ownPartner', 'mayAddPartners', 'loadsOf']

const staged = new Set(['getStagedLoad', 'stagedSheet', 'stagedRecords', 'stagedRecord', 'recordOnLine', 'recordWithKey', 'stagedLoads'])
/** Staged rows are for engineers, who are never limited; should one ever be, it would hold for them too. */
const asking = (user: CurrentUser, name: string): CurrentUser => (staged.has(name) ? { ...user, role: 'engineer' } : user)
const refused = async (ask: Ask, user: CurrentUser, held: HeldByPartner) => {
  const error = await ask(user, held).then(() => 'was answered', (thrown: { code?: string; message: string }) => thrown)
  return typeof error === 'string' ? error : `${error.code}: ${error.message}`
}
const support = limited.find(({ role }) => role === 'support')!
const asks = Object.entries(named).flatMap(([name, ask]) => [ask].flat().map((each) => [name, each] as const))

test('everything in lib/data that a person calls is looked at here', () => {
  const source = readdirSync(import.meta.dirname).filter((file) => /^[a-z-]+\.ts$/.test(file)).map((file) => readFileSync(path.join(import.meta.dirname, file), 'utf8')).join('\n')
  const found = [...source.matchAll(/^export (?:async )?(?:function\*? (\w+)\(|const (\w+) = (?:cache\()?(?:async )?\()\s*user: CurrentUser\b/gm)].map(([, called, constant]) => called ?? constant!)
  expect(found.length).toBeGreaterThan(50)
  const looked = [...Object.keys(named), ...Object.keys(listed), ...elsewhere].map((name) => name.split(' ')[0])
  // The functions of scope.ts, by which the others look.
  expect(new Set(found.filter((name) => !/^seen[A-Z]/.test(name)))).toEqual(new Set(looked))
})

describe.each(limited.map((user) => [user.role, user] as const))('a limited %s', (_, user) => {
  test('is refused whatever is another partner’s, in the words for what there is not', async () => {
    for (const [name, ask] of asks) {
      const [theirs, none] = [await refused(ask, asking(user, name), b), await refused(ask, asking(user, name), nobody)]
      expect(theirs, name).toBe(none)
      expect(theirs, name).toMatch(/^not_(found|allowed): /)
    }
  })

  test('gets lists that hold nothing of another partner', async () => {
    for (const [name, list] of Object.entries(listed)) {
      if (name === 'listUnfinishedUploads' && user.role === 'viewer') continue
      const text = JSON.stringify(await list(asking(user, name)))
      for (const mark of b.marks) expect(text, name).not.toContain(mark)
    }
  })
})

test('numbers count the own partner’s loads, and are not larger by the others', async () => {
  const { user: unlimited } = await signedIn(connection, 'viewer')
  const numbers = async (user: CurrentUser) => {
    const [{ day, attentionTotal }, { total, counts }, partners, shopList] = await Promise.all([home.readHome(user), loads.listLoads(user, noFilter, sort, page), shops.listPartners(user), shops.listShops(user)])
    return { ...day, attentionTotal, total, counted: Object.values(counts).reduce((sum, n) => sum + n), partners: partners.length, shops: shopList.total }
  }
  const [one, both] = [await numbers(support), await numbers(unlimited)]
  expect(one).toMatchObject({ attempts: 1, attentionTotal: 1, total: 2, counted: 2, partners: 1, shops: 1 })
  expect(both).toEqual(Object.fromEntries(Object.entries(one).map(([name, number]) => [name, 2 * number])))
})

test('only what the role does not allow is refused otherwise, and each refused look is in the audit trail once', async () => {
  const events = await rows<{ userId: number; type: string; id: string; times: number; detail: unknown }>(connection, sql`
    select userId, objectType as type, objectId as id, count(*) as times from audit_event where action = 'look_refused' group by userId, objectType, objectId`)
  for (const user of limited) {
    const objects = [['partner', b.partner.id], ['shop', b.shop.id], ['load', b.load.id], ['invoice', b.invoice.id], ...(user.role === 'support' ? [['load', b.open.id]] : [])]
    const own = events.filter(({ userId }) => String(userId) === user.id)
    expect(own.map(({ type, id, times }) => [type, id, Number(times)]).sort()).toEqual(objects.map((object) => [...object, 1]).sort())
  }
  expect(events.every(({ userId }) => limited.some(({ id }) => id === String(userId)))).toBe(true)
  for (const [name, ask] of asks) expect(await refused(ask, asking(support, name), b), name).toMatch(/^not_found: /)
})

test('many looks at once are one event, and one more an hour later', async () => {
  const { user } = await signedIn(connection, 'viewer', a.partner)
  const looks = () => Promise.all(Array.from({ length: 20 }, () => refused(named.getLoad as Ask, user, b)))
  const kept = async () => Number((await row<{ n: number }>(connection, sql`select count(*) as n from audit_event where action = 'look_refused' and userId = ${user.id}`))!.n)
  await looks()
  expect(await kept()).toBe(1)
  await run(connection, sql`update audit_event set at = at - interval 61 minute where userId = ${user.id}`)
  await looks()
  expect(await kept()).toBe(2)
  expect(await row(connection, sql`select actor, objectType, objectId, json_value(detail, '$.partner') as partner from audit_event where userId = ${user.id} order by id desc limit 1`))
    .toEqual({ actor: user.email, objectType: 'load', objectId: b.load.id, partner: b.partner.slug })
  // It did not happen to the load: its history tells nobody who was kept from it.
  expect((await loads.listLoadEvents(b.sender, b.load.id)).map(({ action }) => action)).not.toContain('look_refused')
})

test('a limited support rep adds shops to the own partner, and no partners', async () => {
  await expect(shops.createPartner(support, { slug: 'third', name: 'Third' })).rejects.toMatchObject({ code: 'not_allowed', message: 'Your account is limited to one partner, so it cannot add others.' })
  expect(await shops.createShop(support, { partnerId: a.partner.id, slug: 'second', name: 'Second', timeZone: 'UTC' })).toMatchObject({ partner: { slug: a.partner.slug } })
})

test('who is limited has all of the own partner, and who is not has all of both', async () => {
  const { user: unlimited } = await signedIn(connection, 'support')
  for (const [user, held] of [[support, a], [unlimited, b]] as const) {
    for (const [name, list] of Object.entries(listed)) {
      const text = JSON.stringify(await list(asking({ ...user, id: held.sender.id }, name)))
      expect(held.marks.some((mark) => text.includes(mark)), name).toBe(true)
    }
    for (const [name, ask] of asks) expect(await refused(ask, asking(user, name), held), `${name} as ${user.partnerId ?? 'all'}`).toBe('was answered')
  }
})
