import 'server-only'
import type { Readable } from 'node:stream'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { entityNames, MANIFEST_NAME, type EntityName } from '#lib/contract/index.ts'
import { notFound, UserError } from '#lib/errors.ts'
import { objectStore } from '#lib/store/index.ts'
import { recordAudit } from './audit.ts'
import { prisma } from './prisma.ts'
import { seenLoad } from './scope.ts'

export type LoadFile = {
  name: string
  entity: EntityName | null
  /** What arrived; null when nothing did. */
  bytes: number | null
  sha256: string | null
  records: number | null
  /** What the manifest announces; null for the manifest itself and for files it does not list. */
  manifestRows: number | null
  manifestSha256: string | null
  receivedAt: string | null
  /** Whether the bytes are still kept, so that they can be downloaded and run again. */
  kept: boolean
}

/** The files of one delivery of a load: the manifest first, then in load order, then whatever else lay beside them. */
export async function listLoadFiles(user: CurrentUser, loadId: string, delivery: number): Promise<LoadFile[]> {
  authorize(user, 'load:read')
  const files = await prisma().loadFile.findMany({ where: { loadId: await seenLoad(user, loadId), delivery } })
  return files
    .map((file) => ({
      name: file.name,
      entity: file.entity as EntityName | null,
      // Until a file has arrived, these are what its sender announced.
      bytes: file.bytes === null || !file.receivedAt ? null : Number(file.bytes),
      sha256: file.receivedAt ? file.sha256 : null,
      records: file.records === null ? null : Number(file.records),
      manifestRows: file.manifestRows === null ? null : Number(file.manifestRows),
      manifestSha256: file.manifestSha256?.toLowerCase() ?? null,
      receivedAt: file.receivedAt?.toISOString() ?? null,
      kept: file.storeKey !== null,
    }))
    .sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name))
}

function place({ name, entity }: LoadFile): number {
  if (name === MANIFEST_NAME) return -1
  return entity ? entityNames.indexOf(entity) : entityNames.length
}

/** The bytes of a raw file, exactly as they arrived, or for `HEAD` only how many. Every download is in the audit log. */
export async function openLoadFile(user: CurrentUser, loadId: string, delivery: number | null, name: string, method: 'GET' | 'HEAD' = 'GET'): Promise<{ stream: Readable | null; bytes: number; name: string }> {
  authorize(user, 'file:download')
  const id = await seenLoad(user, loadId)
  const load = await prisma().load.findUnique({ where: { id }, select: { delivery: true } })
  const file = load && (await prisma().loadFile.findUnique({
    where: { loadId_delivery_name: { loadId: id, delivery: delivery ?? load.delivery, name } },
  }))
  if (!file) throw notFound('This file')
  const stored = file.storeKey === null ? null : await objectStore().stat(file.storeKey)
  if (!stored) throw new UserError('not_found', `${name} is no longer kept.`)
  if (method === 'HEAD') return { stream: null, bytes: stored.bytes, name }
  await recordAudit(prisma(), {
    user, action: 'file_downloaded', objectType: 'load', objectId: String(file.loadId), detail: { name, delivery: file.delivery },
  })
  return { stream: objectStore().open(stored.key), bytes: stored.bytes, name }
}
