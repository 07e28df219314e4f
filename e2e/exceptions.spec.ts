import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Download, Locator, Page } from '@playwright/test'
import { parse } from 'csv-parse/sync'
import { unescapeFormula } from '#lib/contract/formulas.ts'
import type { Expected } from '#lib/sample/bundled.ts'
import { expectAccessible, expectFitting, looks } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { bundledSample, sharedSample } from './samples.ts'

const expectedOf = (folder: string) => JSON.parse(readFileSync(path.join(folder, '../../../../expected.json'), 'utf8')) as Expected
const expected = expectedOf(bundledSample)
const shop = `shop-${Date.now().toString(36)}-${process.pid}`

/** Loads the folder at a shop of this file's own, so that no other test runs it again. */
async function loadAt(name: string, folder: string): Promise<void> {
  const { code, stderr } = await onramp('load', folder, '--partner', 'exception-tests', '--shop', name)
  expect(code, stderr).toBe(2)
}

test.beforeAll(() => loadAt(shop, bundledSample))

/** The same books once more, under a load id of their own. */
async function loadLater(name: string): Promise<void> {
  const copy = mkdtempSync(path.join(tmpdir(), 'onramp-later-'))
  try {
    const folder = path.join(copy, 'later')
    cpSync(bundledSample, folder, { recursive: true })
    const manifest = path.join(folder, 'manifest.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(expected.loadId, 'later'))
    await loadAt(name, folder)
  } finally {
    rmSync(copy, { recursive: true })
  }
}

/** The newest load of a shop, wherever it stands in the ledger by now. */
async function newestOf(page: Page, name: string): Promise<{ id: string }> {
  for (let n = 1; ; n++) {
    const { rows } = (await (await page.request.get(`/api/v1/loads?size=100&page=${n}`)).json()) as { rows: { id: string; shop: { slug: string } }[] }
    const found = rows.find((load) => load.shop.slug === name)
    if (found) return found
    expect(rows, `a load of ${name}`).not.toEqual([])
  }
}

async function openExceptions(page: Page, name = shop): Promise<void> {
  await page.goto(`/loads/${(await newestOf(page, name)).id}`)
  await page.getByRole('navigation', { name: 'Pages of this load' }).getByRole('link', { name: 'Exceptions' }).click()
  await expect(groups(page)).toBeVisible()
}

const groups = (page: Page): Locator => page.getByRole('navigation', { name: 'Groups of exceptions' })
const table = (page: Page): Locator => page.getByRole('region', { name: 'Exceptions' }).getByRole('table')

/** How often each severity, entity, code and column must come, from what is known of the sample. */
function expectedCounts({ entities, fileWarnings }: Pick<Expected, 'entities' | 'fileWarnings'> = expected): Map<string, number> {
  const counts = new Map<string, number>()
  const count = (...key: (string | null)[]) => counts.set(key.join(' '), (counts.get(key.join(' ')) ?? 0) + 1)
  for (const [entity, { rejectedRows, warnings }] of Object.entries(entities)) {
    for (const { code, column } of rejectedRows) count('error', entity, code, column ?? '')
    for (const { code, column } of warnings) count('warning', entity, code, column ?? '')
  }
  for (const { file, column, code } of fileWarnings) count('warning', file.replace(/s\.csv$/, ''), code, column)
  return counts
}

/** The groups on the page with their counts, by what their links filter for. */
async function shownCounts(page: Page): Promise<Map<string, number>> {
  const found = await groups(page).getByRole('listitem').getByRole('link').evaluateAll((links) => links.map((link) => {
    const { searchParams } = new URL((link as HTMLAnchorElement).href)
    const key = ['severity', 'entity', 'code', 'column'].map((name) => searchParams.get(name)).join(' ')
    return [key, Number(link.querySelector('.tabular-nums')!.textContent)] as const
  }))
  return new Map(found)
}

const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].sort())

/** Errors by entity and column alone: the shared samples have other words for the codes. */
function errorsByColumn(counts: Map<string, number>): Map<string, number> {
  const errors = new Map<string, number>()
  for (const [key, count] of counts) {
    const [severity, entity, , column] = key.split(' ')
    if (severity === 'error') errors.set(`${entity} ${column}`, (errors.get(`${entity} ${column}`) ?? 0) + count)
  }
  return errors
}

