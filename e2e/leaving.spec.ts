import { expect, test } from './fixtures.ts'
import { choose, loadId, review, sample, send, toFiles } from './wizard.ts'

// Going back, leaving and coming again, in the wizard and while files are sent.
test.describe.configure({ timeout: 180_000 })

test('Back in the browser goes a step back, with what was chosen; a step that was not come to is not shown', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  await choose(page, sample())
  await review(page)
  await expect(page).toHaveURL(/step=review/)
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Which files?' })).toBeFocused()
  await expect(page.getByRole('row', { name: /customers\.csv/ })).toContainText('Matches')
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Whose books are these?' })).toBeFocused()
  await expect(page.getByLabel('Load id')).toHaveValue(loadId)
  await page.goForward()
  await page.goForward()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused()

  // What the later steps rest on has changed: they are come to by the button alone.
  await page.getByRole('button', { name: 'Shop & partner' }).click()
  await page.getByLabel('Load id').fill('')
  await page.goBack()
  await expect(page).toHaveURL(/step=review/)
  await expect(page.getByRole('heading', { name: 'Whose books are these?' })).toBeVisible()

  await page.reload()
  await expect(page.getByRole('heading', { name: 'Whose books are these?' })).toBeVisible()
})

test('Back in the browser asks before it stops an upload; who has stopped it can send again', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  await choose(page, sample())
  await review(page)
  // Its files never arrive: this is how a slow line looks.
  await page.route(/\/api\/v1\/uploads/, (route) => (route.request().method() === 'PATCH' ? undefined : route.continue()))
  await send(page)
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible()
  const question = page.getByRole('alertdialog', { name: 'Leave while files are being sent?' })
  for (const stay of [() => question.getByRole('button', { name: 'Stay here' }).click(), () => page.keyboard.press('Escape')]) {
    await page.goBack()
    await expect(question).toBeVisible()
    await stay()
    await expect(question).toHaveCount(0)
    await expect(page).toHaveURL(/step=upload/)
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible()
  }
  await page.goBack()
  await question.getByRole('button', { name: 'Stop the upload and go back' }).click()
  await expect(question).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
  await expect(page).toHaveURL(/step=review/)
  await page.unroute(/\/api\/v1\/uploads/)
  await send(page)
  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 90_000 })
})

test('Back while the server is asked where to send gives the upload up, whatever it answers', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  await choose(page, sample())
  await review(page)
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  await page.route(/\/api\/v1\/loads$/, async (route) => {
    await held
    await route.continue()
  })
  const sent: string[] = []
  page.on('request', (request) => request.url().includes('/api/v1/uploads') && sent.push(request.method()))
  await send(page)
  await expect(page.getByText('Asking the server where to send the files…')).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
  const answered = page.waitForResponse(/\/api\/v1\/loads$/)
  letGo()
  await (await answered).finished()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Which files?' })).toBeVisible()
  expect(sent).toEqual([])
  await page.unroute(/\/api\/v1\/loads$/)
  await review(page)
  await send(page)
  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 90_000 })
})

test('a link to go on with an upload that is over leads to its load', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  await choose(page, sample())
  await review(page)
  await send(page)
  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 90_000 })
  const load = page.url()
  await page.goto(load.replace('/loads/', '/loads/new?resume='))
  await expect(page).toHaveURL(load)
})

test.describe('while files are sent', () => {
  test.use({ expectedComplaints: /\/api\/v1\/loads answered 401$/ })

  test('an upload under way is not left without a question, also by keys; who is signed out meanwhile signs in and goes on', async ({ page, signIn }) => {
    await signIn('support')
    await toFiles(page)
    await choose(page, sample())
    await review(page)
    const [cookies, context] = [await page.context().cookies(), page.context()]
    await context.clearCookies()
    await send(page)
    await expect(page.getByText('You are signed out')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Sign in, in a new tab' })).toHaveAttribute('href', '/login')
    await context.addCookies(cookies)
    // Its files never arrive: this is how a slow line looks.
    await page.route(/\/api\/v1\/uploads/, (route) => (route.request().method() === 'PATCH' ? undefined : route.continue()))
    await page.getByRole('button', { name: 'Send again' }).click()
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible()
    const question = page.getByRole('alertdialog', { name: 'Leave while files are being sent?' })
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await expect(question).toBeVisible()
    await question.getByRole('button', { name: 'Stay here' }).click()
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('combobox', { name: 'Find or go to' })
    await expect(palette).toBeFocused()
    await palette.fill('Invoices')
    await expect(page.getByRole('option', { selected: true })).toHaveText(/^Invoices/)
    await page.keyboard.press('Enter')
    await expect(question).toBeVisible()
    await question.getByRole('button', { name: 'Stop the upload and leave' }).click()
    await expect(page).toHaveURL(/\/invoices/)
  })
})
