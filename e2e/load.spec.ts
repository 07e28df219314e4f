import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { entities } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { expectAccessible, expectFitting, looks } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { bundledSample, sharedSample } from './samples.ts'

const samples = [bundledSample, sharedSample('small-dirty')].filter((folder) => folder !== undefined)
const loadId = path.basename(bundledSample)
const titles = ['Customers', 'Vehicles', 'Invoices', 'Line items', 'Payments', 'Inventory parts', 'Suppliers']
const columns = ['manifest', 'records', 'staged', 'accepted', 'inserted', 'updated', 'unchanged', 'rejected', 'superseded', 'identical', 'warnings'] as const
const number = (value: number) => value.toLocaleString('en-US')

/** Loads the folder at a shop of the test's own, so that tests do not meet. */
async function loadAt(shop: string, folder: string, ...more: string[]): Promise<{ code: number | null; report: Report }> {
  const { code, stdout, stderr } = await onramp('load', folder, '--partner', 'ledger-tests', '--shop', shop, '--json', ...more)
  expect(stdout, stderr).not.toBe('')
  return { code, report: JSON.parse(stdout) as Report }
}

const newShop = () => `shop-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`

/** Opens the load's page by way of the ledger, as people do. */
async function openLoad(page: Page, shop: string): Promise<string> {
  await page.goto('/loads')
  await page.getByRole('combobox', { name: 'Shop' }).click()
  await page.getByRole('option', { name: shop }).click()
  await expect(page).toHaveURL(/shop=\d+/)
  const links = page.getByRole('table', { name: 'Loads' }).getByRole('rowheader').getByRole('link')
  await expect(links).toHaveCount(1)
  await links.click()
  await expect(page).toHaveURL(/\/loads\/\d+$/)
  return new URL(page.url()).pathname.split('/').at(-1)!
}

/** The matrix as numbers, by row title. */
async function matrix(page: Page): Promise<Record<string, number[]>> {
  const table = page.getByRole('table', { name: /^Reconciliation/ })
  await expect(table).toBeVisible()
  const rows = await table.locator('tbody tr, tfoot tr').all()
  return Object.fromEntries(await Promise.all(rows.map(async (row) => {
    const cells = await row.getByRole('cell').allInnerTexts()
    return [await row.getByRole('rowheader').innerText(), cells.slice(0, columns.length).map((text) => Number(text.replaceAll(',', '')))] as const
  })))
}

/** What the expected outcome of a sample says of each entity, under the names of the matrix. */
function expected(folder: string): Record<string, number>[] {
  const { entities: outcome } = JSON.parse(readFileSync(path.join(folder, '../../../../expected.json'), 'utf8')) as { entities: Record<string, Record<string, number>> }
  return entities.map(({ name }) => {
    const { rows, accepted, rejected, superseded, identical, identicalDuplicates } = outcome[name]!
    return { records: rows!, accepted: accepted!, rejected: rejected!, superseded: superseded!, identical: identical ?? identicalDuplicates! }
  })
}

