import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { appendAudit } from '#lib/audit/append.ts'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { unescapeFormula } from '#lib/contract/formulas.ts'
import { readHeader } from '#lib/contract/header.ts'
import { entities, entityOf, type EntityName } from '#lib/contract/index.ts'
import { formulas, harmless } from '#lib/fuzz/payloads.ts'
import { formulasInLibreOffice, runnableCells } from '#lib/fuzz/spreadsheet.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { testInstallation, type Cells } from '#lib/jobs/testing.ts'
import type { RouteHandler } from './route.ts'

// The settings are read once, so the folder has to be there first.
const dataDir = mkdtempSync(path.join(tmpdir(), 'onramp-exports-'))
Object.assign(process.env, { ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'silent' })
// Its own database: health answers 503 while a load that another test has queued waits.
const { newShop, connection, runner } = await testInstallation('exports', dataDir)
const admin = await signedIn(connection, 'admin')
const viewer = await signedIn(connection, 'viewer')
const api = path.resolve(import.meta.dirname, '../../app/api/v1')

const payloads = [...formulas, ...harmless].filter((text) => text !== '')
// Names of columns are trimmed, and no two may be the same.
const headers = [...new Set(payloads.map((text) => text.trim()))].filter((text) => text !== '' && !/[\0\r\n]/.test(text))
const NOT_A_NUMBER = 'n/a'
/** In each entity the column that keeps its rows out. */
const broken: Record<EntityName, string> = {
  customer: 'defaultLaborRate', vehicle: 'externalCustomerId', invoice: 'total', line_item: 'total', payment: 'paymentAmount', inventory_part: 'unitCost', supplier: 'isActive',
}

/** Rows that are all left out, each with a payload in every text that can hold it, under columns that are called so too. */
function rowsOf(name: EntityName): Cells[] {
  const { columns, key, parents } = entityOf(name)
  return payloads.map((payload, n): Cells => {
    const texts = Object.entries(columns).filter(([, column]) => column.type === 'string' && [...payload].length <= column.maxLength)
    return {
      ...Object.fromEntries([...texts.map(([column]) => [column, payload]), ...headers.map((header) => [header, payload])]), ...Object.fromEntries(parents.map(({ column }) => [column, 'gone'])),
      [key]: `${payload}${n}`.slice(-50), [broken[name]]: name === 'vehicle' ? 'gone' : NOT_A_NUMBER,
    }
  })
}

// An installation in which everything that people can name is called after a payload.
const shop = newShop({ partner: '=1+1', shop: "@SUM(1+1)*cmd|' calc'!A0" })
const sent = Object.fromEntries(entities.map(({ name }) => [name, rowsOf(name)])) as Record<EntityName, Cells[]>
const native = newShop()
const whole = await native.load({ invoice: [{ externalDocumentId: '12', externalCustomerId: 'C1' }] })
const loaded = await shop.load(sent, { loadId: '=HYPERLINK(1)' })
for (const name of payloads.map((text) => text.trim()).filter(Boolean)) {
  const { insertId } = await run(runner.db, sql`insert into \`user\` (email, name, role, passwordHash) values (${`${Math.random()}@example.com`}, ${name}, 'viewer', '')`)
  await appendAudit(runner.db, { user: { id: insertId, email: name }, action: 'file_downloaded', objectType: 'file', objectId: name.slice(0, 60), detail: { name } })
}
const invoice = (await row<{ id: number; shopId: number }>(runner.db, sql`select id, shopId from invoice where importedLoadId = ${whole.loadId}`))!
const id = String(loaded.loadId)

type Ask = { params?: Record<string, string>; query?: string }
/** How each route is asked for that wants more than the load and its customers. */
const asks: Record<string, Ask[]> = {
  'contract/templates/[file]': entities.map(({ file }) => ({ params: { file } })),
  'invoices': [{ query: `?shop=${invoice.shopId}` }],
  'invoices/[id]': [{ params: { id: String(invoice.id) } }],
  'invoices/[id]/lines': [{ params: { id: String(invoice.id) } }],
  'loads/[id]/exceptions/below': [{ query: '?attempt=1&causeEntity=customer&causeRecord=1&entity=vehicle' }],
  'loads/[id]/exceptions/csv': [{}, { query: '?entity=customer&severity=error' }, { query: '?severity=warning' }],
  'loads/[id]/exceptions/rejected-rows': entities.map(({ name }) => ({ query: `?entity=${name}` })),
  'search': [{ query: '?q=12' }],
  'shops/[id]/load-ids': [{ params: { id: String(invoice.shopId) }, query: '?loadId=x' }],
}
const usual = { id, loadId: id, entity: 'customer', record: '1', name: 'customers.csv' }
/** What hands out a file that is no CSV of ours: the raw file byte for byte, and the contract as JSON. */
const otherFiles = ['contract', 'loads/[id]/files/[name]']

