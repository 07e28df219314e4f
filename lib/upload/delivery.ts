import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { MANIFEST_NAME, entities, entityOfFile } from '#lib/contract/index.ts'
import { readManifest } from '#lib/contract/manifest.ts'
import { UserError, invalidInput, notFound } from '#lib/errors.ts'

export type AnnouncedFile = { name: string; bytes: number; sha256: string }
export type DeliveryRequest = {
  shopId: string
  loadId: string
  files: AnnouncedFile[]
  manifest: unknown
  /** Give up an unfinished upload of other bytes under this load id. */
  replace: boolean
  userId: string
}
/** `alreadyLoaded`: these bytes are in production; nothing has to be sent. */
export type Delivery = { id: string; delivery: number; alreadyLoaded: boolean; created: boolean; files: { name: string; received: boolean }[] }
/** One line of the diff between what is known under a load id and what is offered now. */
export type FileDiff = { name: string; known: AnnouncedFile | null; offered: AnnouncedFile | null; same: boolean }

type LoadRow = RowDataPacket & { id: number; status: string; delivery: number; completedAttempt: number | null }
type FileRow = RowDataPacket & { name: string; bytes: number; sha256: string; manifestSha256: string | null; receivedAt: Date | null }

/**
 * Opens a delivery of the load, or goes on with the one that is open. Asked twice with the same bytes, whether at once or
 * later, it gives the same delivery. `tx` must be a transaction: the load's row stays locked until its end.
 */
export async function openDelivery(tx: Connection, request: DeliveryRequest): Promise<Delivery> {
  const { load, created } = await lockedLoad(tx, request)
  const id = String(load.id)
  if (load.status === 'queued' || load.status === 'running') {
    throw new UserError('load_running', `Load ${request.loadId} is ${load.status}. Wait for its end, then send files again if you need to.`, { id })
  }
  if (load.completedAttempt !== null) {
    const delivery = await deliveryOf(tx, load.id, load.completedAttempt)
    const known = await filesOf(tx, load.id, delivery)
    refuseOtherBytes(id, request, known)
    return { id, delivery, alreadyLoaded: true, created: false, files: known.map(({ name }) => ({ name, received: true })) }
  }
  if (load.status === 'uploading') {
    const known = await filesOf(tx, load.id, load.delivery)
    const isSameBytes = isSame(diff(known, request.files))
    if (isSameBytes && known.every(({ name }) => request.files.some((file) => file.name === name))) return { ...await announce(tx, load.id, load.delivery, request), created: false }
    // Invoices may come under another name this time: what has arrived under the first one is waited for no more.
    if (!isSameBytes && !request.replace) throw unfinishedOther(id, request, known)
  }
  return { ...await announce(tx, load.id, load.delivery + 1, request), created }
}

/** The load's row, made if there is none, locked. The unique key decides who makes it, so any number may ask at once. */
async function lockedLoad(tx: Connection, { shopId, loadId, userId }: DeliveryRequest): Promise<{ load: LoadRow; created: boolean }> {
  const [made] = await tx.query<ResultSetHeader>(
    "insert into `load` (shopId, slug, status, createdByUserId) values (?, ?, 'draft', ?) on duplicate key update slug = slug", [shopId, loadId, userId])
  const [[load]] = await tx.query<LoadRow[]>(
    'select id, status, delivery, completedAttempt from `load` where shopId = ? and slug = ? for update', [shopId, loadId])
  return { load: load!, created: made.affectedRows === 1 }
}

async function deliveryOf(tx: Connection, loadId: number, attempt: number): Promise<number> {
  const [[found]] = await tx.query<RowDataPacket[]>('select delivery from attempt where loadId = ? and number = ?', [loadId, attempt])
  return found!.delivery
}

async function filesOf(tx: Connection, loadId: number, delivery: number): Promise<FileRow[]> {
  const [files] = await tx.query<FileRow[]>(
    'select name, bytes, sha256, manifestSha256, receivedAt from load_file where loadId = ? and delivery = ? order by id', [loadId, delivery])
  return files
}

const listedIn = ({ manifest, loadId }: DeliveryRequest) => readManifest(new TextEncoder().encode(JSON.stringify(manifest)), loadId).listed

/** Notes the files that will come. Those that have arrived keep what they are. */
async function announce(tx: Connection, loadId: number, delivery: number, request: DeliveryRequest): Promise<Omit<Delivery, 'created'>> {
  const listed = listedIn(request)
  for (const { name, bytes, sha256 } of request.files) {
    const entry = listed.find((e) => e.name === name)
    await tx.query(
      `insert into load_file (loadId, delivery, name, entity, bytes, sha256, manifestRows, manifestSha256) values (?, ?, ?, ?, ?, ?, ?, ?)
       on duplicate key update bytes = if(receivedAt is null, ?, bytes), sha256 = if(receivedAt is null, ?, sha256)`,
      [loadId, delivery, name, entityOfFile(name)?.name ?? null, bytes, sha256, entry?.rows ?? null, entry?.sha256 ?? null, bytes, sha256])
  }
  await tx.query("update `load` set status = 'uploading', delivery = ?, updatedAt = now(3) where id = ?", [delivery, loadId])
  const files = await filesOf(tx, loadId, delivery)
  return { id: String(loadId), delivery, alreadyLoaded: false, files: files.map((f) => ({ name: f.name, received: f.receivedAt !== null })) }
}

