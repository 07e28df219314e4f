import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from '@playwright/test'
import type { Report } from '#lib/ingest/report.ts'
import { expectAccessible, expectFitting } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { bundledSample } from './samples.ts'

// Each waits for files to be sent and for loads to be run.
test.describe.configure({ timeout: 240_000 })

const loadId = path.basename(bundledSample)
const newShop = () => `shop-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`

/** Goes from the first step of the wizard, which is filled in, to the last look before the files are sent. */
async function chooseAndReview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue to files' }).click()
  await page.getByLabel('Files of the load').setInputFiles(readdirSync(bundledSample).map((name) => path.join(bundledSample, name)))
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
  const accept = page.getByRole('checkbox')
  if (await accept.count()) await accept.click()
}

const toLoadPage = (page: Page) => expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 60_000 })

test.describe('after a package was refused', () => {
  test.use({ expectedStatuses: [409] })

  test('the load is not run again; corrected files are sent under the same load id, with everything filled in', async ({ page, signIn }) => {
    const copy = mkdtempSync(path.join(tmpdir(), 'onramp-refused-'))
    try {
      const folder = path.join(copy, loadId)
      cpSync(bundledSample, folder, { recursive: true })
      writeFileSync(path.join(folder, 'vehicles.csv'), `${readFileSync(path.join(folder, 'vehicles.csv'), 'utf8')}\n`)
      const shop = newShop()
      const { stdout, code } = await onramp('load', folder, '--partner', 'ledger-tests', '--shop', shop, '--json')
      expect([code, (JSON.parse(stdout) as Report).status]).toEqual([3, 'failed_validation'])
      await signIn('support')
      await page.goto('/loads?status=failed_validation')
      await page.getByRole('combobox', { name: 'Shop' }).click()
      await page.getByRole('option', { name: shop }).click()
      await page.getByRole('table', { name: 'Loads' }).getByRole('row').filter({ hasText: shop }).getByRole('link', { name: loadId }).click()
      await toLoadPage(page)
      const id = new URL(page.url()).pathname.split('/').at(-1)!
      await expect(page.getByRole('button', { name: /Rerun|Dry run/ })).toHaveCount(0)
      await expectAccessible(page)
      const headers = { origin: new URL(page.url()).origin }
      const rerun = await page.request.post(`/api/v1/loads/${id}/attempts`, { data: { attempt: 'rerun' }, headers })
      expect(rerun.status()).toBe(409)
      expect(await rerun.text()).toContain('the same files would be refused again. Send corrected files under the same load id.')

      await page.getByRole('link', { name: 'Send corrected files' }).click()
      await expect(page.getByRole('radio', { name: shop })).toBeChecked()
      await expect(page.getByRole('radio', { name: shop })).toHaveAccessibleName(/ledger-tests/)
      await expect(page.getByLabel('Load id')).toHaveValue(loadId)
      await expect(page.getByText('The load with this id did not complete')).toBeVisible()
      await chooseAndReview(page)
      await page.getByRole('button', { name: 'Send the files' }).click()
      await expect(page).toHaveURL(new RegExp(`/loads/${id}$`), { timeout: 60_000 })
      // A new delivery, of which nobody has said yet that it is wrong.
      await expect(page.getByRole('button', { name: /Rerun|Cancel/ })).toBeVisible()
      await expect(page.getByRole('link', { name: 'Send corrected files' })).toHaveCount(0)
    } finally {
      rmSync(copy, { recursive: true })
    }
  })
})

test('a dry run from the wizard shows what the load would do, is marked as one, and the load is then started for real', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  const headers = { origin: new URL(page.url()).origin }
  const slug = `dry-${newShop()}`
  const partner = (await (await page.request.post('/api/v1/partners', { headers, data: { slug, name: slug } })).json()) as { id: string }
  const shop = (await (await page.request.post('/api/v1/shops', { headers, data: { partnerId: partner.id, slug: '0112', name: `Shop ${slug}`, timeZone: 'America/New_York' } })).json()) as { id: string }
  await page.goto(`/loads/new?shop=${shop.id}`)
  await page.getByLabel('Load id').fill(loadId)
  await chooseAndReview(page)
  await page.getByRole('button', { name: 'Dry run first' }).click()
  await toLoadPage(page)
  const id = new URL(page.url()).pathname.split('/').at(-1)!

  const outcome = page.getByLabel('Outcome')
  await expect(outcome).toContainText('Dry run finished with', { timeout: 90_000 })
  await expect(outcome).toContainText('Nothing was written: a dry run undoes what it did.')
  const mark = page.locator('header').getByText('Dry run', { exact: true })
  await expect(mark.last()).toBeVisible()
  await expect(page.getByText('Reconciliation of the dry run')).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Would come in' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'History of this load' })).toContainText('Sam Support sent the last file, and a dry run was put into the queue')
  await expectAccessible(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectFitting(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  const invoices = async () => ((await (await page.request.get(`/api/v1/invoices?shop=${shop.id}`)).json()) as { rows: unknown[] }).rows.length
  expect(await invoices()).toBe(0)

  await outcome.getByRole('link', { name: /^See .* exceptions/ }).click()
  await expect(page.getByText('What a load of these files would leave out. Nothing was written.')).toBeVisible()
  await page.goto(`/loads?shop=${shop.id}`)
  const row = page.getByRole('table', { name: 'Loads' }).getByRole('row').nth(1)
  await expect(row).toContainText(/Draft\s*Dry run/)
  expect(await (await page.request.get(`/api/v1/loads/csv?shop=${shop.id}`)).text()).toContain(`${loadId},draft,yes,`)
  await row.getByRole('rowheader').getByRole('link').click()

  await page.getByRole('button', { name: 'Load for real' }).click()
  await page.getByRole('alertdialog', { name: 'Load these files for real?' }).getByRole('button', { name: 'Load them' }).click()
  await expect(outcome).toContainText('Completed with', { timeout: 90_000 })
  await expect(page.locator('header').getByText('Dry run', { exact: true })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Attempt 2 of 2' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'History of this load' })).toContainText('Sam Support asked for the load after the dry run')
  expect(await invoices()).toBeGreaterThan(0)
  const report = (await (await page.request.get(`/api/v1/loads/${id}/report?attempt=1`)).json()) as Report
  const real = (await (await page.request.get(`/api/v1/loads/${id}/report?attempt=2`)).json()) as Report
  expect(report.dryRun).toBe(true)
  expect(report.entities).toEqual(real.entities)
})
