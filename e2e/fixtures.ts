import { test as base, expect, type BrowserContext, type Page, type Response } from '@playwright/test'
import { accounts, type RoleName } from './accounts.ts'
import { canariesIn } from './canaries.ts'
import { onramp } from './onramp.ts'
import { decoded, personalDataIn } from './personal-data.ts'

type Fixtures = {
  /** Signs this page's browser in, without going through the login page. */
  signIn: (role: RoleName) => Promise<void>
  /** Runs the command line against the installation under test. */
  onramp: typeof onramp
  /** Statuses of 400 and above that the test brings about on purpose: `test.use({ expectedStatuses: [404] })`. */
  expectedStatuses: number[]
  /** Complaints that a test brings about on purpose, as when it breaks connections. */
  expectedComplaints: RegExp | null
  quiet: void
}

/** What no page may do: errors in the console, uncaught errors, broken requests, violations of the security policy, people in addresses. */
function listen(page: Page, portal: string, expectedStatuses: readonly number[], complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`uncaught error on ${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    // The browser's own line about an answer; the answer itself is judged below.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource:')) complaints.push(`console error on ${page.url()}: ${message.text()}`)
  })
  page.on('requestfailed', (request) => {
    // Leaving a page cuts off its event stream and what it was still prefetching.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed request ${request.method()} ${request.url()}: ${request.failure()?.errorText}`)
  })
  const ownAddress = (address: string) => {
    const told = address.startsWith(portal) ? [...personalDataIn(address), ...canariesIn(decoded(address))] : []
    if (told.length > 0) complaints.push(`the address ${address} tells ${told.join(', ')}`)
  }
  page.on('request', (request) => ownAddress(request.url()))
  // Addresses change without a request, too.
  page.on('framenavigated', (frame) => ownAddress(frame.url()))
  page.on('response', (response: Response) => {
    const status = response.status()
    if (status >= 400 && !expectedStatuses.includes(status)) complaints.push(`${response.request().method()} ${response.url()} answered ${status}`)
  })
}

/** Signs this page's browser in with an account of the test's own. */
export async function signInAs(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  const { csrfToken } = (await (await page.request.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const form = { csrfToken, email, password, json: 'true', callbackUrl: '/' }
  const answer = await page.request.post('/api/auth/callback/credentials', { form })
  expect(answer.ok(), `signing in as ${email}`).toBe(true)
}

/** Playwright's test with our fixtures; a test also fails when one of its pages complained. */
export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => use(process.env.ONRAMP_E2E_URL),
  expectedStatuses: [[], { option: true }],
  expectedComplaints: [null, { option: true }],
  quiet: [async ({ browser, context, baseURL, expectedStatuses, expectedComplaints }, use) => {
    const complaints: string[] = []
    const hear = (one: BrowserContext) => void one.on('page', (page) => listen(page, baseURL!, expectedStatuses, complaints))
    hear(context)
    // Other people's browsers are contexts that the test makes by itself.
    browser.on('context', hear)
    await use()
    browser.off('context', hear)
    expect(complaints.filter((complaint) => !expectedComplaints?.test(complaint)), 'what the pages of this test complained about').toEqual([])
  }, { auto: true }],
  onramp: async ({}, use) => use(onramp),
  signIn: async ({ page }, use) => use((role) => signInAs(page, accounts[role])),
})

export { accounts, expect }
export type { RoleName }