for (const folder of samples) {
  test(`the matrix of ${path.basename(folder)} shows exactly the expected numbers, and running it again changes nothing`, async ({ page, signIn }) => {
    const shop = newShop()
    const { code, report } = await loadAt(shop, folder)
    expect(code).toBe(2)
    await signIn('support')
    const id = await openLoad(page, shop)

    const accepted = Object.values(report.entities).reduce((sum, line) => sum + line.accepted, 0)
    const shown = await matrix(page)
    expect(titles.map((title) => shown[title])).toEqual(entities.map(({ name }) => columns.map((column) => report.entities[name][column])))
    for (const [i, outcome] of expected(folder).entries()) {
      for (const [column, value] of Object.entries(outcome)) expect(shown[titles[i]!]![columns.indexOf(column as 'records')], `${titles[i]} ${column}`).toBe(value)
    }
    expect(shown.All![columns.indexOf('accepted')]).toBe(accepted)
    await expect(page.getByRole('list', { name: 'Checks' }).getByRole('img', { name: 'Holds:' })).toHaveCount(4)
    const money = page.getByRole('table', { name: /^Sums of money/ })
    const total = Number(report.money['invoice.total'].accepted).toLocaleString('en-US', { style: 'currency', currency: 'USD' })
    await expect(money.getByRole('row', { name: /^Invoice totals/ }).getByRole('cell').nth(1)).toHaveText(total)

    // A reload would lose this mark.
    await page.evaluate(() => Object.assign(window, { notReloaded: true }))
    await page.getByRole('button', { name: 'Rerun' }).click()
    const dialog = page.getByRole('alertdialog', { name: 'Run this load again?' })
    await expect(dialog).toContainText('Runs the same seven files again. Rows that are in are left as they are, also where a later load or the shop has changed them; nothing is doubled.')
    await dialog.getByRole('button', { name: 'Run again' }).click()
    await expect(page.getByLabel('Outcome')).toContainText(`0 new, 0 changed, ${number(accepted)} unchanged`, { timeout: 45_000 })
    await expect(page.getByRole('button', { name: 'Attempt 2 of 2' })).toBeVisible()
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)

    const again = await matrix(page)
    expect(again.All!.slice(3, 7)).toEqual([accepted, 0, 0, accepted])
    await expect(page.getByRole('list', { name: 'History of this load' })).toContainText('Sam Support asked for a rerun')

    await page.getByRole('button', { name: 'Attempt 2 of 2' }).click()
    await page.getByRole('menuitem', { name: /^Attempt 1/ }).click()
    await expect(page).toHaveURL(/attempt=1/)
    await expect(page.getByText('This is not the latest attempt.')).toBeVisible()
    expect(await matrix(page)).toEqual(shown)

    const api = await page.request.get(`/api/v1/loads/${id}/report?attempt=1`)
    expect(await api.json()).toEqual(report)
  })
}

