import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RowDataPacket } from 'mysql2/promise'
import type { Page } from '@playwright/test'
import { entities, type EntityName } from '#lib/contract/index.ts'
import type { Report } from '#lib/ingest/report.ts'
import { startDisturbed, type Disturbed, type Part } from './disturbed-installation.ts'
import { accounts, expect, signInAs, test as base } from './fixtures.ts'
import { bundledSample } from './samples.ts'

// Several waits here are the product's own: 10 s until a page says that it is cut off, 5 s until a silent worker counts as lost.
base.describe.configure({ mode: 'serial', timeout: 480_000 })

const WITHIN_MS = 3_000
const RECOVERED_WITHIN_MS = 120_000
const account = accounts.engineer
let onramp: Disturbed
let sample: { id: string; shop: string }

const test = base.extend<object, { disturbed: Disturbed }>({
  disturbed: [async ({}, use) => {
    onramp = await startDisturbed(account)
    const { code, stderr } = await onramp.onramp('load', bundledSample)
    expect(code, stderr).toBe(2)
    const [[row]] = await onramp.database.query<RowDataPacket[]>('select cast(id as char) as id, cast(shopId as char) as shop from `load`')
    sample = row as typeof sample
    await use(onramp)
    await onramp.stop()
  }, { scope: 'worker', timeout: 240_000 }],
  baseURL: async ({ disturbed }, use) => use(disturbed.address),
})
test.use({
  expectedStatuses: [503],
  // What browsers, React and Next say of connections that are cut on purpose, and of pages that could not be made; and a sign-in meanwhile.
  expectedComplaints: /^failed request|^console error .*error #441|\/callback\/credentials answered 401$/,
})
test.beforeEach(({ page }) => signInAs(page, account))

const post = (page: Page, place: string, data: unknown) => page.request.post(place, { headers: { origin: onramp.address }, data })
const running = () => (['portal', 'worker'] as const).map((part) => onramp.pid(part))
const reconnecting = (page: Page) => page.getByText('Reconnecting…')

/** Kills a part, and waits for the one that takes its place. */
async function kill(part: Part): Promise<number> {
  const before = onramp.pid(part)!
  process.kill(before, 'SIGKILL')
  await expect.poll(() => onramp.pid(part), { timeout: RECOVERED_WITHIN_MS, intervals: [20] }).not.toBe(before)
  await expect.poll(() => onramp.pid(part), { timeout: RECOVERED_WITHIN_MS, intervals: [20] }).toBeDefined()
  return onramp.pid(part)!
}

/** Runs the sample again with a worker that gets no answer as soon as it comes to line items. */
async function holdRerun(page: Page): Promise<void> {
  let silenced = false
  onramp.workersDatabase.fault = ({ text }) => {
    if (!text.includes('line_item')) return undefined
    silenced = true
    return 'silent'
  }
  expect((await post(page, `/api/v1/loads/${sample.id}/attempts`, { attempt: 'rerun' })).ok()).toBe(true)
  // From here on nothing changes that would make the page read itself again.
  await expect.poll(() => silenced, { timeout: RECOVERED_WITHIN_MS }).toBe(true)
  // What is not there yet cannot be cut.
  const stream = page.waitForResponse(/\/events$/, { timeout: RECOVERED_WITHIN_MS })
  await page.goto(`/loads/${sample.id}`)
  await expect(page.getByText(/^Running for /)).toBeVisible()
  await stream
}

/** Page, API and database tell the same numbers of the newest attempt at the sample. */
async function expectSameNumbers(page: Page): Promise<void> {
  const report = (await (await page.request.get(`/api/v1/loads/${sample.id}/report`)).json()) as Report
  const table = page.getByRole('table', { name: /^Reconciliation/ })
  for (const [i, { name }] of entities.entries()) {
    const { records, accepted, unchanged } = report.entities[name]
    const cells = await table.locator('tbody tr').nth(i).getByRole('cell').allInnerTexts()
    expect([cells[1], cells[3], cells[6]].map((text) => Number(text!.replaceAll(',', ''))), name).toEqual([records, accepted, unchanged])
    expect(unchanged, name).toBe(accepted)
    expect(await production(name), name).toBe(accepted)
  }
}

/** Rows that the sample brought: another load of its shop may come in meanwhile. */
async function production(name: EntityName): Promise<number> {
  const [[row]] = await onramp.database.query<RowDataPacket[]>(`select count(*) as total from \`${name}\` where importedLoadId = ?`, [sample.id])
  return Number(row!.total)
}

