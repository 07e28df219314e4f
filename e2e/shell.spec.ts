import type { Route } from '@playwright/test'
import { expectAccessible, expectFitting, looks } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { SCRIPTS, heldBack } from './held-back.ts'

const pages = ['/', '/help/contract', '/health', '/login']

for (const { colorScheme, width } of looks) {
  test.describe(`${colorScheme}, ${width} pixels wide`, () => {
    test.use({ colorScheme, viewport: { width, height: 900 } })

    test('the frame and its pages can be used by everybody', async ({ page, signIn }) => {
      test.slow()
      await page.goto('/login')
      await expectAccessible(page)
      await expectFitting(page)
      await signIn('engineer')
      for (const path of pages) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expectAccessible(page)
        await expectFitting(page)
      }
    })
  })
}

test('the palette opens with the keyboard, goes places, and gives the focus back', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  await page.getByRole('button', { name: 'Search and commands' }).focus()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Search and commands' })).toBeFocused()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('contract')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/help\/contract$/)
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('G and a letter jumps, but not while typing', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  await expect(page.getByRole('button', { name: 'Search and commands' })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await expect(page).toHaveURL(/\/help\/contract$/)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('A page, or the id of a load or an invoice').pressSequentially('gh')
  await expect(page).toHaveURL(/\/help\/contract$/)
})

test('single keys do nothing once they are switched off, which stays', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/shops')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Single-key shortcuts' }).click()
  await page.reload()
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Find or go to' })
  await expect(palette.getByRole('option', { name: 'Home' })).toHaveText('Home')
  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()
  for (const key of ['/', 'g', 'c']) await page.keyboard.press(key)
  await expect(page.getByRole('searchbox', { name: 'Find a shop' })).not.toBeFocused()
  await expect(page).toHaveURL(/\/shops$/)
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Single-key shortcuts', checked: false }).click()
  await expect(page.getByRole('menu')).toHaveCount(0)
  for (const key of ['g', 'c']) await page.keyboard.press(key)
  await expect(page).toHaveURL(/\/help\/contract$/)
})

test('the first Tab leads past the navigation', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto('/help/contract')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()
})

test('the theme is chosen in the account menu and stays', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto('/')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await page.reload()
  await expect(page.locator('html')).toHaveClass(/dark/)
})

test('until the script of a page runs, nothing on it takes a press that would be lost', async ({ page, signIn }) => {
  await signIn('viewer')
  const run = await heldBack(page, SCRIPTS)
  await page.goto('/', { waitUntil: 'commit' })
  const account = page.getByRole('button', { name: /^Account of/ })
  await expect(account).toBeVisible()
  const pressed = account.click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  run()
  await pressed
  await expect(page.getByRole('menu')).toBeVisible()
})

test.describe('while the portal is away', () => {
  test.use({ expectedComplaints: /^failed request .*: net::ERR_CONNECTION_RESET$/ })

  test('a page that cannot be fetched leaves the one that is seen where it is, says so, and comes by itself', async ({ page, signIn }) => {
    await signIn('engineer')
    await page.goto('/health')
    await page.evaluate(() => Object.assign(window, { notReloaded: true }))
    const away = page.getByRole('status').getByText('The portal cannot be reached.')
    const ofPages = (url: URL) => !url.pathname.startsWith('/api/') && !url.pathname.startsWith('/_next/')
    const isOfPage = (headers: Record<string, string>) => 'rsc' in headers && !('next-router-prefetch' in headers)
    const lost = async (route: Route) => (isOfPage(route.request().headers()) ? route.abort('connectionreset') : route.fallback())

    // The page reads itself again every ten seconds.
    await page.route(ofPages, lost)
    await expect(away).toBeVisible({ timeout: 15_000 })
    await expect(page.getByRole('heading', { level: 1, name: 'Health' })).toBeVisible()
    await expectAccessible(page)
    await expectFitting(page)
    await page.getByRole('link', { name: 'Shops' }).click()
    await page.unroute(ofPages, lost)
    await expect(page).toHaveURL(/\/shops$/)
    await expect(page.getByRole('heading', { level: 1, name: 'Shops' })).toBeVisible()
    await expect(away).toHaveCount(0)
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
  })
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } })

  test('the navigation opens as a sheet and closes behind its links', async ({ page, signIn }) => {
    await signIn('support')
    await page.goto('/')
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden()
    await page.getByRole('button', { name: 'Open the menu' }).click()
    const sheet = page.getByRole('dialog')
    await expectAccessible(page)
    await sheet.getByRole('link', { name: 'Contract help' }).click()
    await expect(page).toHaveURL(/\/help\/contract$/)
    await expect(sheet).toHaveCount(0)
  })
})

test('every page has a policy with a nonce of its own, and no cache may keep it', async ({ page, signIn }) => {
  await signIn('support')
  const nonces = new Set<string>()
  for (const path of ['/', '/', '/help/contract', '/login']) {
    const headers = (await page.goto(path))!.headers()
    expect(headers['cache-control']).toContain('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    nonces.add(/'nonce-([^']+)'/.exec(headers['content-security-policy']!)![1]!)
  }
  expect(nonces.size).toBe(4)
})

test('opening and closing a menu leaves the page where it was scrolled to', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/help/contract#payment')
  const heading = page.getByRole('heading', { name: 'payments.csv' })
  await expect(heading).toBeInViewport()
  const top = async () => (await heading.boundingBox())!.y
  const before = await top()
  expect(before, 'below the top bar').toBeGreaterThan(48)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  expect(await top()).toBe(before)
})

test.describe('at an address that no page has', () => {
  test.use({ expectedStatuses: [404] })

  test('the frame stays, and the API answers in its own way', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/no/such/page')
    await expect(page.getByRole('heading', { name: 'This page does not exist' })).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
    const answer = await page.request.get('/api/v1/no/such/thing')
    expect(answer.status()).toBe(404)
    expect(((await answer.json()) as { error: { code: string } }).error.code).toBe('not_found')
  })
})

test('templates of the contract are downloaded with their header', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto('/help/contract')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Template of vehicles.csv' }).first().click()])
  expect(download.suggestedFilename()).toBe('vehicles.csv')
})