test.describe('with a load of the bundled sample', () => {
  let shop: string
  let report: Report
  test.beforeAll(async () => {
    shop = newShop()
    report = (await loadAt(shop, bundledSample)).report
  })

  test('the ledger’s filters are in the address and survive reload, Back and a visit to the load', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/loads')
    await page.getByRole('combobox', { name: 'Shop' }).click()
    await page.getByRole('option', { name: shop }).click()
    const withExceptions = page.getByRole('group', { name: 'Status' }).getByRole('button', { name: /^Completed with exceptions/ })
    await expect(withExceptions).toHaveText(/1$/)
    await withExceptions.click()
    await expect(page).toHaveURL(/status=completed_with_exceptions/)
    await page.reload()
    await expect(withExceptions).toHaveAttribute('aria-pressed', 'true')
    const row = page.getByRole('table', { name: 'Loads' }).getByRole('row').nth(1)
    const rejected = Object.values(report.entities).reduce((sum, line) => sum + line.rejected, 0)
    await expect(row.getByRole('rowheader')).toHaveText(loadId)
    await expect(row).toContainText(number(Object.values(report.entities).reduce((sum, line) => sum + line.records, 0)))
    await expect(row.getByRole('link', { name: new RegExp(`^${rejected} errors`) })).toBeVisible()

    await page.keyboard.press('Tab')
    await row.getByRole('rowheader').getByRole('link').focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1 })).toContainText(loadId)
    await page.goBack()
    await expect(withExceptions).toHaveAttribute('aria-pressed', 'true')

    await page.getByRole('combobox', { name: 'Exceptions' }).click()
    await page.getByRole('option', { name: 'Without any' }).click()
    await expect(page.getByText('No load matches')).toBeVisible()
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await expect(page).toHaveURL(/\/loads$/)
    await expect(page.getByRole('table', { name: 'Loads' })).toBeVisible()
  })

  test('the ledger fits a laptop, and columns that nobody wants stay hidden', async ({ page, signIn }) => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await signIn('viewer')
    await page.goto('/loads?status=completed_with_exceptions')
    const table = page.getByRole('table', { name: 'Loads' })
    const partner = table.getByRole('columnheader', { name: 'Partner' })
    await expect(partner).toBeVisible()
    // The server does not know the reader's clock: its longer times are there for a moment.
    await expect.poll(() => page.getByRole('region', { name: 'Loads' }).evaluate((region) => region.scrollWidth - region.clientWidth), 'pixels cut off').toBe(0)

    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Partner' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Duration' }).click()
    await page.keyboard.press('Escape')
    await expect(partner).toHaveCount(0)
    await expectAccessible(page)
    // Drawn without them by the server already.
    const html = await (await page.request.get('/loads')).text()
    expect(html).toContain('>Attempt<')
    expect(html).not.toContain('>Partner</th>')
    await page.reload()
    await expect(table.getByRole('columnheader', { name: 'Shop' })).toBeVisible()
    await expect(table.getByRole('columnheader', { name: /Partner|Duration/ })).toHaveCount(0)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Partner' }).click()
    await page.keyboard.press('Escape')
    await expect(partner).toBeVisible()
  })

  test('a range of days filters by the reader’s days', async ({ page, signIn }) => {
    await signIn('viewer')
    const today = await page.evaluate(() => new Date().toLocaleDateString('en-CA'))
    await page.goto('/loads')
    await page.getByLabel('From').fill(today)
    await page.getByLabel('To', { exact: true }).fill(today)
    await expect(page).toHaveURL(/from=.*to=/)
    await expect(page.getByRole('rowheader', { name: loadId }).first()).toBeVisible()
    await page.reload()
    await expect(page.getByLabel('From')).toHaveValue(today)
    await expect(page.getByLabel('To', { exact: true })).toHaveValue(today)
    await page.getByLabel('To', { exact: true }).fill('2020-01-01')
    await expect(page.getByText('No load matches')).toBeVisible()
  })

  test('a day that is typed with the keyboard filters by that year, in one step of the history', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/loads')
    await expect(page.getByLabel('From')).toBeEnabled()
    await page.getByLabel('From').focus()
    await page.keyboard.type('11152026')
    await expect(page).toHaveURL(/from=2026-11-15/)
    await expect(page.getByLabel('From')).toHaveValue('2026-11-15')
    await page.goBack()
    await expect(page).toHaveURL(/\/loads$/)
    await expect(page.getByLabel('From')).toHaveValue('')
  })

  test('a page beyond the last one says so and leads back', async ({ page, signIn }) => {
    await signIn('viewer')
    for (const list of ['/loads', '/shops']) {
      await page.goto(`${list}?page=99`)
      await page.getByText('First page').click()
      await expect(page).toHaveURL(new RegExp(`${list}\\??$`))
      await expect(page.getByRole('rowheader').first()).toBeVisible()
    }
  })

  test('what the columns of the matrix mean can be read with the keyboard', async ({ page, signIn }) => {
    await signIn('viewer')
    await openLoad(page, shop)
    await page.getByText('What the columns mean').focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('term').filter({ hasText: 'Superseded' })).toBeVisible()
    await expect(page.getByText('Earlier records of a key that comes again with other values')).toBeVisible()
    await expectAccessible(page)
  })

  test('a rejected cell leads to exactly those exceptions', async ({ page, signIn }) => {
    await signIn('viewer')
    const id = await openLoad(page, shop)
    const { rejected } = report.entities.vehicle
    await page.getByRole('link', { name: `${rejected} rejected rows, Vehicles` }).click()
    await expect(page).toHaveURL(new RegExp(`/loads/${id}/exceptions\\?entity=vehicle&severity=error`))
    await expect(page.getByRole('navigation', { name: 'Pages of this load' }).getByRole('link', { name: /^Exceptions/ })).toHaveAttribute('aria-current', 'page')
  })

  test('files show that counts and checksums match, and download byte for byte', async ({ page, signIn }) => {
    await signIn('support')
    const id = await openLoad(page, shop)
    await page.getByRole('link', { name: /^Files/ }).click()
    const row = page.getByRole('row', { name: /^customers\.csv/ })
    await expect(row.getByText('Matches')).toHaveCount(2)
    const downloading = page.waitForEvent('download')
    await row.getByRole('link', { name: 'Download customers.csv' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('customers.csv')
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(readFileSync(await download.path()))).toBe(sha256(readFileSync(path.join(bundledSample, 'customers.csv'))))

    const answer = await page.request.get(`/api/v1/loads/${id}/files/customers.csv`)
    expect(answer.headers()).toMatchObject({
      'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="customers.csv"; filename*=UTF-8''customers.csv`,
    })
    await page.getByRole('link', { name: 'Overview' }).click()
    await expect(page.getByRole('list', { name: 'History of this load' })).toContainText('Sam Support downloaded customers.csv')
  })

  test.describe('as a viewer', () => {
    test.use({ expectedStatuses: [403, 404] })

    test('everything can be read and nothing changed', async ({ page, signIn }) => {
      await signIn('viewer')
      const id = await openLoad(page, shop)
      await expect(page.getByLabel('Outcome')).toBeVisible()
      await expect(page.getByRole('button', { name: 'Rerun' })).toHaveCount(0)
      await page.getByRole('link', { name: /^Files/ }).click()
      await expect(page.getByText('Your role may see which files arrived, but not download them.')).toBeVisible()
      await expect(page.getByRole('link', { name: /^Download/ })).toHaveCount(0)
      const origin = new URL(page.url()).origin
      const rerun = await page.request.post(`/api/v1/loads/${id}/attempts`, { data: { attempt: 'rerun' }, headers: { origin } })
      expect(rerun.status()).toBe(403)
      expect((await page.request.get(`/api/v1/loads/${id}/files/customers.csv`)).status()).toBe(403)
      expect((await page.request.get('/api/v1/loads/999999999')).status()).toBe(404)
    })
  })

  for (const { colorScheme, width } of looks) {
    test(`the ledger, the load and its files are accessible and fit, ${colorScheme}, ${width} pixels wide`, async ({ page, signIn }) => {
      test.slow()
      await signIn('support')
      await page.emulateMedia({ colorScheme })
      const id = await openLoad(page, shop)
      for (const address of ['/loads', `/loads/${id}`, `/loads/${id}/files`]) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto(address)
        await expect(page.getByRole('table').first()).toBeVisible()
        await expectAccessible(page)
        await expectFitting(page)
      }
    })
  }
})