async function choose(page: Page, item: string): Promise<Download> {
  await page.getByRole('button', { name: 'Download' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).click()
  return download
}

async function recordsOf(download: Download): Promise<{ name: string; header: string[]; rows: string[][] }> {
  const bytes = readFileSync(await download.path())
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const [header, ...rows] = parse(bytes, { bom: true, record_delimiter: '\r\n' }) as string[][]
  return { name: download.suggestedFilename(), header: header!, rows }
}

test('a support rep sees the exceptions of a load in groups, with the counts that the sample has', async ({ page, signIn }) => {
  await signIn('support')
  await openExceptions(page)
  expect(sorted(await shownCounts(page))).toEqual(sorted(expectedCounts()))
})

const smallDirty = sharedSample('small-dirty')
if (smallDirty) {
  test('the groups of small-dirty have the counts of its expected.json', async ({ page, signIn }) => {
    await loadAt(`${shop}-dirty`, smallDirty)
    await signIn('support')
    await openExceptions(page, `${shop}-dirty`)
    const counts = expectedCounts(expectedOf(smallDirty))
    expect(sorted(errorsByColumn(await shownCounts(page)))).toEqual(sorted(errorsByColumn(counts)))
  })
}

test('a group leads to its rows, in the address, with value, sentence and what to do', async ({ page, signIn }) => {
  await signIn('support')
  await openExceptions(page)
  await groups(page).getByRole('link', { name: /Not a number\s*1\s*defaultLaborRate/ }).click()
  await expect(page).toHaveURL(/entity=customer&code=invalid_decimal&column=defaultLaborRate&severity=error/)
  await expect(page.getByRole('heading', { name: 'Not a number' })).toBeVisible()
  await expect(page.getByText('Write numbers like 1234.50')).toBeVisible()
  const row = table(page).getByRole('row').filter({ hasText: 'ask Bill' })
  await expect(row).toContainText(/Line \d+, defaultLaborRate: expected number .* found “ask Bill”\. The row was left out\./)
  await page.reload()
  await expect(row).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'All exceptions' })).toBeVisible()
})

test('a phone shows the sentence of each row, and what to do, without scrolling sideways', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await signIn('support')
  await openExceptions(page)
  const said = table(page).getByRole('row').filter({ hasText: 'ask Bill' })
  await expect(said).toContainText('Write numbers like 1234.50')
  const scrolls = await page.getByRole('region', { name: 'Exceptions' }).evaluate((region) => region.scrollWidth - region.clientWidth)
  expect(scrolls, 'pixels that the table scrolls sideways').toBe(0)
})

test('rows left out with their parent are folded under the row that caused it', async ({ page, signIn }) => {
  await signIn('support')
  await openExceptions(page)
  const folds = page.getByRole('button', { name: /^and .* below it$/ })
  const told = await folds.allTextContents()
  const folded = told.flatMap((text) => text.match(/\d+/g) ?? []).reduce((sum, count) => sum + Number(count), 0)
  const cascades = Object.values(expected.entities).flatMap((entity) => entity.rejectedRows).filter(({ code }) => code === 'parent_rejected')
  expect(folded).toBe(cascades.length)

  const busy = page.getByRole('rowgroup').filter({ hasText: 'ask Bill' })
  const vehicles = busy.getByRole('region', { name: 'Vehicles' })
  await expect(vehicles).toBeHidden()
  await busy.getByRole('button', { name: /below it/ }).click()
  await expect(vehicles.getByRole('listitem').first()).toBeVisible()
  const keys = (await vehicles.getByRole('listitem').allTextContents()).map((text) => text.split(' ').at(-1)!.replace(/^\d+/, ''))
  for (const key of keys) expect(cascades.map((row) => row.key)).toContain(key)

  await groups(page).getByRole('link', { name: /Left out with its parent\s*\d+\s*externalCustomerId/ }).first().click()
  await table(page).getByRole('link', { name: 'See the customer that caused it' }).first().click()
  await expect(page.getByRole('heading', { name: /^Customer record/ })).toBeVisible()
  await expect(table(page)).toContainText('The row was left out.')
})