const routes = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === 'route.ts').map((file) => path.dirname(file)).sort()

async function ask(handler: RouteHandler, place: string, { params = {}, query = '' }: Ask, token: string): Promise<Response> {
  const request = new NextRequest(`http://onramp.test/api/v1/${place}${query}`, { headers: { host: 'onramp.test', cookie: `${sessionCookie()}=${token}` } })
  return handler(request, { params: Promise.resolve({ ...usual, ...params }) })
}

/** Every CSV that the API hands out, by route and what was asked for: found by asking every route there is. */
async function exportsFor(token: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const place of routes) {
    const { GET } = (await import(path.join(api, place, 'route.ts'))) as { GET?: RouteHandler }
    for (const asked of GET ? (asks[place] ?? [{}]) : []) {
      const answer = await ask(GET!, place, asked, token)
      if (answer.status === 403) continue
      expect(answer.status, `GET ${place}: ${answer.status === 200 ? '' : await answer.text()}. Say in \`asks\` how to ask for it.`).toBe(200)
      const isFile = answer.headers.has('content-disposition') || !/^(application\/json|text\/event-stream)/.test(answer.headers.get('content-type')!)
      if (!isFile || otherFiles.includes(place)) await answer.body?.cancel()
      else found.set(`${place} ${asked.query ?? ''}${Object.values(asked.params ?? {}).join()}`, await answer.text())
    }
  }
  return found
}

const exports = await exportsFor(admin.token)
const rejectedRows = (name: EntityName) => `loads/[id]/exceptions/rejected-rows ?entity=${name}`
const parsed = (csv: string) => parse(csv, { bom: true, record_delimiter: '\r\n' }) as string[][]

test(`${payloads.length} payloads stand in every CSV that the API hands out, and in none is a cell that a spreadsheet could run`, async () => {
  expect([...new Set([...exports.keys()].map((name) => name.split(' ')[0]))]).toEqual(['audit/csv', 'contract/templates/[file]', 'loads/[id]/exceptions/csv', 'loads/[id]/exceptions/rejected-rows', 'loads/csv'])
  const masked = await exportsFor(viewer.token)
  for (const [name, csv] of [...exports, ...masked]) expect(runnableCells(csv), name).toEqual([])
  // They would not be told from nothing in a download that does not hold them.
  const names = payloads.map((text) => text.trim()).filter(Boolean)
  const expected = { 'audit/csv ': names, 'loads/csv ': ['=1+1', "@SUM(1+1)*cmd|' calc'!A0", '=HYPERLINK(1)'], 'loads/[id]/exceptions/csv ': headers, ...Object.fromEntries(entities.map(({ name }) => [rejectedRows(name), payloads])) }
  for (const [name, texts] of Object.entries(expected)) {
    const cells = new Set(parsed(exports.get(name)!).flat().map(unescapeFormula))
    expect(texts.filter((text) => !cells.has(text)), `${name} lacks`).toEqual([])
  }
})

test.each(entities.map((e) => [e.name, e] as const))('the rejected rows of %s read back as they were sent, cell for cell and name for name', (name, e) => {
  const [header, ...rows] = parsed(exports.get(rejectedRows(name))!)
  const read = readHeader(e, header!)
  expect(read.isCorrection).toBe(true)
  const names = [...new Set(sent[name].flatMap((cells) => Object.keys(cells)))]
  expect(read.columns.map((column) => column.header).slice(0, -2).toSorted()).toEqual(names.toSorted())
  const given = rows.map((cells) => Object.fromEntries(read.columns.map(({ header: called, index }) => [called, unescapeFormula(cells[index]!)])))
  expect(given.length).toBe(sent[name].length)
  // What no payload fits into was sent empty, and is empty still.
  const empty = Object.fromEntries(names.map((called) => [called, '']))
  for (const [n, cells] of sent[name].entries()) expect(given[n]).toEqual({ ...empty, ...cells, _line: expect.stringMatching(/^\d+$/), _reason: expect.stringMatching(/./) })
})

// Opens every export in LibreOffice, where it is installed and somebody asks for it: it takes half a minute.
if (process.env.ONRAMP_LIBREOFFICE) {
  test('LibreOffice sees no formula in any of them, and sees those that are not made harmless', { timeout: 300_000 }, () => {
    const raw = `name\r\n${formulas.map((cell) => `"${cell.replaceAll('"', '""')}"`).join('\r\n')}\r\n`
    const seen = formulasInLibreOffice(new Map([...exports, ['not made harmless', raw]]))
    expect(seen.get('not made harmless')).toBeGreaterThan(0)
    seen.delete('not made harmless')
    expect([...seen].filter(([, count]) => count > 0)).toEqual([])
  })
}
