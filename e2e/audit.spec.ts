import { readFileSync } from 'node:fs'
import { expectAccessible, expectFitting } from './axe.ts'
import { accounts, expect, test } from './fixtures.ts'

test('an admin finds an event by what, who and on what, and takes the list along', async ({ page, signIn }) => {
  await signIn('admin')
  await page.goto('/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit trail' }).click()
  const events = page.getByRole('region', { name: 'Events' })
  // Signing in just now is the newest thing that this person did.
  await page.getByLabel('Who').click()
  await page.getByRole('option', { name: accounts.admin.email }).click()
  await page.getByLabel('What').click()
  await page.getByRole('option', { name: 'Signed in', exact: true }).click()
  await expect(page).toHaveURL(/action=login/)
  const newest = events.getByRole('row').nth(1)
  await expect(newest).toContainText(accounts.admin.email)
  await expect(newest).toContainText('Signed in')
  await expectAccessible(page)
  await expectFitting(page)

  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download as CSV' }).click()
  const lines = readFileSync(await (await downloading).path(), 'utf8').trim().split('\r\n')
  expect(lines[0]).toContain('number,at,who')
  expect(new Set(lines.slice(1).map((line) => line.split(',')[5]))).toEqual(new Set(['login']))

  await newest.getByRole('link', { name: accounts.admin.name }).click()
  await expect(page.getByRole('button', { name: `Not only ${accounts.admin.name}` })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).toHaveURL(/\/admin\/audit$/)
  // Other people go on working meanwhile, so it need not be the newest.
  await expect(events.getByRole('row').filter({ hasText: accounts.admin.email }).filter({ hasText: 'Audit trail downloaded' }).first()).toBeVisible()
})
