import type { RowDataPacket } from 'mysql2/promise'
import { connect } from '#lib/ingest/sql/connect.ts'
import { createNativeInvoices } from '#lib/sample/native.ts'
import { expectAccessible, expectFitting, looks } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { onramp } from './onramp.ts'

/** A shop with imported invoices, three native ones beside them, and one imported invoice that was edited since. */
type Books = { shop: string; native: string; imported: string; edited: string; number: string; partner: string; loadId: string; lastName: string }
let books: Books

test.beforeAll(async () => {
  const { stdout } = await onramp('db', 'url')
  const db = await connect(stdout.trim())
  const first = async (text: string, values: unknown[] = []) => (await db.query<RowDataPacket[]>(text, values))[0][0]!
  const imported = `select i.id, i.shopId, i.externalDocumentId, c.lastName, p.name as partner, l.slug from invoice i
    join customer c on c.id = i.customerId join \`load\` l on l.id = i.importedLoadId join shop s on s.id = i.shopId join partner p on p.id = s.partnerId`
  // A long surname, so that the search does not find half the shop.
  const one = await first(`${imported} where i.updatedAt = i.createdAt and length(c.lastName) > 5 and i.externalDocumentId is not null order by i.id limit 1`)
  const other = await first(`${imported} where i.updatedAt = i.createdAt and i.shopId = ? order by i.id desc limit 1`, [one.shopId])
  await db.query('update invoice set updatedAt = now(3) + interval 1 hour where id = ?', [other.id])
  const [native] = await createNativeInvoices(db, one.shopId, 3, Date.now() % 100_000)
  await db.end()
  books = {
    shop: String(one.shopId), native: String(native), imported: String(one.id), edited: String(other.id),
    number: one.externalDocumentId, partner: one.partner, loadId: one.slug, lastName: one.lastName,
  }
})

const badge = /^Imported from /

test('the list shows imported invoices with a badge beside native ones without, and filters them', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto(`/invoices?shop=${books.shop}`)
  const table = page.getByRole('table', { name: 'Invoices' })
  const native = table.getByRole('row').filter({ has: page.getByRole('link', { name: books.native, exact: true }) })

  await page.getByRole('combobox', { name: 'Origin' }).click()
  await page.getByRole('option', { name: 'Made here' }).click()
  await expect(page).toHaveURL(/origin=native/)
  await expect(native).toBeVisible()
  await expect(table.getByRole('button', { name: badge })).toHaveCount(0)

  await page.getByRole('combobox', { name: 'Origin' }).click()
  await page.getByRole('option', { name: 'Imported' }).click()
  await expect(page).toHaveURL(/origin=imported/)
  // While the answer is under way there is no table: what it shows is counted when its first badge is there.
  await expect(table.getByRole('button', { name: badge }).first()).toBeVisible()
  await expect(native).toHaveCount(0)
  const rows = (await table.getByRole('row').count()) - 1
  await expect(table.getByRole('button', { name: badge })).toHaveCount(rows)

  await page.goBack()
  await expect(native).toBeVisible()
})

test('the list sorts and pages in the address', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto(`/invoices?shop=${books.shop}&size=25`)
  const table = page.getByRole('table', { name: 'Invoices' })
  await table.getByRole('button', { name: 'Total' }).click()
  await expect(page).toHaveURL(/sort=-total/)
  await expect(table.getByRole('columnheader', { name: 'Total' })).toHaveAttribute('aria-sort', 'descending')
  const largest = await table.getByRole('rowheader').first().innerText()
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page).toHaveURL(/page=2/)
  await expect(table.getByRole('rowheader').first()).not.toHaveText(largest)
  await page.reload()
  await expect(page.getByRole('status').filter({ hasText: '26–50 of' })).toBeVisible()
})

test('the badge tells partner, load and date by keyboard, by pointer and to screen readers', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto(`/invoices/${books.imported}`)
  const button = page.getByRole('button', { name: `Imported from ${books.partner}, load ${books.loadId}, ` })
  const tooltip = page.getByRole('tooltip')
  await expect(button).toHaveText(/^Imported/)
  await expect(tooltip).toHaveCount(0)

  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').focus()
  await page.keyboard.press('Tab')
  await expect(button).toBeFocused()
  await expect(tooltip).toContainText(books.partner)
  await expect(tooltip).toContainText(books.loadId)
  await expect(tooltip).toContainText(/[A-Z][a-z]{2} \d{1,2}, 20\d\d/)
  await page.keyboard.press('Escape')
  await expect(tooltip).toHaveCount(0)
  await expect(button).toBeFocused()

  await button.hover()
  await expect(tooltip).toBeVisible()
  await tooltip.hover()
  await page.waitForTimeout(400)
  await expect(tooltip).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(tooltip).toHaveCount(0)
})

test('an imported invoice that was edited here says so', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto(`/invoices/${books.edited}`)
  const button = page.getByRole('button', { name: /^Imported from .*, changed here$/ })
  await expect(button).toContainText('Imported, changed here')
  await button.focus()
  await expect(page.getByRole('tooltip')).toContainText('Changed here since the load wrote it')
  await page.goto(`/invoices/${books.imported}`)
  await expect(page.getByRole('button', { name: badge })).not.toContainText('changed here')
})

