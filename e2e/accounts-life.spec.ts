import type { Browser, Page } from '@playwright/test'
import { connect } from '../lib/ingest/sql/connect.ts'
import { expectAccessible, expectFitting } from './axe.ts'
import { accounts, expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'

const { admin } = accounts
const given = 'correct horse guest staple'
const chosen = 'velvet tractor sings at noon'
let made = 0

// What is refused on purpose: a password that is too easy, a link that was used, the sign-in of a disabled account.
test.use({ expectedComplaints: /\/invitations\/(accept answered 400|open answered 404)$|\/callback\/credentials answered 401$/ })

/** Somebody with an account of their own for one test. */
async function person(name: string, ...options: string[]): Promise<{ email: string; name: string }> {
  const email = `person-${process.pid}-${++made}-${Date.now()}@onramp.example`
  const added = await onramp('user', 'add', '--email', email, '--name', name, '--role', 'support', '--password', given, ...options)
  expect(added.code, added.stderr).toBe(0)
  return { email, name }
}

async function typeSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Another browser, signed in through the login page. */
async function elsewhere(browser: Browser, email: string, password: string): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: process.env.ONRAMP_E2E_URL })).newPage()
  await page.goto('/login')
  await typeSignIn(page, email, password)
  await expect(page).toHaveURL(/\/\/[^/]+\/$/)
  return page
}

async function query(statement: string, values: unknown[]): Promise<void> {
  const db = await connect((await onramp('db', 'url')).stdout.trim())
  await db.query(statement, values).finally(() => db.end())
}

async function choose(page: Page, name: string, change: string): Promise<void> {
  await page.getByLabel('Find a person').fill(name)
  await page.getByRole('button', { name: `Change ${name}` }).click()
  await page.getByRole('menuitem', { name: change }).click()
}

test('an admin invites somebody, whose link works once and leads into the portal', async ({ page, browser, signIn }) => {
  await signIn('admin')
  await page.goto('/admin/users')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Accounts' }).click()
  await expect(page.getByRole('row', { name: new RegExp(`${admin.name}.*\\(you\\)`) })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  const dialog = page.getByRole('dialog')
  const email = `nora-${Date.now()}@onramp.example`
  await dialog.getByLabel('E-mail').fill(email)
  await dialog.getByLabel('Name').fill('Nora New')
  await dialog.getByRole('radio', { name: 'Engineer' }).check()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await expect(dialog.getByRole('heading', { name: 'Send this link to Nora New' })).toBeVisible()
  const link = await dialog.getByLabel('One-time link').inputValue()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('row', { name: 'Nora New' }).last()).toContainText('Invited')

  const guest = await (await browser.newContext()).newPage()
  const seen: string[] = []
  guest.on('request', (request) => seen.push(request.url(), request.headers().referer ?? ''))
  await guest.goto(link)
  await expect(guest.getByRole('heading', { name: 'Welcome, Nora New' })).toBeVisible()
  expect(guest.url()).toMatch(/\/invite$/)
  await expectAccessible(guest)
  const field = guest.getByLabel('New password')
  await field.fill('Nora New 12345')
  await expect(guest.getByText('Not yet: At least 15 characters.')).toBeVisible()
  await field.fill('Manchester United')
  await guest.getByRole('button', { name: 'Set the password and sign in' }).click()
  await expect(guest.getByText('The password is one of the first that would be guessed.')).toBeVisible()
  await guest.getByRole('button', { name: 'Show what is typed' }).click()
  await expect(field).toHaveAttribute('type', 'text')
  await field.fill(chosen)
  await guest.getByRole('button', { name: 'Set the password and sign in' }).click()
  await expect(guest.getByRole('button', { name: 'Account of Nora New' })).toBeVisible()
  expect(seen.filter((text) => text.includes(link.split('#')[1]!))).toEqual([])

  const late = await (await browser.newContext()).newPage()
  await late.goto(link)
  await expect(late.getByText('This link does not work')).toBeVisible()
  await expectAccessible(late)
})

