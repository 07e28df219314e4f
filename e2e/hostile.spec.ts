import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { entities } from '#lib/contract/index.ts'
import { markup } from '#lib/fuzz/markup.ts'
import { csvOf, writePackage } from '#lib/jobs/write-package.ts'
import { expectFitting } from './axe.ts'
import { expect, signInAs, test } from './fixtures.ts'
import { expectNothingAlive, expectShownAsText } from './harmless.ts'
import { hostileBooks, writeHostile, writeRefused } from './hostile-books.ts'
import { onramp } from './onramp.ts'

// Each step of preparing is a process of its own.
test.describe.configure({ mode: 'serial', timeout: 180_000 })

const mark = `x14-${Date.now().toString(36)}`
const folder = mkdtempSync(path.join(tmpdir(), 'onramp-hostile-'))
test.afterAll(() => rmSync(folder, { recursive: true }))

/** All payloads in few texts of at most so many characters. */
function packed(most: number, texts: readonly string[] = markup): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + text.length < most) lines[lines.length - 1] = `${last} ${text}`
    else lines.push(text)
  }
  return lines
}

const names = packed(200)
// What an id can be; without what is no slash and no separator of lines.
const ids = markup.filter((payload) => !/[/\\\u2028]/.test(payload))
const loadIds = packed(80, ids).map((text, n) => `${text} ${mark}-${n}`)
const [partner, shop] = [`${ids[0]} ${mark}`, `${ids[1]} ${mark}`]
const email = `${mark}@onramp.example`
const password = 'correct horse hostile staple'
type Shop = { id: string; name: string }
const shops: Shop[] = []
const loads: Record<'whole' | 'partial' | 'refused', string> = { whole: '', partial: '', refused: '' }

test.beforeEach(({ context }) => {
  // What the browser itself would say of a payload that runs, or that only the policy stopped.
  context.on('dialog', (dialog) => {
    expect.soft(dialog.message(), 'a payload ran').toBe('')
    void dialog.dismiss()
  })
})

/** Signs in as an admin whose name is a payload. */
async function signIn(page: Page): Promise<void> {
  await signInAs(page, { email, password })
}

async function post<T>(page: Page, place: string, data: unknown): Promise<T> {
  const answer = await page.request.post(place, { headers: { origin: process.env.ONRAMP_E2E_URL! }, data })
  expect(answer.status(), `${place}: ${await answer.text()}`).toBe(201)
  return (await answer.json()) as T
}

/** Delivers a folder as the command line does; the last part of its path is the load's id. */
async function load(page: Page, loadId: string, write: (folder: string) => void, exitCode: number): Promise<string> {
  const delivery = path.join(folder, loadId)
  write(delivery)
  const { code, stderr } = await onramp('load', delivery, '--partner', partner, '--shop', shop)
  expect(code, stderr).toBe(exitCode)
  const { rows } = (await (await page.request.get('/api/v1/loads?size=100')).json()) as { rows: { id: string; loadId: string }[] }
  return rows.find((row) => row.loadId === loadId)!.id
}

test('partners, shops, accounts and loads may be called what they want', async ({ page }) => {
  const { code, stderr } = await onramp('user', 'add', '--email', email, '--name', names[0]!, '--role', 'admin', '--password', password, '--keep-password')
  expect(code, stderr).toBe(0)
  await signIn(page)
  for (const [n, name] of names.entries()) {
    const { id: partnerId } = await post<Shop>(page, '/api/v1/partners', { slug: n === 0 ? partner : `${ids[n]} ${mark}`, name })
    shops.push(await post<Shop>(page, '/api/v1/shops', { partnerId, slug: n === 0 ? shop : `${ids[n + 10]} ${mark}`, name }))
    await post(page, '/api/v1/users', { email: `${mark}-${n}@onramp.example`, name, role: 'viewer' })
  }
  for (const loadId of loadIds.slice(3)) {
    await post(page, '/api/v1/loads', { shopId: shops[0]!.id, loadId, files: [{ name: 'customers.csv', bytes: 1, sha256: '0'.repeat(64) }], manifest: {} })
  }
  loads.whole = await load(page, loadIds[0]!, writeHostile, 2)
  loads.partial = await load(page, loadIds[1]!, (place) => writePackage(place, {}), 0)
  loads.refused = await load(page, loadIds[2]!, writeRefused, 3)
})

test('every payload is text in ledger, load, files and exceptions', async ({ page }) => {
  await signIn(page)
  await page.goto(`/loads?shop=${shops[0]!.id}`)
  await expectShownAsText(page, [...loadIds, names[0]!])
  await page.goto(`/loads/${loads.whole}`)
  await expectShownAsText(page, [loadIds[0]!, names[0]!])
  expect(await page.title()).toContain(loadIds[0]!)
  await page.goto(`/loads/${loads.whole}/files`)
  await expectShownAsText(page, markup.filter((payload) => !payload.includes('/')))
  await page.goto(`/loads/${loads.partial}/stopped/invoice`)
  await expectShownAsText(page, markup)
  await page.goto(`/loads/${loads.refused}`)
  await expectShownAsText(page, [markup[1]!, markup[40]!])

  for (const [entity, column] of [['customer', 'defaultLaborRate'], ['invoice', 'total'], ['line_item', 'total'], ['payment', 'paymentAmount'], ['inventory_part', 'unitCost'], ['supplier', 'isActive']]) {
    await page.goto(`/loads/${loads.whole}/exceptions?entity=${entity}&column=${column}&severity=error`)
    await expectShownAsText(page, markup)
    const fold = page.getByRole('button', { name: /below it$/ }).first()
    if (entity !== 'customer') continue
    await fold.click()
    await expectShownAsText(page, [`!${markup[0]!}`])
  }
  await page.goto(`/loads/${loads.whole}/exceptions?entity=supplier&code=unknown_column`)
  await expectShownAsText(page, markup)
  await page.goto(`/loads/${loads.whole}/exceptions`)
  await expectNothingAlive(page)
})

