import 'server-only'
import { buffer } from 'node:stream/consumers'
import { appendAudit } from '#lib/audit/append.ts'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { UserError } from '#lib/errors.ts'
import type { Prisma } from '#lib/generated/prisma/client.ts'
import { failpoint } from '#lib/ingest/failpoint.ts'
import { enqueue } from '#lib/jobs/queue.ts'
import { expireUploads } from '#lib/keeping/leftovers.ts'
import { DamagedObject, objectStore, rawFileKey, type ArrivedFile } from '#lib/store/index.ts'
import { sending } from '#lib/turns.ts'
import {
  expectFile, fileArrived, manifestArrived, openDelivery, type AnnouncedFile, type Delivery, type SentFile,
} from '#lib/upload/delivery.ts'
import { UNFINISHED_DAYS } from '#lib/upload/limits.ts'
import { database, inTransaction } from './database.ts'
import { prisma } from './prisma.ts'
import { retryingDeadlocks } from './retrying.ts'
import { loadsOf, seenLoad } from './scope.ts'
import { choiceRow, resolveShop, type ShopChoice, type ShopChoiceRow } from './shops.ts'

export type NewDelivery = { choice: ShopChoice; loadId: string; files: AnnouncedFile[]; manifest: unknown; replace: boolean }
export type UnfinishedUpload = {
  id: string
  loadId: string
  shop: ShopChoiceRow
  startedBy: string | null
  files: number
  received: number
  expiresAt: string
}

/** Creates the load's next delivery or goes on with the one that is open; the same request twice gives the same answer. */
export async function startDelivery(user: CurrentUser, { choice, loadId, files, manifest, replace }: NewDelivery): Promise<Delivery> {
  authorize(user, 'load:create')
  return sending().take(async () => {
    const shop = await resolveShop(user, choice)
    const request = { shopId: shop.id, loadId, files, manifest, replace, userId: user.id }
    const delivery = await retryingDeadlocks(() => inTransaction(async (tx) => {
      const opened = await openDelivery(tx, request)
      if (opened.created) await appendAudit(tx, { user, action: 'load_created', objectType: 'load', objectId: opened.id, detail: { delivery: opened.delivery } })
      return opened
    }))
    failpoint('U1')
    return delivery
  })
}

/** Throws unless this person may send this file now. */
export async function expectUpload(user: CurrentUser, file: SentFile): Promise<void> {
  authorize(user, 'load:create')
  if (await hasArrived(user, file)) throw new UserError('conflict', `${file.name} has arrived already.`, { received: true })
}

/** Whether the file, which this person must be expected to send, is here already. */
const hasArrived = (user: CurrentUser, file: SentFile): Promise<boolean> => sending().take(async () => {
  await seenLoad(user, file.loadId)
  return (await expectFile(database(), file)).received
})

/**
 * Takes in a file whose bytes are all here: puts it into the store if they are the announced ones, and notes its arrival.
 * The manifest puts the load into the queue. Throws `upload_damaged` when the bytes are not the announced ones.
 */
export async function finishUpload(user: CurrentUser, file: SentFile, arrived: ArrivedFile): Promise<void> {
  authorize(user, 'load:create')
  if (await hasArrived(user, file)) return
  const key = rawFileKey(file.loadId, file.delivery, file.name)
  if (file.name === MANIFEST_NAME) failpoint('U4')
  try {
    await objectStore().take(key, arrived, { bytes: file.bytes, sha256: file.sha256 })
  } catch (error) {
    if (error instanceof DamagedObject) throw damaged(file, error)
    throw error
  }
  if (file.name === MANIFEST_NAME) await queueLoad(user, file, key)
  else await sending().take(() => retryingDeadlocks(() => inTransaction((tx) => fileArrived(tx, file, key))))
  failpoint(file.name === MANIFEST_NAME ? 'U6' : 'U3', file.name)
}

async function queueLoad(user: CurrentUser, file: SentFile, key: string): Promise<void> {
  failpoint('U5')
  const manifest = await buffer(objectStore().open(key))
  await sending().take(() => retryingDeadlocks(() => inTransaction(async (tx) => {
    if (!(await manifestArrived(tx, file, key, manifest))) return
    await enqueue(tx, { loadId: BigInt(file.loadId), dryRun: file.dryRun ?? false, userId: Number(user.id), via: 'portal' })
    await appendAudit(tx, { user, action: 'load_sent', objectType: 'load', objectId: file.loadId, detail: { delivery: file.delivery, dryRun: file.dryRun ?? false } })
  })))
}

function damaged({ name, bytes }: SentFile, { found, key }: DamagedObject): UserError {
  const what = found.bytes === bytes
    ? 'its bytes are not the ones your browser read (the sha256 differs)'
    : `${found.bytes.toLocaleString('en-US')} of ${bytes.toLocaleString('en-US')} bytes are here`
  return new UserError('upload_damaged', `${name} was damaged on its way: ${what}. It was thrown away; send it again.`, { key, found })
}

const withFiles = { shop: { include: { partner: true } }, createdByUser: true, loadFiles: { select: { delivery: true, receivedAt: true } } } satisfies Prisma.LoadInclude

/** Uploads that somebody began and nobody finished, newest first, with the moment at which they are given up. */
export async function listUnfinishedUploads(user: CurrentUser): Promise<UnfinishedUpload[]> {
  authorize(user, 'load:create')
  const loads = await prisma().load.findMany({
    where: { ...await loadsOf(user), status: 'uploading', updatedAt: { gt: new Date(Date.now() - UNFINISHED_DAYS * 86_400_000) } },
    include: withFiles, orderBy: { updatedAt: 'desc' }, take: 20,
  })
  return loads.map(uploadRow)
}

/** The upload of a load; null when it is not under way any more. Throws `not_found` as `seenLoad` does. */
export async function findUnfinishedUpload(user: CurrentUser, id: string): Promise<UnfinishedUpload | null> {
  authorize(user, 'load:create')
  await seenLoad(user, id)
  const load = await prisma().load.findFirst({ where: { id: BigInt(id), status: 'uploading' }, include: withFiles })
  return load && uploadRow(load)
}

function uploadRow(load: Prisma.LoadGetPayload<{ include: typeof withFiles }>): UnfinishedUpload {
  const files = load.loadFiles.filter((f) => f.delivery === load.delivery)
  return {
    id: String(load.id),
    loadId: load.slug,
    shop: choiceRow(load.shop),
    startedBy: load.createdByUser?.name ?? null,
    files: files.length,
    received: files.filter((f) => f.receivedAt).length,
    expiresAt: new Date(load.updatedAt.getTime() + UNFINISHED_DAYS * 86_400_000).toISOString(),
  }
}

/** Gives up unfinished uploads that nobody went on with: what has arrived is removed, and the load counts as cancelled. */
export async function expireUnfinishedUploads(): Promise<void> {
  await expireUploads(database(), objectStore())
}