test('exceptions and rejected rows come as CSV that reads back', async ({ page, signIn }) => {
  await signIn('support')
  await openExceptions(page)
  const all = await recordsOf(await choose(page, 'All exceptions'))
  expect(all.name).toBe(`${expected.loadId}_exceptions.csv`)
  expect(all.header).toEqual(['entity', 'file', 'line', 'record', 'key', 'column', 'code', 'severity', 'value', 'sentence'])
  expect(all.rows).toHaveLength([...expectedCounts().values()].reduce((sum, count) => sum + count, 0))

  const vehicles = await recordsOf(await choose(page, 'Vehicles'))
  expect(vehicles.header.slice(-2)).toEqual(['_line', '_reason'])
  const key = vehicles.header.indexOf('externalVehicleId')
  expect(vehicles.rows.map((cells) => unescapeFormula(cells[key]!)).sort()).toEqual(expected.entities.vehicle.rejectedRows.map((row) => row.key!).sort())

  await groups(page).getByRole('link', { name: /Not a number\s*1\s*defaultLaborRate/ }).click()
  await expect(page.getByRole('heading', { name: 'Not a number' })).toBeVisible()
  const one = await recordsOf(await choose(page, 'Only: Not a number'))
  expect(one.rows.map((cells) => cells.slice(5, 9))).toEqual([['defaultLaborRate', 'invalid_decimal', 'error', 'ask Bill']])
})

test('rejected rows are downloaded, corrected and sent again', async ({ page, signIn }) => {
  test.setTimeout(180_000)
  const own = `${shop}-corrected`
  await loadAt(own, bundledSample)
  await signIn('support')
  await openExceptions(page, own)
  await loadLater(own)
  const download = await choose(page, 'Invoices')
  const corrected = readFileSync(await download.path(), 'utf8').replace('03/04/25', '2025-03-04')
  await page.getByRole('link', { name: 'Send corrected rows' }).click()

  await expect(page.getByRole('radio', { name: own })).toBeChecked()
  await expect(page.getByText('This load id is free.')).toBeVisible()
  await page.getByRole('button', { name: 'Continue to files' }).click()
  await page.getByLabel('Files of the load').setInputFiles([{ name: download.suggestedFilename(), mimeType: 'text/csv', buffer: Buffer.from(corrected) }])
  // Customers of the older load would take back what the newer one has changed.
  const newest = await newestOf(page, own)
  const customers = page.waitForRequest(/files\/customers\.csv$/)
  await page.getByRole('button', { name: 'Fill in the rest' }).click()
  expect(new URL((await customers).url()).pathname).toBe(`/api/v1/loads/${newest.id}/files/customers.csv`)
  await expect(page.getByText('The manifest is created from these files')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
  await expect(page.getByText(/_line|byte order mark/)).toHaveCount(0)
  await page.getByRole('checkbox').click()
  await page.getByRole('button', { name: 'Send the files' }).click()

  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 60_000 })
  await expect(page.getByText('Completed with exceptions').first()).toBeVisible({ timeout: 90_000 })
  const matrix = page.getByRole('table', { name: /^Reconciliation/ })
  const { rejected } = expected.entities.invoice
  const { accepted } = expected.entities.customer
  const numbers = (row: string) => matrix.getByRole('row', { name: new RegExp(`^${row}`) }).getByRole('cell').allInnerTexts()
  // Manifest, records, staged, accepted, inserted, updated, unchanged, rejected.
  expect((await numbers('Invoices')).slice(0, 8).map(Number)).toEqual([rejected, rejected, rejected, 1, 1, 0, 0, rejected - 1])
  expect((await numbers('Customers')).slice(4, 7).map(Number)).toEqual([0, 0, accepted])
})