/** What API and page say, within the time that people are promised, to whoever comes first. */
async function expectAwayInTime(page: Page, other: Page): Promise<void> {
  const began = Date.now()
  const answer = await page.request.get('/api/v1/shops')
  expect(Date.now() - began, 'ms until the API answered').toBeLessThan(WITHIN_MS)
  expect([answer.status(), answer.headers()['retry-after']]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ error: { code: 'unavailable' } })
  const shown = await other.goto('/invoices')
  expect([shown!.status(), shown!.headers()['retry-after']]).toEqual([503, '5'])
  await expect(away(other)).toBeVisible()
  const took = await other.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).responseEnd)
  expect(took, 'ms until the page was there').toBeLessThan(WITHIN_MS)
}

const away = (page: Page) => page.getByRole('heading', { level: 1, name: 'The database does not answer' })

test('while the database is away, pages and API say so within 3 seconds, nobody is signed out, and all comes back by itself', async ({ page, context, browser }) => {
  const visitor = await (await browser.newContext({ baseURL: onramp.address })).newPage()
  await visitor.goto('/login')
  await page.goto('/shops')
  await page.evaluate(() => Object.assign(window, { notReloaded: true }))
  const sessionCookie = async () => (await context.cookies()).find(({ name }) => name === 'onramp.session')
  const before = running()

  onramp.portalsDatabase.takeDown()
  const other = await context.newPage()
  await expectAwayInTime(page, other)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Loads' }).click()
  await expect(away(page)).toBeVisible()
  await expect(page.getByText('you are still signed in')).toBeVisible()
  // What renews the session may not end it either.
  await page.request.get('/api/auth/session')
  expect(await sessionCookie()).toBeDefined()
  await visitor.getByLabel('E-mail').fill(account.email)
  await visitor.getByLabel('Password').fill(account.password)
  await visitor.getByRole('button', { name: 'Sign in' }).click()
  await expect(visitor.getByRole('alert').filter({ hasText: 'Onramp could not be reached' })).toBeVisible()

  onramp.portalsDatabase.up()
  await visitor.context().close()
  await expect(page.getByRole('heading', { level: 1, name: 'Loads' })).toBeVisible()
  await expect(other.getByRole('heading', { level: 1, name: 'Invoices' })).toBeVisible()
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
  expect(running(), 'no process died of it').toEqual(before)
})

// As the portal has them (lib/data/prisma.ts, lib/data/database.ts).
const [CONNECTIONS, SHARED_CONNECTIONS] = [10, 4]

test('while all of the portal’s connections to the database are taken, whoever needs one hears so within 3 seconds, and then all goes on', async ({ page, context }) => {
  const before = running()
  const other = await context.newPage()
  const stuck = async () => Number((await onramp.database.query<RowDataPacket[]>("select count(*) as n from information_schema.processlist where db = database() and state = 'Waiting for table metadata lock'"))[0][0]!.n)

  await onramp.database.query('lock tables session write')
  const asked = Array.from({ length: CONNECTIONS + 2 }, () => page.request.get('/api/v1/shops'))
  await expect.poll(stuck).toBe(CONNECTIONS)
  await expectAwayInTime(page, other)
  await onramp.database.query('unlock tables')
  expect((await Promise.all(asked)).map((answer) => answer.status()).sort()).toEqual([...Array(CONNECTIONS).fill(200), 503, 503])
  await expect(other.getByRole('heading', { level: 1, name: 'Invoices' })).toBeVisible()

  // Those that write to the audit trail share others.
  await onramp.database.query('lock tables audit_chain write')
  const downloads = Array.from({ length: SHARED_CONNECTIONS }, () => page.request.get(`/api/v1/loads/${sample.id}/exceptions/csv`))
  await expect.poll(stuck).toBe(SHARED_CONNECTIONS)
  const began = Date.now()
  const refused = await page.request.get(`/api/v1/loads/${sample.id}/exceptions/csv`)
  expect(Date.now() - began, 'ms until the API answered').toBeLessThan(WITHIN_MS)
  expect([refused.status(), refused.headers()['retry-after'], (await page.request.get('/api/v1/shops')).status()]).toEqual([503, '5', 200])
  await onramp.database.query('unlock tables')
  expect((await Promise.all(downloads)).map((answer) => answer.status())).toEqual(Array(SHARED_CONNECTIONS).fill(200))
  expect(running(), 'no process died of it').toEqual(before)
})

test('a live page whose stream is cut again and again and whose worker is killed says so, recovers, and ends with the true numbers', async ({ page }) => {
  await holdRerun(page)
  await page.evaluate(() => Object.assign(window, { notReloaded: true }))
  for (let cut = 1; cut <= 3; cut++) {
    const again = page.waitForResponse(/\/events$/, { timeout: RECOVERED_WITHIN_MS })
    onramp.browsers.cut()
    await again
    await expect(page.getByText(/^Worker’s last sign of life [0-4] s ago$/)).toBeVisible()
  }

  onramp.workersDatabase.fault = () => undefined
  const next = await kill('worker')
  // The next worker would take the load before anybody could read that it had lost the first.
  process.kill(next, 'SIGSTOP')
  await expect(page.getByRole('alert').filter({ hasText: /The worker stopped .* ago\./ })).toContainText('The load will continue by itself; nothing is lost.')
  process.kill(next, 'SIGCONT')
  await expect(page.getByLabel('Outcome')).toContainText(/0 new, 0 changed/, { timeout: RECOVERED_WITHIN_MS })
  await expect(page.getByText('The worker stopped')).toHaveCount(0)
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)
  await expectSameNumbers(page)
})

