import { createHash } from 'node:crypto'
import { expectAccessible, expectFitting } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { SCRIPTS, heldBack } from './held-back.ts'
import { choose, loadId, makeShop, payload, review, row, sample, send, toFiles, unique, type Payload } from './wizard.ts'

// Each test walks through the whole wizard, and most wait for a load to be run.
test.describe.configure({ timeout: 180_000 })

test('a support rep adds a shop, sends its eight files and lands on the load', async ({ page, signIn }) => {
  const slug = `new-${unique()}`
  await signIn('support')
  await page.goto('/loads/new')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New shop' }).click()
  const dialog = page.getByRole('dialog', { name: 'New shop' })
  const partner = dialog.getByLabel('Partner', { exact: true })
  await expect(dialog.getByLabel('Shop id')).toBeVisible()
  // Comes with the answer to which partners there are; the samples have brought some.
  await partner.selectOption('new')
  await dialog.getByRole('button', { name: 'Add shop' }).click()
  await expect(dialog.getByLabel('Partner id')).toBeFocused()
  // What is mended is told no more.
  await expect(dialog.getByText('Give it a name.')).toHaveCount(2)
  await dialog.getByLabel('Shop name').fill('mended')
  await expect(dialog.getByText('Give it a name.')).toHaveCount(1)
  await dialog.getByLabel('Partner id').fill(slug)
  await dialog.getByLabel('Partner name').fill(`Partner ${slug}`)
  await dialog.getByLabel('Shop id').fill('0007')
  await dialog.getByLabel('Shop name').fill(`Shop ${slug}`)
  await dialog.getByLabel('Time zone').selectOption('America/Chicago')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Add shop' }).click()

  await expect(page.getByRole('radio', { name: `Shop ${slug}` })).toBeChecked()
  await expect(page.getByLabel('Load id')).toHaveValue(new RegExp(`^\\d{4}-\\d{2}-\\d{2}_${slug}$`))
  await expect(page.getByText('This load id is free.')).toBeVisible()
  await page.getByRole('button', { name: 'Continue to files' }).click()
  await choose(page, sample())
  await expect(row(page, 'payments.csv')).toContainText('Matches the manifest')
  await page.getByRole('button', { name: `Use load id “${loadId}”` }).click()
  await expect(row(page, 'manifest.json')).toContainText('Readable')
  await expectAccessible(page)
  await expectFitting(page)
  await review(page)
  await expectAccessible(page)
  await send(page)

  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 30_000 })
  await expect(page.getByText('Completed with exceptions').first()).toBeVisible({ timeout: 90_000 })
  await page.goto('/shops')
  await page.getByRole('searchbox', { name: 'Find a shop' }).fill(`Shop ${slug}`)
  await page.getByRole('link', { name: new RegExp(`Shop ${slug}`) }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: `Shop ${slug}` })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Rows of the shop' }).getByRole('row', { name: /^Suppliers/ })).toHaveText(/[1-9]/)
  await expect(page.getByRole('table', { name: 'Loads of the shop' })).toContainText(loadId)
  await expectAccessible(page)
})

test('a load id typed before the page is alive is kept', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  const shop = await makeShop(page)
  const wake = await heldBack(page, SCRIPTS)
  await page.goto(`/loads/new?shop=${shop.id}`, { waitUntil: 'commit' })
  // It comes hidden, and keys pressed before it shows reach nothing, as for a person.
  await expect(page.getByLabel('Load id')).toBeVisible()
  await page.getByLabel('Load id').pressSequentially('typed')
  wake()
  await expect(page.getByText('This load id is free.')).toBeVisible()
  await expect(page.getByLabel('Load id')).toHaveValue('typed')
  await page.keyboard.type('-early')
  await expect(page.getByLabel('Load id')).toHaveValue('typed-early')
})

for (const width of [1440, 390]) {
  test(`a press is not lost to shops or a note that arrive in the middle of it, ${width} pixels wide`, async ({ page, signIn }) => {
    await page.setViewportSize({ width, height: 900 })
    await signIn('support')
    await page.goto('/loads?status=completed_with_exceptions')
    await page.getByRole('table', { name: 'Loads' }).getByRole('rowheader').getByRole('link').first().click()
    await expect(page).toHaveURL(/\/loads\/\d+$/)
    const id = new URL(page.url()).pathname.split('/').at(-1)!
    const answer = await heldBack(page, /\/shops\/search$|\/load-ids\?/)
    await page.goto(`/loads/new?again=${id}`)
    await page.getByRole('button', { name: 'Continue to files' }).hover()
    await page.mouse.down()
    answer()
    await expect(page.getByText('This load id was loaded before')).toBeVisible()
    await expect(page.getByRole('radio').nth(1)).toBeVisible()
    await page.mouse.up()
    await expect(page.getByRole('heading', { name: 'Which files?' })).toBeVisible()
  })
}