test('a refused package says why, that nothing was written, and lists every problem', async ({ page, signIn }) => {
  const copy = mkdtempSync(path.join(tmpdir(), 'onramp-refused-'))
  try {
    const folder = path.join(copy, loadId)
    cpSync(bundledSample, folder, { recursive: true })
    writeFileSync(path.join(folder, 'vehicles.csv'), readFileSync(path.join(folder, 'vehicles.csv'), 'utf8').trimEnd().split('\n').slice(0, -1).join('\n'))
    rmSync(path.join(folder, 'suppliers.csv'))
    const shop = newShop()
    const { code, report } = await loadAt(shop, folder)
    expect(code).toBe(3)
    await signIn('viewer')
    await openLoad(page, shop)
    const outcome = page.getByLabel('Outcome')
    await expect(outcome).toContainText('Failed validation')
    await expect(outcome).toContainText('Nothing was written to production.')
    const problems = page.getByRole('table', { name: 'Problems of the package' })
    await expect(problems.getByRole('row')).toHaveCount(report.failure!.problems.length + 1)
    for (const { message } of report.failure!.problems) await expect(problems).toContainText(message)
    await expect(page.getByRole('row', { name: /^Package checked/ })).toContainText('Failed')
    await expect(page.getByRole('row', { name: /^Staged/ })).toContainText('Not reached')
    await expectAccessible(page)
    // Checksums have no place to break at.
    await expect(problems).toContainText(/[0-9a-f]{64}/)
    await page.setViewportSize({ width: 390, height: 844 })
    await expectFitting(page)
  } finally {
    rmSync(copy, { recursive: true })
  }
})
