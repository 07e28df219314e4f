import path from 'node:path'
import type { RowDataPacket } from 'mysql2/promise'
import { connect } from '../lib/ingest/sql/connect.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'
import { bundledSample } from './samples.ts'

const password = 'correct horse partner staple'
const slug = path.basename(bundledSample)
const unique = Date.now().toString(36)
const partner = `partner-${unique}`
const person = { email: `lia-${unique}@onramp.example`, name: `Lia ${unique}` }
/** The sample under the name of a partner of the test's own, and the same load id at another partner. */
let load: { own: string; other: string; shop: string }

test.beforeAll(async () => {
  test.setTimeout(180_000)
  const loaded = await onramp('load', bundledSample, '--partner', partner, '--shop', `shop-${unique}`)
  expect(loaded.code, loaded.stderr).toBe(2)
  const added = await onramp('user', 'add', '--email', person.email, '--name', person.name, '--role', 'support', '--partner', partner, '--password', password, '--keep-password')
  expect(added.code, added.stderr).toBe(0)
  const db = await connect((await onramp('db', 'url')).stdout.trim())
  const [found] = await db.query<RowDataPacket[]>('select l.id, l.shopId, p.slug = ? as own from `load` l join shop s on s.id = l.shopId join partner p on p.id = s.partnerId where l.slug = ? order by l.id', [partner, slug])
  await db.end()
  const [own, other] = [found.find((one) => one.own === 1)!, found.find((one) => one.own === 0)!]
  load = { own: String(own.id), other: String(other.id), shop: String(own.shopId) }
})

test.describe('a support rep who looks after one partner', () => {
  test.use({ expectedStatuses: [404] })

  test('sees that partner alone, until an admin says otherwise', async ({ page, browser, signIn }) => {
    test.setTimeout(180_000)
    const lia = await (await browser.newContext({ baseURL: process.env.ONRAMP_E2E_URL })).newPage()
    await lia.goto('/login')
    await lia.getByLabel('E-mail').fill(person.email)
    await lia.getByLabel('Password').fill(password)
    await lia.getByRole('button', { name: 'Sign in' }).click()
    await lia.getByRole('button', { name: `Account of ${person.name}` }).click()
    await expect(lia.getByText(`Partner: ${partner}`)).toBeVisible()
    await lia.keyboard.press('Escape')

    await lia.goto('/loads')
    await expect(lia.getByRole('table', { name: 'Loads' }).getByRole('rowheader')).toHaveText([slug])
    await expect(lia.getByRole('combobox', { name: 'Shop' })).toBeVisible()
    await expect(lia.getByRole('combobox', { name: 'Partner' })).toHaveCount(0)
    await lia.goto('/shops')
    await expect(lia.getByRole('table', { name: 'Shops' }).getByRole('rowheader')).toHaveText([`shop-${unique}`])
    await expect(lia.getByRole('combobox', { name: 'Partner' })).toHaveCount(0)
    await lia.goto('/invoices')
    await expect(lia).toHaveURL(new RegExp(`shop=${load.shop}\\b`))
    await lia.getByRole('combobox', { name: 'Shop' }).click()
    await expect(lia.getByRole('option')).toHaveCount(1)
    await lia.keyboard.press('Escape')

    await lia.keyboard.press('Control+k')
    await lia.getByPlaceholder('A page, or the id of a load or an invoice').fill(slug)
    await expect(lia.getByRole('option', { name: new RegExp(`${partner} / shop-${unique}`) })).toBeVisible()
    await expect(lia.getByRole('option', { name: slug })).toHaveCount(1)
    await lia.keyboard.press('Escape')

    await lia.goto('/loads/new')
    await expect(lia.getByRole('radio')).toHaveCount(1)
    await lia.getByRole('button', { name: 'New shop' }).click()
    const choice = lia.getByRole('dialog').getByLabel('Partner', { exact: true })
    await expect(choice.locator('option:checked')).toHaveText(`${partner} (${partner})`)
    await expect(choice.locator('option', { hasText: 'New partner' })).toHaveCount(0)
    await lia.goto('/account')
    await expect(lia.getByText(`Partner: ${partner}.`)).toBeVisible()

    await lia.goto(`/loads/${load.own}`)
    await expect(lia.getByRole('heading', { name: slug })).toBeVisible()
    await lia.goto(`/loads/${load.other}`)
    await expect(lia.getByRole('heading', { name: 'This does not exist' })).toBeVisible()

    await signIn('admin')
    await page.goto('/admin/users')
    await page.getByLabel('Find a person').fill(person.name)
    await expect(page.getByRole('row', { name: person.name })).toContainText(partner)
    await page.getByRole('button', { name: `Change ${person.name}` }).click()
    await page.getByRole('menuitem', { name: 'Change the partner' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('Sees', { exact: true }).locator('option:checked')).toHaveText(`${partner} (${partner})`)
    await expectAccessible(page)
    await dialog.getByLabel('Sees', { exact: true }).selectOption({ label: 'All partners' })
    await dialog.getByRole('button', { name: 'Change the partner' }).click()
    await expect(page.getByText(`${person.name} sees all partners now.`)).toBeVisible()
    await expect(page.getByRole('row', { name: person.name })).toContainText('All partners')
    await lia.reload()
    await expect(lia.getByRole('heading', { name: slug })).toBeVisible()

    await page.goto('/admin/audit')
    await expect(page.getByRole('row', { name: new RegExp(`Partner limit changed.*${person.name}.*from ${partner} · to all partners`) })).toBeVisible()
    await expect(page.getByRole('row', { name: new RegExp(`${person.name}.*Look refused`) })).toContainText(slug)
  })
})

test('an invitation says which partner the person will see; engineers see all', async ({ page, signIn }) => {
  await signIn('admin')
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail').fill(`vic-${unique}@onramp.example`)
  await dialog.getByLabel('Name').fill(`Vic ${unique}`)
  await dialog.getByLabel('Sees', { exact: true }).selectOption({ label: `${partner} (${partner})` })
  await dialog.getByRole('radio', { name: 'Engineer' }).check()
  await expect(dialog.getByLabel('Sees', { exact: true })).toBeDisabled()
  await dialog.getByRole('radio', { name: 'Viewer' }).check()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('row', { name: `Vic ${unique}` })).toContainText(partner)
})