test('a native invoice has no badge, its lines fold, and its amounts add up', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto(`/invoices/${books.native}`)
  await expect(page.getByRole('heading', { level: 1, name: `Invoice ${books.native}` })).toBeVisible()
  await expect(page.getByRole('button', { name: badge })).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Made here' })).toBeVisible()
  await expect(page.getByRole('note', { name: 'Line totals and invoice total' })).toContainText('The lines add up to')

  const lines = page.getByRole('table', { name: 'Lines of the invoice' })
  const before = await lines.getByRole('row').count()
  const folds = lines.getByRole('button', { expanded: true })
  if ((await folds.count()) > 0) {
    await folds.first().click()
    await expect.poll(() => lines.getByRole('row').count()).toBeLessThan(before)
    await lines.getByRole('button', { expanded: false }).first().click()
    await expect(lines.getByRole('row')).toHaveCount(before)
  }
})

test('on paper the badge is a sentence, in the list a word, and nothing of the frame is printed', async ({ page, signIn }) => {
  await signIn('support')
  await page.emulateMedia({ media: 'print' })
  await page.goto(`/invoices/${books.imported}`)
  await expect(page.getByRole('heading', { level: 1, name: `Invoice ${books.number}` })).toBeVisible()
  const printed = page.locator('main header')
  expect(await printed.innerText()).toContain(`Imported from ${books.partner}, load ${books.loadId}, `)
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden()
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toBeHidden()
  const sentence = page.getByText(`from ${books.partner}, load ${books.loadId}`).first()
  const { width, height } = (await sentence.boundingBox())!
  expect(Math.min(width, height)).toBeGreaterThan(8)

  await page.goto(`/invoices?shop=${books.shop}&origin=imported`)
  const word = page.getByRole('table', { name: 'Invoices' }).getByRole('button', { name: badge }).first()
  await expect(word).toBeVisible()
  expect((await word.boundingBox())!.height).toBeLessThan(60)
  await page.goto(`/invoices/${books.native}`)
  expect(await page.locator('main header').innerText()).not.toContain('Imported')
})

test('a customer is found by name without the name entering the address; a viewer finds numbers only', async ({ page, signIn }) => {
  const addresses: string[] = []
  page.on('request', (request) => addresses.push(decodeURIComponent(request.url())))
  await signIn('support')
  await page.goto(`/invoices?shop=${books.shop}`)
  await page.getByRole('searchbox', { name: 'Invoice number or customer' }).fill(books.lastName)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  const found = page.getByRole('table', { name: 'Found invoices' })
  await expect(found.getByRole('row').filter({ hasText: books.lastName }).first()).toBeVisible()
  expect(addresses.filter((address) => address.includes(books.lastName))).toEqual([])
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await expect(page.getByRole('table', { name: 'Invoices' })).toBeVisible()

  await page.context().clearCookies()
  await signIn('viewer')
  await page.goto(`/invoices?shop=${books.shop}`)
  await page.getByRole('searchbox', { name: 'Invoice number' }).fill(books.lastName)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No invoice found' })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Invoice number' }).fill(books.number)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(found.getByRole('link', { name: books.number, exact: true })).toBeVisible()
  await expect(found).not.toContainText(books.lastName)
})

test('a viewer sees personal data masked, and is told so', async ({ page, signIn }) => {
  await signIn('viewer')
  await page.goto(`/invoices/${books.imported}`)
  await expect(page.getByText('masked for your role')).toBeVisible()
  await expect(page.locator('main')).not.toContainText(books.lastName)
})

test.describe('addresses that lead nowhere', () => {
  test.use({ expectedStatuses: [404] })

  test('an invoice or a shop that does not exist says so', async ({ page, signIn }) => {
    await signIn('support')
    for (const path of ['/invoices/999999999', '/invoices/x', '/invoices?shop=999999999']) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toContainText(/not|exist/i)
    }
  })
})

test('filters that match nothing say so and can be cleared', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto(`/invoices?shop=${books.shop}&to=1901-01-01`)
  await expect(page.getByRole('heading', { name: 'No invoice matches' })).toBeVisible()
  await page.locator('main').getByRole('button', { name: 'Clear filters' }).last().click()
  await expect(page).toHaveURL(new RegExp(`/invoices\\?shop=${books.shop}$`))
  await expect(page.getByRole('table', { name: 'Invoices' })).toBeVisible()
})

for (const { colorScheme, width } of looks) {
  test.describe(`${colorScheme}, ${width} pixels wide`, () => {
    test.use({ colorScheme, viewport: { width, height: 900 } })

    test('list, invoice and badge can be used by everybody', async ({ page, signIn }) => {
      test.slow()
      await signIn('support')
      for (const path of [`/invoices?shop=${books.shop}`, `/invoices/${books.edited}`, `/invoices/${books.native}`, `/invoices?shop=${books.shop}&to=1901-01-01`]) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.locator('main').getByRole('button', { name: badge }).first().focus({ timeout: 1_000 }).catch(() => {})
        await expectAccessible(page)
        await expectFitting(page)
      }
    })
  })
}