test('a viewer sees personal values masked, on the page and in the download', async ({ page, signIn }) => {
  await signIn('viewer')
  await openExceptions(page)
  await expect(page.getByText('Personal data is masked for your role')).toBeVisible()
  await groups(page).getByRole('link', { name: /Odd e-mail address\s*1\s*contactEmail/ }).click()
  await expect(table(page)).toContainText('“n•••” is not an e-mail address')
  await expect(page.getByText('no e-mail')).toHaveCount(0)
  const { rows } = await recordsOf(await choose(page, 'Only: Odd e-mail address'))
  expect(rows.map((cells) => cells[8])).toEqual(['n•••'])
})

test('an engineer goes from an exception to the staged row and sees it beside production', async ({ page, signIn }) => {
  await signIn('engineer')
  await openExceptions(page)
  await groups(page).getByRole('link', { name: /Not a number\s*1\s*defaultLaborRate/ }).click()
  await table(page).getByRole('row').filter({ hasText: 'ask Bill' }).getByRole('link').click()
  const panel = page.getByRole('dialog')
  await expect(panel.getByRole('heading', { name: /^Record \d+, line \d+$/ })).toBeVisible()
  await expect(panel).toContainText('This record was left out.')
  await expect(panel.getByRole('row', { name: /^defaultLaborRate/ })).toContainText('ask Bill')
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(page).not.toHaveURL(/record=/)

  const { rejected, superseded } = expected.entities.customer
  const verdicts = page.getByRole('navigation', { name: 'What became of the records' })
  await expect(verdicts.getByRole('link', { name: `Superseded ${superseded}` })).toBeVisible()
  await verdicts.getByRole('link', { name: `Rejected ${rejected}` }).click()
  await expect(page.getByRole('region', { name: 'Staged customers' }).getByRole('row')).toHaveCount(rejected + 1)

  await page.getByRole('combobox', { name: 'Go to' }).click()
  await page.getByRole('option', { name: 'Key' }).click()
  const key = expected.entities.customer.warnings.find(({ code }) => code === 'invalid_email')!.key!
  await page.getByRole('textbox', { name: 'Key to go to' }).fill(key)
  await page.getByRole('button', { name: 'Go', exact: true }).click()
  await expect(panel.getByRole('row', { name: /^externalCustomerId/ })).toContainText(key)
  expect(page.url()).not.toContain(key)
  await expect(panel.getByRole('row', { name: /^contactEmail/ })).toContainText('no e-mail')
})

const places = {
  'the list of all exceptions': '/loads/:id/exceptions',
  'a group of exceptions': '/loads/:id/exceptions?entity=customer&code=invalid_decimal&column=defaultLaborRate&severity=error',
  'the list of staged loads': '/staging',
  'the staged files of a load': '/staging/:id',
  'the rows of a staged file': '/staging/:id/payment?verdict=rejected',
  'a staged record': '/staging/:id/supplier?record=1',
}

for (const [what, place] of Object.entries(places)) {
  test(`${what} is accessible and fits, also on a phone, in light and dark`, async ({ page, signIn }) => {
    test.slow()
    await signIn('engineer')
    await openExceptions(page)
    await page.goto(place.replace(':id', new URL(page.url()).pathname.split('/')[2]!))
    await expect(place.includes('record=') ? page.getByRole('dialog').getByRole('table') : page.getByRole('table')).toBeVisible()
    for (const { colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      await expect(page.locator('html')).toHaveClass(colorScheme === 'dark' ? /dark/ : /^(?!.*dark)/)
      await expectAccessible(page)
      await expectFitting(page)
    }
  })
}

test.describe('who is no engineer', () => {
  test.use({ expectedStatuses: [403] })
  for (const role of ['viewer', 'support'] as const) {
    test(`does not see staged rows as ${role}`, async ({ page, signIn }) => {
      await signIn(role)
      for (const address of ['/staging', '/staging/1', '/staging/1/customer']) {
        await page.goto(address)
        await expect(page.getByRole('heading', { name: 'Your role does not allow this' })).toBeVisible()
      }
      await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Staging' })).toHaveCount(0)
      const answer = await page.request.get('/api/v1/staging/1/customer/records')
      expect(answer.status()).toBe(403)
      expect(((await answer.json()) as { error: { code: string } }).error.code).toBe('not_allowed')
    })
  }
})
