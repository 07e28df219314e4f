// For tests: two partners, each with a shop, a load that has everything a load can have, and an upload that is not finished.
import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { signedIn } from '#lib/auth/testing.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { sha256Of, type TestInstallation } from '#lib/jobs/testing.ts'
import type { AnnouncedFile } from '#lib/upload/delivery.ts'
import { startDelivery, type NewDelivery } from './uploads.ts'

export type HeldByPartner = {
  partner: { id: string; slug: string }
  shop: { id: string; slug: string }
  /** Completed, with an exception. */
  load: { id: string; slug: string; attempt: string }
  invoice: { id: string; number: string }
  /** The unfinished upload, what its sender asked for, and its first file. */
  open: { id: string; request: NewDelivery; file: AnnouncedFile & { path: string } }
  /** Who sent the loads. */
  sender: CurrentUser
  /** Texts that stand for the partner: names and ids that nothing else has. */
  marks: string[]
}

/** Makes a partner with all that. */
export async function heldByPartner({ newShop, connection }: TestInstallation, name: string): Promise<HeldByPartner> {
  const unique = `${name}-${randomUUID().slice(0, 8)}`
  const [partner, shop, load, open, number] = ['partner', 'shop', 'load', 'open', 'INV'].map((what) => `${what}-${unique}`) as [string, string, string, string, string]
  const { user: sender } = await signedIn(connection, 'support')
  await run(connection, sql`update \`user\` set name = ${`Sender ${unique}`} where id = ${sender.id}`)
  const test = newShop({ partner, shop })
  const { loadId, report } = await test.load({
    customer: [{ externalCustomerId: 'C1', firstName: 'Ann' }],
    invoice: [{ externalDocumentId: number, externalCustomerId: 'C1', total: '5.00' }, { externalDocumentId: 'lost', externalCustomerId: 'nobody' }],
    line_item: [{ externalDatalineId: 'L1', externalDocumentId: number, lineNumber: '1', total: '5.00' }],
  }, { loadId: load })
  if (report.status !== 'completed_with_exceptions') throw new Error(`the load of the partner ended as ${report.status}`)
  const ids = (await row<{ partnerId: number; shopId: number; attemptId: number; invoiceId: number }>(connection, sql`
    select s.partnerId, s.id as shopId, a.id as attemptId, i.id as invoiceId from \`load\` l join shop s on s.id = l.shopId
    join attempt a on a.loadId = l.id join invoice i on i.shopId = s.id where l.id = ${loadId}`))!
  await run(connection, sql`update \`load\` set createdByUserId = ${sender.id} where id = ${loadId}`)
  const folder = test.write({ customer: [{ externalCustomerId: 'C2' }] }, { loadId: open })
  const files = readdirSync(folder).map((file) => {
    const bytes = readFileSync(path.join(folder, file))
    return { name: file, bytes: bytes.length, sha256: sha256Of(bytes), path: path.join(folder, file) }
  })
  const shopId = String(ids.shopId)
  const request: NewDelivery = {
    choice: { shopId }, loadId: open, files: files.map(({ name: file, bytes, sha256 }) => ({ name: file, bytes, sha256 })),
    manifest: JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')), replace: false,
  }
  const { id } = await startDelivery(sender, request)
  return {
    partner: { id: String(ids.partnerId), slug: partner }, shop: { id: shopId, slug: shop }, load: { id: String(loadId), slug: load, attempt: String(ids.attemptId) },
    invoice: { id: String(ids.invoiceId), number }, open: { id, request, file: files.find((file) => file.name === 'customers.csv')! }, sender,
    marks: [partner, shop, load, open, number, `Sender ${unique}`],
  }
}

/** What there is under ids that nothing has. */
export const heldByNobody = ({ open, ...held }: HeldByPartner): HeldByPartner => {
  const id = '999999999999'
  return {
    ...held, partner: { id, slug: 'nobody' }, shop: { id, slug: 'nobody' }, load: { id, slug: 'nobody', attempt: id }, invoice: { id, number: 'nobody' },
    open: { ...open, id, request: { ...open.request, choice: { shopId: id } } },
  }
}