test('a proposed load id gives way to what is typed, when it arrives between the focus and the first key', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  const shop = await makeShop(page)
  const answer = await heldBack(page, /\/load-ids\?/)
  await page.goto(`/loads/new?shop=${shop.id}`)
  const loadId = page.getByLabel('Load id')
  await loadId.focus()
  answer()
  await expect(loadId).toHaveValue(/^\d{4}-/)
  await page.keyboard.type('my-own')
  await expect(loadId).toHaveValue('my-own')
})

test.describe('sent again', () => {
  test.use({ expectedStatuses: [409] })

  test('the same files are recognised; other files under the id of a finished load are refused with the difference', async ({ page, signIn }) => {
    const again = async (files: Payload[], id: string) => {
      await page.goto(`/loads/new?shop=${id}`)
      await page.getByLabel('Load id').fill(loadId)
      await expect(page.getByText('This load id was loaded before')).toBeVisible()
      await page.getByRole('button', { name: 'Continue to files' }).click()
      await choose(page, files)
    }
    await signIn('support')
    const shop = await toFiles(page)
    await choose(page, sample())
    await review(page)
    await send(page)
    await expect(page.getByText('Completed with exceptions').first()).toBeVisible({ timeout: 90_000 })
    const address = page.url()

    await again(sample(), shop.id)
    await review(page)
    await send(page)
    await expect(page.getByRole('heading', { name: 'Already loaded' })).toBeVisible()
    await expect(page.getByRole('alert').getByRole('link', { name: 'Open the load' })).toHaveAttribute('href', new URL(address).pathname)

    await again(sample().map((file) => (file.name === 'suppliers.csv' ? payload(file.name, Buffer.concat([file.buffer, Buffer.from('\n')])) : file)), shop.id)
    await page.getByRole('button', { name: 'Create manifest from these files' }).click()
    await review(page)
    await send(page)
    await expect(page.getByText('This load id belongs to other files')).toBeVisible()
    const lines = page.getByRole('table', { name: 'Differences between the files' })
    await expect(lines.getByRole('row', { name: /^suppliers\.csv/ })).toContainText('Different')
    await expect(lines.getByRole('row', { name: /^payments\.csv/ })).toContainText('The same')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Use another load id' }).click()
    await expect(page.getByLabel('Load id')).toHaveValue(loadId)
  })
})

test('nobody can go on while what was chosen is still being looked through', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  // All within one task: the page has had no time yet to show the files.
  await page.getByLabel('Files of the load').evaluate(async (input: HTMLInputElement) => {
    const chosen = new DataTransfer()
    chosen.items.add(new File(['a'], 'suppliers.csv'))
    input.files = chosen.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
    for (let turn = 0; turn < 50; turn++) await null
    const goOn = [...document.querySelectorAll('button')].find(({ textContent }) => /Continue to review|Reading the files/.test(textContent))!
    goOn.click()
  })
  await expect(row(page, 'suppliers.csv')).toContainText('Problem')
  await expect(page.getByRole('alert').filter({ hasText: 'There is a problem' })).toHaveCount(0)
})

test('a wrong checksum in the manifest is shown at its line and blocks the upload', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  const files = sample()
  const manifest = JSON.parse(files.find(({ name }) => name === 'manifest.json')!.buffer.toString()) as { files: { name: string; rows: number; sha256: string }[] }
  const payments = manifest.files.find(({ name }) => name === 'payments.csv')!
  payments.sha256 = createHash('sha256').update('another file').digest('hex')
  manifest.files.find(({ name }) => name === 'suppliers.csv')!.rows++
  await choose(page, files.map((file) => (file.name === 'manifest.json' ? payload(file.name, Buffer.from(JSON.stringify(manifest))) : file)))
  await expect(row(page, 'payments.csv')).toContainText('Differs')
  await expect(row(page, 'payments.csv')).toContainText(payments.sha256.slice(0, 10))
  await expect(row(page, 'suppliers.csv')).toContainText('Differs')
  await expect(row(page, 'vehicles.csv')).toContainText('Matches the manifest')

  await page.getByRole('button', { name: 'Continue to review' }).click()
  const summary = page.getByRole('alert').filter({ hasText: 'There is a problem' })
  await expect(summary).toBeFocused()
  await expect(page).toHaveTitle(/^Error: /)
  await expect(summary.getByRole('link')).toHaveCount(2)
  await expectAccessible(page)
  await summary.getByRole('link', { name: /^payments\.csv is not the file/ }).click()
  await expect(row(page, 'payments.csv')).toBeFocused()

  await page.getByRole('button', { name: 'Create manifest from these files' }).click()
  await expect(summary).toBeHidden()
  await expect(page.getByText('Integrity is checked from here on')).toBeVisible()
  await review(page)
})