test('a password that somebody else gave opens only the page that replaces it', async ({ page }) => {
  const { email, name } = await person('Gil Given')
  await page.goto('/shops')
  await typeSignIn(page, email, given)
  await expect(page.getByRole('heading', { name: 'Choose a password of your own' })).toBeVisible()
  expect((await page.request.get('/api/v1/shops')).status()).toBe(403)
  await page.goto('/loads')
  await expect(page).toHaveURL(/\/password\?next=%2Floads$/)
  await expectAccessible(page)
  await page.getByLabel('Password you were given').fill(given)
  await page.getByLabel('New password').fill(chosen)
  await page.getByRole('button', { name: 'Change the password' }).click()
  await expect(page).toHaveURL(/\/loads$/)
  await expect(page.getByRole('button', { name: `Account of ${name}` })).toBeVisible()
})

test('people change their password and sign out their other browsers', async ({ page, browser }) => {
  const { email, name } = await person('Olga Own', '--keep-password')
  const first = await elsewhere(browser, email, given)
  await page.goto('/login')
  await typeSignIn(page, email, given)
  await page.getByRole('button', { name: `Account of ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Your account' }).click()
  const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')
  await expect(sessions).toHaveCount(2)
  await expect(sessions.filter({ hasText: 'This browser' })).toHaveCount(1)
  await expectAccessible(page)
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click()
  await expect(sessions).toHaveCount(1)
  await first.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Loads' }).click()
  await expect(first.getByRole('heading', { name: 'Sign in' })).toBeVisible()

  const second = await elsewhere(browser, email, given)
  await page.getByLabel('Current password').fill(given)
  await page.getByLabel('New password').fill(chosen)
  await page.getByRole('button', { name: 'Change the password' }).click()
  await expect(page.getByText('One other session has ended.')).toBeVisible()
  await second.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Loads' }).click()
  await expect(second.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.reload()
  await expect(sessions).toHaveCount(1)

  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto('/loads')
  await expect(page).toHaveURL(/\/login/)
})

test.describe('with the password given long ago', () => {
  test.use({ expectedStatuses: [400, 403] })

  test('an admin gives it again, and what is changed counts at the next click', async ({ page, browser, signIn }) => {
    const { email, name } = await person('Lena Leaver', '--keep-password')
    const lena = await elsewhere(browser, email, given)
    await signIn('admin')
    await page.goto('/admin/users')
    await query('update session s join `user` u on u.id = s.userId set s.confirmedAt = now(3) - interval 1 hour where u.email = ?', [admin.email])
    await choose(page, name, 'Change the role')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'Viewer' }).check()
    await dialog.getByRole('button', { name: 'Change the role' }).click()
    await dialog.getByLabel('Your password').fill('not my password')
    await dialog.getByRole('button', { name: 'Change the role' }).click()
    await expect(dialog.getByText('This is not your password.')).toBeVisible()
    await dialog.getByLabel('Your password').fill(admin.password)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Change the role' }).click()
    await expect(page.getByText(`${name} is viewer now.`)).toBeVisible()
    await lena.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Loads' }).click()
    await expect(lena.getByRole('heading', { name: 'Sign in' })).toBeVisible()

    await choose(page, name, 'Disable')
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await expect(page.getByRole('row', { name })).toContainText('Disabled')
    await typeSignIn(lena, email, given)
    await expect(lena.getByText('The e-mail or the password is wrong.')).toBeVisible()
    await expect(page.getByRole('button', { name: `Change ${admin.name}` })).toHaveCount(0)
  })
})

test('roles are told as the server decides, and the pages fit a phone', async ({ page, signIn }) => {
  await signIn('admin')
  await page.goto('/admin/roles')
  await expect(page.getByRole('row', { name: /^Manage accounts/ }).getByText('Yes')).toHaveCount(1)
  await expectAccessible(page)
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of ['/admin/users', '/admin/roles', '/account', '/invite']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectFitting(page)
  }
})

test('guesses are refused after five, whatever address they claim to come from', async ({ request }) => {
  const { email } = await person('Vic Victim', '--keep-password')
  const { csrfToken } = (await (await request.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const guess = async (password: string, address: string) => {
    const answer = await request.post('/api/auth/callback/credentials', {
      form: { csrfToken, email, password, json: 'true', callbackUrl: '/' }, headers: { 'x-forwarded-for': address, 'x-onramp-connection': address },
    })
    return new URL(((await answer.json()) as { url: string }).url).searchParams.get('error')
  }
  for (let i = 1; i <= 5; i++) expect(await guess('a wrong password', `198.51.100.${i}`)).toBe('CredentialsSignin')
  expect(await guess(given, '198.51.100.99')).toBe('too_many_requests')
})
