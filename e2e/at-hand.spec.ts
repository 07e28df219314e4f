import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { expectAccessible } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { bundledSample } from './samples.ts'

test('the ledger as it is filtered is downloaded as a CSV', async ({ page, signIn }) => {
  const shop = `csv-${Date.now().toString(36)}`
  expect((await onramp('load', bundledSample, '--partner', 'ledger-tests', '--shop', shop)).code).toBe(2)
  await signIn('viewer')
  await page.goto('/loads')
  await page.getByRole('combobox', { name: 'Shop' }).click()
  await page.getByRole('option', { name: shop }).click()
  await expect(page).toHaveURL(/shop=\d+/)
  await expect(page.getByRole('table', { name: 'Loads' }).getByRole('rowheader')).toHaveCount(1)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()])
  expect(download.suggestedFilename()).toMatch(/^loads_\d{4}-\d\d-\d\d\.csv$/)
  // Not that of the sample at its own shop.
  expect(parse(readFileSync(await download.path()), { bom: true, columns: true })).toMatchObject([{ load_id: path.basename(bundledSample), shop, status: 'completed_with_exceptions', dry_run: 'no' }])
})

test('the key / goes to the filter of the page, not while typing, and the palette tells of it', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/loads')
  await expect(page.getByRole('table', { name: 'Loads' })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('combobox', { name: 'Partner' })).toBeFocused()

  await page.goto('/shops')
  const finder = page.getByRole('searchbox', { name: 'Find a shop' })
  await expect(finder).toBeVisible()
  await page.keyboard.press('/')
  await expect(finder).toBeFocused()
  await expect(finder).toHaveValue('')
  await page.keyboard.type('a/b')
  await expect(finder).toHaveValue('a/b')

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.type('filter this')
  await expect(page.getByRole('option', { name: 'Filter this page' })).toContainText('/')
  await page.keyboard.press('Enter')
  await expect(finder).toBeFocused()
  // What stood there is selected, so that one types over it.
  await page.keyboard.type('c')
  await expect(finder).toHaveValue('c')

  await page.goto('/help/contract')
  await page.getByRole('button', { name: 'Search and commands' }).click()
  await expect(page.getByRole('option', { name: 'Loads' })).toBeVisible()
  await expect(page.getByRole('option', { name: 'Filter this page' })).toHaveCount(0)
})

test.describe('the full time behind “5 min. ago”', () => {
  test.use({ timezoneId: 'America/Chicago' })

  test('comes with the keyboard and with the pointer, and is read out', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/loads?status=completed_with_exceptions')
    const time = page.getByRole('table', { name: 'Loads' }).locator('time').first()
    await expect(time).toHaveText(/^(just now|.+ ago|yesterday), \w{3} \d{1,2}, \d{4}, \d{1,2}:\d\d/)
    await expectAccessible(page)
    await time.focus()
    const tooltip = page.getByRole('tooltip')
    await expect(tooltip).toHaveText(/^\w+day, \w+ \d{1,2}, \d{4} at \d{1,2}:\d\d:\d\d.(AM|PM) C[SD]T/)
    await expect(time).toHaveAccessibleDescription(/C[SD]T/)
    await page.keyboard.press('Escape')
    await expect(tooltip).toHaveCount(0)
    await time.hover()
    await expect(tooltip).toBeVisible()
    await page.mouse.move(0, 0)
    await time.blur()
    await expect(tooltip).toHaveCount(0)
    // Out of sight on a phone: the table scrolls to it.
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('table', { name: 'Loads' }).locator('time').nth(1).focus()
    await expect(tooltip).toBeVisible()
    await expect(tooltip).toBeInViewport()
  })

  test('stands in place of the short one while its link has the focus', async ({ page, signIn }) => {
    await signIn('support')
    await page.goto('/')
    const link = page.getByRole('listitem').getByRole('link').filter({ has: page.locator('time') }).first()
    const short = link.locator('time > span').first()
    await expect(link.locator('time')).toContainText(/\w{3} \d{1,2}, \d{4}/)
    const width = () => short.evaluate((element) => element.getBoundingClientRect().width)
    expect(await width()).toBeGreaterThan(10)
    await link.focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Tab')
    await expect(link).toBeFocused()
    expect(await width()).toBeLessThanOrEqual(1)
    expect(await link.locator('time > span').last().evaluate((element) => element.getBoundingClientRect().width)).toBeGreaterThan(60)
  })
})

test('Health tells of the last backup and the last purge', async ({ page, signIn }) => {
  await signIn('engineer')
  await page.goto('/health')
  // An installation that was there before may have one.
  await expect(page.getByText(/^(No backup was ever made|A backup was made|The last backup is more than)/)).toBeVisible()
  await expect(page.getByText('What is past its time is purged once an hour.')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Retention' })).toBeVisible()
})