/** What differs between two sets of files. A manifest is only their list: one written again is no other delivery. */
export function diff(known: readonly AnnouncedFile[], offered: readonly AnnouncedFile[]): FileDiff[] {
  const plain = ({ name, bytes, sha256 }: AnnouncedFile): AnnouncedFile => ({ name, bytes, sha256 })
  return entities.flatMap((e) => {
    const was = known.find((f) => entityOfFile(f.name) === e)
    const is = offered.find((f) => entityOfFile(f.name) === e)
    if (!was && !is) return []
    return [{ name: is?.name ?? was!.name, known: was ? plain(was) : null, offered: is ? plain(is) : null, same: was?.sha256 === is?.sha256 }]
  })
}

const isSame = (lines: readonly FileDiff[]) => lines.every((line) => line.same)
const names = (lines: readonly FileDiff[]) => lines.filter((line) => !line.same).map((line) => line.name).join(', ')

/** What a manifest does not list lies beside the load and decides nothing (contract rule 3). */
const listedFirst = <F extends AnnouncedFile>(files: readonly F[], isListed: (file: F) => boolean): F[] => [...files.filter(isListed), ...files.filter((file) => !isListed(file))]

function refuseOtherBytes(id: string, request: DeliveryRequest, known: readonly FileRow[]): void {
  const listed = new Set(listedIn(request).map(({ name }) => name))
  const lines = diff(listedFirst(known, (file) => file.manifestSha256 !== null), listedFirst(request.files, ({ name }) => listed.has(name)))
  if (isSame(lines)) return
  throw new UserError('load_id_reused',
    `Load ${request.loadId} was loaded before with other bytes (${names(lines)}). A new delivery needs a load id of its own.`, { id, diff: lines })
}

function unfinishedOther(id: string, request: DeliveryRequest, known: readonly AnnouncedFile[]): UserError {
  const lines = diff(known, request.files)
  return new UserError('conflict',
    `An upload of other files (${names(lines)}) under load id ${request.loadId} is not finished. Go on with those files, or replace them.`,
    { id, diff: lines, mayReplace: true })
}

/** What a sender says about a file when it begins to send it. */
export type SentFile = AnnouncedFile & { loadId: string; delivery: number; /** Said with the manifest, which starts the load: start it as a dry run. */ dryRun?: boolean }

/** Throws unless this file is expected now. For the manifest that means: everything else is there. */
export async function expectFile(db: Connection, file: SentFile, { lock = false } = {}): Promise<{ received: boolean }> {
  const [[load]] = await db.query<LoadRow[]>(`select id, status, delivery, completedAttempt from \`load\` where id = ? ${lock ? 'for update' : ''}`, [file.loadId])
  if (!load) throw notFound('This load')
  const expected = await filesOf(db, load.id, file.delivery)
  const found = expected.find((f) => f.name === file.name)
  if (found?.receivedAt && found.sha256 === file.sha256) return { received: true }
  if (load.status !== 'uploading') throw new UserError('conflict', 'This load is no longer waiting for files.', { id: file.loadId })
  if (load.delivery !== file.delivery) {
    throw new UserError('conflict', 'These files were replaced by a newer upload of the same load.', { id: file.loadId })
  }
  if (!found) throw invalidInput(`${file.name} was not announced for this load.`)
  if (found.sha256 !== file.sha256 || found.bytes !== file.bytes) throw invalidInput(`${file.name} is not the file that was announced for this load.`)
  if (file.name === MANIFEST_NAME) refuseMissing(expected, expected.map((f) => f.name))
  return { received: false }
}

function refuseMissing(files: readonly FileRow[], listed: readonly string[]): void {
  const missing = listed.filter((name) => name !== MANIFEST_NAME && !files.some((f) => f.name === name && f.receivedAt))
  if (missing.length === 0) return
  throw new UserError('conflict', `manifest.json comes last, and ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} not arrived yet.`, { missing })
}

/** Notes that a file has arrived and lies at `storeKey`. */
export async function fileArrived(tx: Connection, file: SentFile, storeKey: string): Promise<void> {
  const { received } = await expectFile(tx, file, { lock: true })
  if (!received) await noteArrival(tx, file, storeKey)
}

/**
 * Notes that the manifest has arrived: the load is complete and waits to be run. Whether its content is right is for the
 * pipeline to say, so that a wrong manifest leaves a failed load with its reasons. Gives false when it had arrived before.
 */
export async function manifestArrived(tx: Connection, file: SentFile, storeKey: string, bytes: Uint8Array): Promise<boolean> {
  const { received } = await expectFile(tx, file, { lock: true })
  if (received) return false
  const [[load]] = await tx.query<RowDataPacket[]>('select slug from `load` where id = ?', [file.loadId])
  const { listed } = readManifest(bytes, load!.slug)
  refuseMissing(await filesOf(tx, Number(file.loadId), file.delivery), listed.map((entry) => entry.name))
  await noteArrival(tx, file, storeKey)
  await tx.query("update `load` set status = 'queued', updatedAt = now(3) where id = ?", [file.loadId])
  return true
}

async function noteArrival(tx: Connection, { loadId, delivery, name }: SentFile, storeKey: string): Promise<void> {
  await tx.query('update load_file set storeKey = ?, receivedAt = now(3) where loadId = ? and delivery = ? and name = ?', [storeKey, loadId, delivery, name])
  await tx.query('update `load` set updatedAt = now(3) where id = ?', [loadId])
}
