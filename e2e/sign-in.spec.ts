import { connect } from '../lib/ingest/sql/connect.ts'
import { accounts, expect, test } from './fixtures.ts'

const { support } = accounts
const refusal = 'The e-mail or the password is wrong. Check both and try again.'

test.describe('with a wrong password', () => {
  test.use({ expectedStatuses: [401] })

  test('an unknown account and a wrong password get the same words, the right password gets in, and signing out gets out', async ({ page }) => {
    await page.goto('/')
    await expect(page).toHaveURL(/\/login$/)
    await page.getByLabel('E-mail').fill('nobody@onramp.example')
    await page.getByLabel('Password').fill('a password of nobody')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert').filter({ hasText: refusal })).toBeVisible()

    await page.getByLabel('E-mail').fill(support.email)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert').filter({ hasText: refusal })).toBeVisible()

    await page.getByLabel('Password').fill(support.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page).toHaveURL(/\/$/)

    await page.getByRole('button', { name: `Account of ${support.name}` }).click()
    await expect(page.getByText('Role: Support')).toBeVisible()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await page.goto('/loads')
    await expect(page).toHaveURL(/\/login\?next=%2Floads$/)
  })
})

test('a link sent by a colleague opens after signing in', async ({ page }) => {
  await page.goto('/help/contract?from=mail')
  await expect(page).toHaveURL(/\/login\?next=/)
  await page.getByLabel('E-mail').fill(support.email.toUpperCase())
  await page.getByLabel('Password').fill(support.password)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/help\/contract\?from=mail$/)
  await expect(page.getByRole('heading', { level: 1, name: 'Contract v1' })).toBeVisible()
})

test('a link that leads elsewhere ends at home', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/login?next=//evil.example/')
  await expect(page).toHaveURL(/\/\/[^/]+\/$/)
})

test('a viewer is offered nothing that a viewer may not do', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto('/')
  const main = page.getByRole('navigation', { name: 'Main' })
  await expect(main.getByRole('link', { name: 'Loads' })).toBeVisible()
  await expect(main.getByRole('link', { name: 'Staging' })).toHaveCount(0)
  await expect(main.getByRole('link', { name: 'Health' })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'New load' })).toHaveCount(0)
})

test.describe('at a page of engineers', () => {
  test.use({ expectedStatuses: [403] })

  test('a viewer is told that the role does not allow it, and an engineer sees it', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/health')
    await expect(page.getByRole('heading', { name: 'Your role does not allow this' })).toBeVisible()
    expect((await page.request.get('/api/v1/health')).status()).toBe(403)
    await page.context().clearCookies()
    await signIn('engineer')
    await page.goto('/health')
    await expect(page.getByRole('heading', { level: 1, name: 'Health' })).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Database' })).toBeVisible()
  })
})

test('an account that is disabled is out at the next click', async ({ page, onramp }) => {
  const email = `leaver-${Date.now()}@onramp.example`
  const password = 'correct horse leaver staple'
  expect((await onramp('user', 'add', '--email', email, '--name', 'Lee Leaver', '--role', 'support', '--password', password, '--keep-password')).code).toBe(0)
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('button', { name: 'Account of Lee Leaver' })).toBeVisible()

  const db = await connect((await onramp('db', 'url')).stdout.trim())
  await db.query('update `user` set disabledAt = now(3) where email = ?', [email])
  await db.end()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Contract help' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('answers of the API say no without a session, and forged sessions are none', async ({ request }) => {
  for (const cookie of ['', 'onramp.session=forged', 'onramp.session=eyJhbGciOiJub25lIn0..a.b.c']) {
    const answer = await request.get('/api/v1/contract', { headers: { cookie } })
    expect(answer.status()).toBe(401)
    expect(await answer.json()).toEqual({ error: { code: 'not_signed_in', message: 'Sign in to go on.' } })
  }
})
