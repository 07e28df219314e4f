import type { RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import { pageRequests, type PageRequest } from '#lib/bench/page-requests.ts'
import { seedPages, type PageSizes, type Seeded } from '#lib/bench/pages-seed.ts'
import { stagingSchema } from '#lib/config.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { database } from './database.ts'
import { rejectedEntities } from './exception-downloads.ts'
import { belowQuery, exceptionQuery } from './exception-query.ts'
import { exceptionGroups, exceptionPage, exceptionsBelow, loadWithAttempts } from './exceptions.ts'
import { readHome } from './home.ts'
import { invoiceQuery, invoiceSearchBody } from './invoice-query.ts'
import { invoiceChoices, listInvoices, searchInvoices, shopToShow } from './invoices.ts'
import { listLoadFiles } from './load-files.ts'
import { loadProgress } from './load-progress.ts'
import { ledgerQuery } from './load-query.ts'
import { getAttempt, getLoad, ledgerChoices, listLoadEvents, listLoads } from './loads.ts'
import { prisma } from './prisma.ts'
import { searchById } from './search.ts'
import { getShop, listShopLoads, listShops } from './shops.ts'
import { findBody, recordsQuery } from './staging-query.ts'
import {
  getStagedLoad, recordOnLine, recordWithKey, stagedLoads, stagedRecord, stagedRecords, stagedSheet, type RecordCursor, type StagedPage, type StagedRow,
} from './staging.ts'
import { stoppedRows } from './stopped.ts'

// Large enough that reading a whole table shows, and that the staged file is treated as a large one.
const sizes: PageSizes = { loads: 20_000, staged: 60_000, exceptions: 6_000, invoices: 20_000 }
const FEW = 2_500
const engineer: CurrentUser = { id: '1', email: 'engineer@example.com', name: 'An engineer', role: 'engineer', partnerId: null }
// Looks after one of twenty partners, that of the shop with the many invoices.
const limited: CurrentUser = { ...engineer, role: 'support', partnerId: '2' }

const { url, connection } = await testDatabase('pages')
// Its own statements are not among those that are looked at.
const judge = await connect(url)
let seeded: Seeded

beforeAll(async () => {
  seeded = await seedPages(connection, stagingSchema(url), sizes)
}, 120_000)
afterAll(() => Promise.all([database().end(), prisma().$disconnect(), judge.end()]))

/** Runs the queries of a page as the page does. */
async function open(user: CurrentUser, { where, body }: PageRequest): Promise<unknown> {
  const { pathname, searchParams } = new URL(where, 'http://portal')
  const query = Object.fromEntries(searchParams)
  const [list, id = '', part] = pathname.replace('/api/v1', '').split('/').slice(1) as [string, string?, string?]
  if (list === '') return readHome(user)
  if (list === 'search') return searchById(user, query.q!)
  if (list === 'loads' && id === '') {
    const { filter, sort, page } = ledgerQuery.parse(query)
    return Promise.all([listLoads(user, filter, sort, page), ledgerChoices(user)])
  }
  if (list === 'loads' && part === undefined) return Promise.all([getLoad(user, id), loadProgress(user, id), listLoadEvents(user, id), getAttempt(user, id, 1)])
  if (part === 'files') return listLoadFiles(user, id, 1)
  if (part === 'stopped') return stoppedRows(user, id, 'line_item', Number(query.page ?? 1))
  if (part === 'exceptions') return openExceptions(user, id, pathname, query)
  if (list === 'staging') return openStaging(user, id, part, query, body)
  if (list === 'invoices' && body) {
    const { shop, text } = invoiceSearchBody.parse(body)
    return searchInvoices(user, shop, text)
  }
  if (list === 'invoices') {
    const { filter, sort, page } = invoiceQuery.parse(query)
    return Promise.all([listInvoices(user, filter, sort, page), invoiceChoices(user, filter.shop, filter.load), shopToShow(user, null)])
  }
  if (list === 'shops') return id === '' ? listShops(user, { page: Number(query.page ?? 1) }) : Promise.all([getShop(user, id), listShopLoads(user, id)])
  throw new Error(`nobody knows what ${where} asks for`)
}

async function openExceptions(user: CurrentUser, id: string, pathname: string, query: Record<string, string>): Promise<unknown> {
  const { attempt } = await loadWithAttempts(user, id, null)
  if (pathname.endsWith('/below')) {
    const below = belowQuery.parse(query)
    return exceptionsBelow(user, attempt!.id, { entity: below.causeEntity, record: below.causeRecord }, below.entity, null)
  }
  const { filter, cursor } = exceptionQuery.parse(query)
  return Promise.all([exceptionGroups(user, attempt!.id), exceptionPage(user, attempt!.id, filter, cursor), rejectedEntities(user, id, 1, ['line_item'])])
}

async function openStaging(user: CurrentUser, id: string, entity: string | undefined, query: Record<string, string>, body: unknown): Promise<unknown> {
  if (id === '') return stagedLoads(user, null)
  if (entity === undefined) return getStagedLoad(user, id)
  if (body) {
    const found = findBody.parse(body)
    return 'line' in found ? recordOnLine(user, id, 'line_item', null, found.line) : recordWithKey(user, id, 'line_item', null, found.key)
  }
  const view = recordsQuery.parse(query)
  return Promise.all([
    stagedSheet(user, id, 'line_item', null), stagedRecords(user, id, 'line_item', null, view), ...(view.record === null ? [] : [stagedRecord(user, id, 'line_item', null, view.record)]),
  ])
}

/** Every statement that reading sends to this database, word for word as the server got it: in its own log. */
async function sent(reading: () => Promise<unknown>): Promise<string[]> {
  await judge.query('truncate table mysql.general_log')
  await judge.query("set global log_output = 'TABLE', global general_log = 1")
  try {
    await reading()
  } finally {
    await judge.query('set global general_log = 0')
  }
  const [sessions] = await judge.query<RowDataPacket[]>('show processlist')
  const ours = sessions.filter((session) => session.db === new URL(url).pathname.slice(1)).map((session) => Number(session.Id))
  const [logged] = await judge.query<RowDataPacket[]>(
    "select convert(argument using utf8mb4) as text from mysql.general_log where command_type in ('Query', 'Execute') and thread_id in (?)", [ours.filter((id) => id !== judge.threadId)])
  return [...new Set(logged.map(({ text }) => String(text).trim()))].filter((text) => /^[\s(]*select\b/i.test(text))
}

type Step = { table: string | null; type: string | null; key: string | null; rows: number; Extra: string | null }

async function planOf(text: string): Promise<Step[]> {
  const [plan] = await judge.query<RowDataPacket[]>(`explain format=traditional ${text}`)
  return (plan as Step[]).filter(({ table }) => !table?.startsWith('<'))
}

const inIndexAlone = ({ Extra }: Step) => /Using index(?! condition)/.test(Extra ?? '')

/** What is wrong with how a statement is carried out; empty when it is found by indexes. */
function complaints(text: string, plan: Step[]): string[] {
  return plan.filter((step) => Number(step.rows) > FEW).flatMap((step) => {
    const { table, type, key, Extra } = step
    // Who counts looks at every entry of an index. Who wants a page walks along one and stops when it is full; mostRead() judges that.
    const isWalk = type === 'index' && (isCount(text) ? inIndexAlone(step) : isPage(text))
    // Groups are sorted after they were made, and they are few.
    const sorts = /filesort/.test(Extra ?? '') && !(inIndexAlone(step) && /\bgroup by\b/i.test(text))
    return [...((type === 'ALL' || type === 'index') && !isWalk ? [`reads all of ${table} (${type} ${key})`] : []), ...(sorts ? [`sorts ${table} (${key})`] : [])]
  })
}

/** How many rows and index entries the server takes into its hands. */
async function rowsRead(text: string): Promise<number> {
  const count = async () => {
    const [status] = await judge.query<RowDataPacket[]>("show session status like 'Handler_read%'")
    return status.reduce((sum, { Value }) => sum + Number(Value), 0)
  }
  const before = await count()
  await judge.query(text)
  return (await count()) - before
}

/**
 * As many rows as a page has blocks to look through; what lies before a page far back; and with a filter as many entries of an
 * index as it takes to find rare ones, but no rows then.
 */
function mostRead(text: string, plan: Step[], where: string, user: CurrentUser): number {
  if (/_record between/.test(text)) return 51 * 500 + FEW
  // Who sees one partner has a filter on every page.
  const filtered = user === limited && /^\/(api\/v1\/)?loads/.test(where)
  const [, before] = /\boffset ([1-9]\d*)/i.exec(text) ?? []
  if (before !== undefined && !filtered) return Number(before) + FEW
  if (!/[?&](?!shop=)/.test(where) && !filtered) return FEW
  const list = plan.find(({ key }) => key !== null && text.includes(`force index (${key})`))
  return list && inIndexAlone(list) ? Math.max(sizes.loads, sizes.invoices) + FEW : FEW
}

const isCount = (text: string) => /\bcount\(/i.test(text)
const isPage = (text: string) => /\blimit \d+/i.test(text)

/** What reads more than a page on purpose. Each of these is a part of one statement. */
const onPurpose = [
  // A total has no index of its own: it would cost every load time. What is sorted are numbers of the list's own index, of one shop.
  /from invoice force index \(invoice_shop_created\) where .* order by total/s,
  // A part of a load id is in no order. Only the narrow index of ids is read.
  /from `load` l force index \(load_shop_slug\) where l.slug like/,
  // Neither is a part of a name.
  /from customer force index \(customer_shop_name\)/,
  // Once for each large file: afterwards no page of it reads more than it shows.
  /_record - 1\) div .* group by block, action/s,
  // Nothing but their text says where a key is; staging tables have no second index, which every load would pay for.
  /select staged._record as record from .* where .* limit 1$/s,
]

const wrong = async (text: string) => complaints(text, await planOf(text))

test('a statement that reads or sorts a whole table would be noticed', async () => {
  expect(await wrong('select id from invoice order by mileageIn limit 5')).toHaveLength(2)
  expect(await wrong("select * from `load` where slug like '%7%'")).toEqual([expect.stringContaining('reads all')])
  await connection.query('drop index load_updated on `load`')
  const home = await sent(() => readHome(engineer))
  expect((await Promise.all(home.map(wrong))).flat()).not.toEqual([])
  await connection.query('create index load_updated on `load` (updatedAt, status)')
})

/** What somebody who sees one partner asks for: the same, of that partner. Staged rows are not for them, and the statements of a shop and of a load are the same for everybody. */
function requestsOfLimited(requests: readonly PageRequest[]): PageRequest[] {
  const own = requests.map((request) => ({ ...request, where: request.where.replace(/\bpartner=3\b/, `partner=${limited.partnerId}`).replace(/\bshop=7\b/, 'shop=21') }))
  return [...own.filter(({ of }) => of === 'home' || of === 'ledger' || of === 'shops'), ...(['load', 'exceptions', 'invoices'] as const).map((kind) => own.find(({ of }) => of === kind)!)]
}

const kinds = ['home', 'ledger', 'load', 'exceptions', 'staging', 'invoices', 'shops'] as const
describe.each([...kinds.map((kind) => [kind, 'all partners', engineer] as const), ...kinds.filter((kind) => kind !== 'staging').map((kind) => [kind, 'one partner', limited] as const)])('%s of %s', (kind, _, user) => {
  test('finds every page and filter by indexes', async () => {
    const asked = new Map<string, string>()
    const requests = pageRequests(seeded, sizes)
    for (const request of (user === limited ? requestsOfLimited(requests) : requests).filter(({ of }) => of === kind)) {
      for (const text of await sent(() => open(user, request))) asked.set(text, request.where)
    }
    expect(asked.size).toBeGreaterThan(3)
    for (const [text, where] of asked) {
      if (onPurpose.some((part) => part.test(text))) continue
      const plan = await planOf(text)
      expect(complaints(text, plan), `${where}: ${text}`).toEqual([])
      if (!isCount(text)) expect(await rowsRead(text), `${where}: ${text}`).toBeLessThan(mostRead(text, plan, where, user))
    }
  })
})

describe('a large staged file', () => {
  test.each(['changed', 'unchanged', 'superseded', 'rejected'] as const)('shows each %s record once, whichever way its pages are turned', async (verdict) => {
    const { counts } = await stagedSheet(engineer, String(seeded.load), 'line_item', null)
    const page = (cursor: RecordCursor) => stagedRecords(engineer, String(seeded.load), 'line_item', null, { verdict, cursor })
    const found = [...(await pagesFrom({ after: 0 }, page)), ...(await pagesFrom({ before: sizes.staged + 1 }, page))]
    expect(found.every((row) => row.verdict === verdict)).toBe(true)
    const records = found.map(({ record }) => record).sort((a, b) => a - b)
    expect(records.length).toBe(2 * counts![verdict]!)
    expect(new Set(records).size).toBe(counts![verdict])
    expect(records.every((record, i) => record === records[i - (i % 2)])).toBe(true)
  })
})

async function pagesFrom(cursor: RecordCursor, page: (cursor: RecordCursor) => Promise<StagedPage>): Promise<StagedRow[]> {
  const found: StagedRow[] = []
  for (let at: RecordCursor | null = cursor; at !== null;) {
    const { rows, next, previous }: StagedPage = await page(at)
    found.push(...rows)
    at = 'after' in at ? (next === null ? null : { after: next }) : previous === null ? null : { before: previous }
  }
  return found
}