test('a missing file is offered as an empty one; aliases, letter case and strangers are told apart', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await signIn('support')
  await toFiles(page, 'dropped')
  const files = sample().filter(({ name }) => name !== 'vehicles.csv' && name !== 'manifest.json').map((file) =>
    file.name === 'invoices.csv' ? { ...file, name: 'Documents.CSV' } : file)
  const dropped = [...files, payload('notes.txt', Buffer.from('hello'))].map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') }))
  const transfer = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer()
    for (const { name, base64 } of all) transfer.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name))
    return transfer
  }, dropped)
  await page.getByRole('group', { name: 'Add files' }).dispatchEvent('drop', { dataTransfer: transfer })

  await expect(page.getByText('Not part of a load: notes.txt.')).toBeVisible()
  await expect(row(page, 'documents.csv')).toContainText('(yours: Documents.CSV)')
  await expect(row(page, 'vehicles.csv').getByText('Missing')).toBeInViewport({ ratio: 1 })
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'There is a problem' })).toContainText('vehicles.csv is missing. Choose it, or add it as an empty file.')
  await expectAccessible(page)
  await expectFitting(page)

  await page.getByRole('button', { name: 'Add an empty vehicles.csv' }).click()
  await page.getByRole('button', { name: 'Create manifest from these files' }).click()
  await choose(page, [payload('invoices.csv', Buffer.from('a;b\n'))])
  await expect(page.getByText('are the same file under two names').first()).toBeVisible()
  await page.getByRole('button', { name: 'Remove invoices.csv' }).click()
  await review(page)
  await expect(page.getByText('vehicles.csv: The file has no rows')).toBeVisible()
  await expectFitting(page)
})

test('files of another encoding, separator or shape are refused before they are sent', async ({ page, signIn }) => {
  await signIn('support')
  await toFiles(page)
  const broken: Record<string, Buffer> = {
    'customers.csv': Buffer.from('\ufeffexternalCustomerId,firstName\nC1,Zoë\n', 'utf16le'),
    'vehicles.csv': Buffer.from('externalVehicleId;externalCustomerId\nV1;C1\n'),
    'payments.csv': Buffer.from('externalPaymentId,externalDocumentId,paymentAmount\nP1,"never closed,1\n'),
    'suppliers.csv': Buffer.concat([Buffer.from('externalSupplierId,supplierName\nS1,'), Buffer.from([0xe9]), Buffer.from('\n')]),
  }
  await choose(page, sample().map((file) => (broken[file.name] ? payload(file.name, broken[file.name]!) : file)))
  for (const message of ['is UTF-16, not UTF-8, from line 1, byte 1 on', 'looks separated by semicolons', 'the quote opened on line 2 is never closed', 'byte 0xe9 is no UTF-8']) {
    await expect(page.getByRole('table', { name: /^Chosen files/ })).toContainText(message)
  }
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('heading', { name: 'Which files?' })).toBeVisible()
})