test('while the portal is killed and away, an upload waits and goes on, a live page says that it reconnects, other pages stay', async ({ page, context }) => {
  const [home, wizard, rows] = [await context.newPage(), await context.newPage(), 400]
  await wizard.goto(`/loads/new?shop=${sample.shop}`)
  await wizard.getByLabel('Load id').fill('cut-off')
  await wizard.getByRole('button', { name: 'Continue to files' }).click()
  const suppliers = Buffer.from(`externalSupplierId,supplierName,notes\n${Array.from({ length: rows }, (_, i) => `cut-${i},Supplier ${i},"${'long, '.repeat(1700)}"\n`).join('')}`)
  const customers = Buffer.from('externalCustomerId,firstName\ncut-1,Zoë\n')
  await wizard.getByLabel('Files of the load').setInputFiles([['customers.csv', customers], ['suppliers.csv', suppliers]].map(([name, buffer]) => ({ name: name as string, mimeType: 'text/csv', buffer: buffer as Buffer })))
  for (const name of ['vehicles', 'invoices', 'line_items', 'payments', 'inventory_parts']) await wizard.getByRole('button', { name: `Add an empty ${name}.csv` }).click()
  await wizard.getByRole('button', { name: 'Create manifest from these files' }).click()
  await wizard.getByRole('button', { name: 'Continue to review' }).click()
  await wizard.getByRole('checkbox').click()

  await holdRerun(page)
  await home.goto('/')
  await expect(home.getByRole('heading', { name: 'My running loads' })).toBeVisible({ timeout: RECOVERED_WITHIN_MS })
  for (const other of [home, page]) await other.evaluate(() => Object.assign(window, { notReloaded: true }))
  const offsets: number[] = []
  wizard.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  onramp.browsers.stopAfter(suppliers.length / 2)
  await wizard.getByRole('button', { name: 'Send the files' }).click()
  await expect.poll(() => onramp.browsers.stopped, { timeout: RECOVERED_WITHIN_MS, intervals: [20] }).toBe(true)
  // What is on its way has arrived.
  await sleep(300)

  onramp.browsers.takeDown()
  const killing = kill('portal')
  onramp.browsers.flow()
  await expect(reconnecting(page)).toBeVisible({ timeout: RECOVERED_WITHIN_MS })
  await expect(home.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(wizard.getByRole('heading', { name: 'Sending the files' })).toBeVisible()
  await killing
  onramp.browsers.up()

  await expect(wizard).toHaveURL(/\/loads\/\d+$/, { timeout: RECOVERED_WITHIN_MS })
  await expect(reconnecting(page)).toHaveCount(0, { timeout: RECOVERED_WITHIN_MS })
  onramp.workersDatabase.fault = () => undefined
  onramp.workersDatabase.cut()
  await expect(page.getByLabel('Outcome')).toContainText(/0 new, 0 changed/, { timeout: RECOVERED_WITHIN_MS })
  await expectSameNumbers(page)
  for (const other of [home, page]) expect(await other.evaluate(() => 'notReloaded' in window)).toBe(true)

  await expect(wizard.getByLabel('Outcome')).toBeVisible({ timeout: RECOVERED_WITHIN_MS })
  expect(Math.max(...offsets), 'the upload went on in the middle of the large file').toBeGreaterThan(customers.length)
  const id = new URL(wizard.url()).pathname.split('/').at(-1)!
  const report = (await (await wizard.request.get(`/api/v1/loads/${id}/report`)).json()) as Report
  expect([report.entities.supplier.inserted, report.entities.customer.inserted]).toEqual([rows, 1])
  const sent = await (await wizard.request.get(`/api/v1/loads/${id}/files/suppliers.csv`)).body()
  expect(createHash('sha256').update(sent).digest('hex')).toBe(createHash('sha256').update(suppliers).digest('hex'))
  const [[{ loads, jobs, files }]] = await onramp.database.query<RowDataPacket[]>(`
    select count(distinct l.id) as loads, (select count(*) from job where job.loadId = max(l.id)) as jobs, (select count(*) from load_file f where f.loadId = max(l.id)) as files
    from \`load\` l where l.slug = 'cut-off'`) as unknown as [[{ loads: number; jobs: number; files: number }]]
  expect([loads, jobs, files].map(Number)).toEqual([1, 1, 8])
})