test('every payload is text in staging', async ({ page }) => {
  await signIn(page)
  await page.goto('/staging')
  await expectShownAsText(page, [loadIds[0]!])
  await page.goto(`/staging/${loads.whole}`)
  await expectShownAsText(page, [loadIds[0]!])
  for (const { name } of entities) {
    await page.goto(`/staging/${loads.whole}/${name}`)
    await expectShownAsText(page, markup)
  }
  await page.goto(`/staging/${loads.whole}/supplier?record=1`)
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  await expectShownAsText(page, markup)
})

test('every payload is text in invoices, on paper, in shops, search, home, accounts and audit trail', async ({ page }) => {
  await signIn(page)
  await page.goto(`/invoices?shop=${shops[0]!.id}`)
  await expectShownAsText(page, markup)
  await page.getByRole('searchbox').first().fill(markup[1]!)
  await page.keyboard.press('Enter')
  await expectShownAsText(page, [markup[1]!])
  await page.goto(`/invoices?shop=${shops[0]!.id}`)
  await page.getByRole('rowheader', { name: markup[0]!, exact: true }).getByRole('link').click()
  await expect(page).toHaveURL(/\/invoices\/\d+$/)
  await expectShownAsText(page, markup)
  await page.emulateMedia({ media: 'print' })
  await expectShownAsText(page, markup)
  await page.emulateMedia({ media: null })

  await page.goto('/shops')
  await expectShownAsText(page, names)
  await page.goto(`/shops/${shops[0]!.id}`)
  await expectShownAsText(page, [names[0]!, loadIds[0]!])
  await page.getByRole('button', { name: 'Search and commands' }).click()
  await page.getByPlaceholder('A page, or the id of a load or an invoice').fill(`${mark}-0`)
  await expect(page.getByRole('option').filter({ hasText: loadIds[0]! })).toBeVisible()
  await expectShownAsText(page, [loadIds[0]!, names[0]!])
  await page.keyboard.press('Escape')
  // Sent once more, so that it is among the newest of what needs attention: other tests have loads there, too.
  await load(page, loadIds[2]!, writeRefused, 3)
  await page.goto('/')
  await expectShownAsText(page, [loadIds[2]!, names[0]!])

  await page.goto('/admin/users')
  await expectShownAsText(page, names)
  await page.getByLabel('Find a person').fill(`${mark}-1@`)
  await page.getByRole('button', { name: `Change ${names[1]!}` }).click()
  await page.getByRole('menuitem', { name: 'Change the role …' }).click()
  await page.getByRole('radio', { name: 'Support' }).check()
  await expectShownAsText(page, [names[1]!])
  await page.getByRole('button', { name: 'Change the role', exact: true }).click()
  await expect(page.getByText(/ is support.* now\./)).toContainText(names[1]!)
  await expectShownAsText(page, [names[1]!])
  // Others' events must not push this person's off the page.
  await page.goto('/admin/audit?action=load_created')
  await page.getByLabel('Who').click()
  await page.getByRole('option').filter({ hasText: email }).click()
  await expect(page).toHaveURL(/who=\d/)
  await expectShownAsText(page, [names[0]!, ...loadIds.slice(3)])
})

test('every payload is text in the wizard, and the pages that people see on a phone still fit', async ({ page }) => {
  await signIn(page)
  await page.goto(`/loads/new?shop=${shops[0]!.id}`)
  await expectShownAsText(page, [names[0]!, ...loadIds.slice(3)])
  await page.getByLabel('Load id').fill(`${markup[1]!} wizard`)
  await page.getByRole('button', { name: 'Continue to files' }).click()
  const books = hostileBooks()
  const files = entities.map(({ name, file }) => ({ name: file, mimeType: 'text/csv', buffer: Buffer.from(csvOf(books[name] as never)) }))
  const strangers = ids.map((payload) => ({ name: `${payload}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }))
  const manifest = { load_id: markup[0]!, files: markup.map((name) => ({ name, rows: 1, sha256: name })) }
  await page.getByLabel('Files of the load').setInputFiles([...files, ...strangers, { name: 'manifest.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(manifest)) }])
  await expect(page.getByRole('button', { name: `Use load id “${markup[0]!}”` })).toBeVisible()
  await expectShownAsText(page, markup)
  await page.getByRole('button', { name: 'Create manifest from these files' }).click()
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
  await expectShownAsText(page, markup)

  await page.setViewportSize({ width: 390, height: 844 })
  page.on('dialog', (dialog) => void dialog.accept())
  for (const place of ['/', '/shops', `/shops/${shops[0]!.id}`, `/loads?shop=${shops[0]!.id}`, `/loads/${loads.whole}`, `/invoices?shop=${shops[0]!.id}`, '/admin/users']) {
    await page.goto(place)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await test.step(place, () => expectFitting(page))
  }
})