test('an upload that was cut off goes on after a reload, and a file above 10 MB arrives whole', async ({ page, signIn }) => {
  await signIn('support')
  const id = `cut-${unique()}`
  await toFiles(page, id)
  // Few rows, so that the load itself is quick: the bytes are in a column that only staging keeps.
  const rows = Array.from({ length: 1300 }, (_, i) => `S${i},Supplier ${i},"${'long, '.repeat(1700)}"\n`)
  const suppliers = Buffer.from(`externalSupplierId,supplierName,notes\n${rows.join('')}`)
  expect(suppliers.length).toBeGreaterThan(12_582_912)
  const customers = Buffer.from('externalCustomerId,firstName\nC1,Zoë\n')
  const files = [payload('customers.csv', customers), payload('suppliers.csv', suppliers)]
  const prepare = async () => {
    await choose(page, files)
    for (const name of ['vehicles', 'invoices', 'line_items', 'payments', 'inventory_parts']) await page.getByRole('button', { name: `Add an empty ${name}.csv` }).click()
    await page.getByRole('button', { name: 'Create manifest from these files' }).click()
    await review(page)
    await send(page)
  }
  // The connection breaks at the large file.
  let large = ''
  page.on('response', async (answer) => {
    const announced = answer.request().headers()['upload-metadata'] ?? ''
    if (announced.includes(Buffer.from('suppliers.csv').toString('base64'))) large ||= (await answer.headerValue('location')) ?? ''
  })
  await page.route('**/api/v1/uploads/*', (route) => (large && route.request().url().endsWith(large) ? route.abort('aborted') : route.continue()))
  await prepare()
  await expect(page.getByRole('listitem').filter({ hasText: 'inventory_parts.csv' })).toContainText('Received, sha256 verified', { timeout: 45_000 })
  await page.getByRole('link', { name: 'Shops', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stay here' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expectAccessible(page)

  page.on('dialog', (dialog) => void dialog.accept())
  await page.unroute('**/api/v1/uploads/*')
  await page.goto('/loads/new')
  const unfinished = page.getByRole('region', { name: 'Unfinished uploads' }).getByRole('listitem').filter({ hasText: id })
  await expect(unfinished).toContainText('6 of 8 files')
  await expect(unfinished).toContainText('kept until')
  await unfinished.getByRole('link', { name: `Go on with ${id}` }).click()
  await expect(page.getByText(`Going on with ${id}`)).toBeVisible()
  const resent: string[] = []
  page.on('request', (request) => request.method() === 'POST' && request.url().endsWith('/api/v1/uploads') && resent.push(request.url()))
  await prepare()
  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 90_000 })
  expect(resent.length, 'files begun anew: the manifest, and the large one if nothing of it had arrived').toBeLessThanOrEqual(2)
  await page.goto(`${page.url()}/files`)
  await expect(page.getByRole('row', { name: /suppliers\.csv/ })).toContainText(createHash('sha256').update(suppliers).digest('hex').slice(0, 8))
})

test('the whole wizard works with the keyboard alone', async ({ page, signIn }) => {
  await signIn('support')
  await page.goto('/')
  const shop = await makeShop(page)
  await page.goto('/loads/new')
  const press = async (key: string, times = 1) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key)
  }
  const tabTo = async (name: RegExp | string, role: 'button' | 'radio' | 'searchbox' | 'textbox' | 'checkbox') => {
    const wanted = page.getByRole(role, { name }).first()
    for (let i = 0; i < 60 && !(await wanted.evaluate((element) => element === document.activeElement)); i++) await press('Tab')
    await expect(wanted).toBeFocused()
  }
  await tabTo('Find a shop', 'searchbox')
  await page.keyboard.type(shop.name)
  await expect(page.getByRole('radio', { name: shop.name })).toBeVisible()
  await tabTo(shop.name, 'radio')
  await press('Space')
  await tabTo('Load id', 'textbox')
  await expect(page.getByRole('textbox', { name: 'Load id' })).not.toHaveValue('')
  await press('Control+A')
  await page.keyboard.type(loadId)
  await press('Enter')
  await expect(page.getByRole('heading', { name: 'Which files?' })).toBeFocused()
  await tabTo('Choose files', 'button')
  const chooser = page.waitForEvent('filechooser')
  await press('Enter')
  await (await chooser).setFiles(sample())
  await expect(row(page, 'manifest.json')).toContainText('Readable')
  await tabTo('Continue to review', 'button')
  await press('Enter')
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused()
  if (await page.getByRole('checkbox').count()) {
    await tabTo(/^I have read/, 'checkbox')
    await press('Space')
  }
  await tabTo('Send the files', 'button')
  await press('Enter')
  await expect(page).toHaveURL(/\/loads\/\d+$/, { timeout: 90_000 })
})

test.describe('a viewer', () => {
  test.use({ expectedStatuses: [403] })

  test('may not upload: not by the page, not by the API', async ({ page, signIn }) => {
    await signIn('viewer')
    await page.goto('/shops')
    await expect(page.getByRole('button', { name: 'New shop' })).toHaveCount(0)
    await expect(page.getByRole('link', { name: 'New load' })).toHaveCount(0)
    await page.goto('/loads/new')
    await expect(page.getByRole('button', { name: 'Continue to files' })).toHaveCount(0)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your role does not allow this')
    const headers = { origin: new URL(page.url()).origin }
    const files = [{ name: 'customers.csv', bytes: 1, sha256: '0'.repeat(64) }]
    const load = await page.request.post('/api/v1/loads', { headers, data: { partner: 'a', shop: 'b', loadId: 'x', files, manifest: {} } })
    expect(load.status()).toBe(403)
    const upload = await page.request.post('/api/v1/uploads', { headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': '1' } })
    expect(upload.status()).toBe(403)
    const shop = await page.request.post('/api/v1/shops', { headers, data: { partnerId: '1', slug: 'x', name: 'x' } })
    expect(shop.status()).toBe(403)
  })
})
