import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'
import { bundledSample, sharedSample } from './samples.ts'

/** The folder of the load that is sent. */
export const folder = sharedSample('small-dirty') ?? bundledSample
export const loadId = path.basename(folder)

export type Payload = { name: string; mimeType: string; buffer: Buffer }
export const payload = (name: string, buffer: Buffer): Payload => ({ name, mimeType: name.endsWith('.json') ? 'application/json' : 'text/csv', buffer })
export const sample = (): Payload[] => readdirSync(folder).map((name) => payload(name, readFileSync(path.join(folder, name))))
export const unique = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`

/** A shop of the test's own, so that load ids never meet. */
export async function makeShop(page: Page): Promise<{ id: string; name: string }> {
  const slug = `upload-${unique()}`
  const headers = { origin: new URL(page.url()).origin }
  const partner = (await (await page.request.post('/api/v1/partners', { headers, data: { slug, name: `Partner ${slug}` } })).json()) as { id: string }
  const shop = await page.request.post('/api/v1/shops', { headers, data: { partnerId: partner.id, slug: '0112', name: `Shop ${slug}`, timeZone: 'America/New_York' } })
  expect(shop.status()).toBe(201)
  return (await shop.json()) as { id: string; name: string }
}

/** Opens the wizard for a shop of its own and goes on to the files. */
export async function toFiles(page: Page, id = loadId): Promise<{ id: string; name: string }> {
  await page.goto('/')
  const shop = await makeShop(page)
  await page.goto(`/loads/new?shop=${shop.id}`)
  await expect(page.getByRole('radio', { name: shop.name })).toBeChecked()
  await page.getByLabel('Load id').fill(id)
  await page.getByRole('button', { name: 'Continue to files' }).click()
  await expect(page.getByRole('heading', { name: 'Which files?' })).toBeVisible()
  return shop
}

export const choose = (page: Page, files: Payload[]) => page.getByLabel('Files of the load').setInputFiles(files)
export const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name.replace('.', '\\.')}`) }) })

export async function review(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue to review' }).click()
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible()
}

export async function send(page: Page): Promise<void> {
  const accept = page.getByRole('checkbox')
  if (await accept.count()) await accept.click()
  await page.getByRole('button', { name: 'Send the files' }).click()
}
