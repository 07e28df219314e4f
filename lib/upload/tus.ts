import 'server-only'
import path from 'node:path'
import { ERRORS, MemoryLocker, Server, type Upload } from '@tus/server'
import { z } from 'zod'
import type { CurrentUser } from '#lib/auth/session.ts'
import { dataDir } from '#lib/config.ts'
import { expectUpload, expireUnfinishedUploads, finishUpload } from '#lib/data/uploads.ts'
import { UserError, invalidInput, notFound } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import type { SentFile } from './delivery.ts'
import { IncomingStore } from './incoming-store.ts'
import { FILE_MAX_BYTES, UNFINISHED_DAYS, maxBytesOf } from './limits.ts'

export const UPLOAD_PATH = '/api/v1/uploads'

const DAY_MS = 86_400_000
const CLEAN_UP_EVERY_MS = 3_600_000
const UPLOAD_ID = /^[0-9a-f]{32}$/

/** What a sender must say about a file before it sends it, in tus' Upload-Metadata. */
const announcement = z.object({
  load: z.string().regex(/^\d{1,18}$/),
  delivery: z.coerce.number().int().min(1).max(2 ** 31 - 1),
  name: z.string().max(255),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.coerce.number().int().min(0),
})

/** What a sender may say beside it: that the load, which the manifest starts, is to be a dry run. */
const metadataOfFile = announcement.extend({ dryRun: z.enum(['true', 'false']).default('false') })

// One per process: the lock must be the same for all requests, and `next dev` evaluates modules again after each change.
const kept = globalThis as { onrampUploads?: { store: IncomingStore; locker: MemoryLocker; takingIn: Map<string, Promise<void>>; cleanedUpAtMs: number } }

function uploads() {
  return (kept.onrampUploads ??= {
    store: new IncomingStore({ directory: path.join(dataDir(), 'uploads'), expirationPeriodInMilliseconds: UNFINISHED_DAYS * DAY_MS }),
    locker: new MemoryLocker(),
    takingIn: new Map(),
    cleanedUpAtMs: 0,
  })
}

/** Answers one request of the tus protocol on behalf of a signed-in person. Throws UserError for what that person can mend. */
export async function answerUpload(user: CurrentUser, request: Request): Promise<Response> {
  const { store, locker } = uploads()
  let thrown: unknown
  let takenIn: string | null = null
  const server = new Server({
    path: UPLOAD_PATH,
    datastore: store,
    locker,
    relativeLocation: true,
    // Only our own pages send files; without this any site would be told that it may read the answers.
    allowedOrigins: () => false,
    maxSize: FILE_MAX_BYTES,
    getFileIdFromRequest: (_, last) => (last && UPLOAD_ID.test(last) ? last : undefined),
    onIncomingRequest: async ({ method }, id) => {
      if (method !== 'POST') await expectUpload(user, sentFile(await ownUpload(user, id)))
    },
    onUploadCreate: async (_, upload) => {
      const file = sentFile(upload)
      refuseTooLarge(file)
      await expectUpload(user, file)
      await cleanUp()
      return { metadata: { ...upload.metadata, user: user.id } }
    },
    onUploadFinish: async (_, upload) => {
      await takeIn(user, upload)
      takenIn = upload.id
      return {}
    },
    // Errors of ours, and those nobody foresaw, are answered like those of every other route.
    onResponseError: (_, error) => {
      if (error instanceof Error) thrown = error
      return undefined
    },
  })
  const response = await server.handleWeb(request)
  if (thrown) throw thrown
  // A sender that learns here that all bytes have arrived sends no more: the file must be taken in before it is told so.
  if (request.method === 'HEAD' && response.ok) takenIn = await takeInIfComplete(user, request)
  // Only now: until its answer is made, the library looks at the upload.
  if (takenIn) await remove(takenIn)
  return response
}

async function ownUpload(user: CurrentUser, id: string): Promise<Upload> {
  const upload = await uploads().store.getUpload(id)
  if (upload.metadata?.user !== user.id) throw notFound('This upload')
  return upload
}

function sentFile({ metadata, size }: Upload): SentFile {
  const parsed = metadataOfFile.safeParse(metadata)
  if (!parsed.success) throw invalidInput(`Upload-Metadata must give ${Object.keys(announcement.shape).join(', ')}: ${parsed.error.issues[0]!.path.join('.')} is missing or wrong.`)
  const { load, ...file } = parsed.data
  if (size !== file.size) throw invalidInput('Upload-Length must be given and be the size in Upload-Metadata.')
  return { loadId: load, delivery: file.delivery, name: file.name, sha256: file.sha256, bytes: file.size, dryRun: file.dryRun === 'true' }
}

function refuseTooLarge({ name, bytes }: SentFile): void {
  const limit = maxBytesOf(name)
  if (bytes > limit) throw new UserError('too_large', `${name} has ${bytes.toLocaleString('en-US')} bytes; at most ${limit.toLocaleString('en-US')} are taken.`)
}

/** Gives the id of the upload when all its bytes are here. */
async function takeInIfComplete(user: CurrentUser, request: Request): Promise<string | null> {
  const upload = await ownUpload(user, new URL(request.url).pathname.split('/').at(-1)!).catch(nullIfGone)
  if (!upload || upload.offset !== upload.size) return null
  await takeIn(user, upload)
  return upload.id
}

/** Moves a complete upload into the store, once: a sender whose connection broke may ask while the first request is at it. */
async function takeIn(user: CurrentUser, upload: Upload): Promise<void> {
  const { takingIn } = uploads()
  const underWay = takingIn.get(upload.id) ?? moveToStore(user, upload).finally(() => takingIn.delete(upload.id))
  takingIn.set(upload.id, underWay)
  await underWay
}

async function moveToStore(user: CurrentUser, upload: Upload): Promise<void> {
  try {
    await finishUpload(user, sentFile(upload), uploads().store.arrived(upload.id))
  } catch (error) {
    // What was damaged is removed at once, so that it can be sent again.
    if (error instanceof UserError && error.code === 'upload_damaged') await remove(upload.id)
    throw error
  }
}

async function remove(uploadId: string): Promise<void> {
  await uploads().store.remove(uploadId).catch(nullIfGone)
}

/** Of two requests for the last bytes one is first, and the upload is gone for the other. */
function nullIfGone(error: unknown): null {
  const { status_code: status } = error as { status_code?: number }
  if (status !== ERRORS.FILE_NOT_FOUND.status_code && status !== ERRORS.FILE_NO_LONGER_EXISTS.status_code) throw error
  return null
}

/** Removes what was given up, now and then, when somebody begins to send something. */
async function cleanUp(): Promise<void> {
  const shared = uploads()
  if (Date.now() - shared.cleanedUpAtMs < CLEAN_UP_EVERY_MS) return
  shared.cleanedUpAtMs = Date.now()
  try {
    await shared.store.deleteExpired()
    await expireUnfinishedUploads()
  } catch (error) {
    // Who sends a file now has no part in that. It is tried again in an hour.
    log().error({ errorClass: (error as Error).name, errorCode: (error as { code?: unknown }).code }, 'removing unfinished uploads failed')
  }
}
