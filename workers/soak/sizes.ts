import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import { entities } from '#lib/contract/index.ts'
import { rawFileKey } from '#lib/store/index.ts'
import type { PortalClient } from '../portal-client.ts'
import { residentBytes } from './memory.ts'

/** A file to send: so many bytes, in requests of so many. */
export type Size = { bytes: number; piece: number }
/** What became of it on the other side. `whole`: count and sha256 are those of what was sent. */
export type Arrived = Size & { whole: boolean }
export type SizesSent = { files: Arrived[]; portalGrewBytes: number }

const BLOCK_BYTES = 1024 * 1024
const LOOKS_EVERY_MS = 50
const block = randomBytes(BLOCK_BYTES)

type Delivery = { id: string; delivery: number; uploadUrl: string }
type File = Size & { name: string; sha256: string }

/** S1: sends files of these sizes to a portal, as the seven of a load at most, and compares what lies in the store of `dataDir` afterwards. */
export async function sendSizes(portal: PortalClient, { address, dataDir, pid }: { address: string; dataDir: string; pid: number }, sizes: readonly Size[]): Promise<SizesSent> {
  const files = sizes.map((size, i): File => ({ ...size, name: entities[i]!.file, sha256: sha256(bytesOf(0, size.bytes)) }))
  const delivery = await open(portal, files)
  const before = residentBytes(pid)
  let most = before
  const watching = setInterval(() => { most = Math.max(most, residentBytes(pid)) }, LOOKS_EVERY_MS)
  try {
    for (const file of files) await send(portal, address, delivery, file)
  } finally {
    clearInterval(watching)
  }
  const arrived: Arrived[] = []
  for (const { name, sha256, bytes, piece } of files) {
    const found = await kept(path.join(dataDir, 'store', rawFileKey(delivery.id, delivery.delivery, name)))
    arrived.push({ bytes, piece, whole: found.bytes === bytes && found.sha256 === sha256 })
  }
  return { files: arrived, portalGrewBytes: most - before }
}

/** The bytes from `start` to `end` of a file of which no two blocks are the same, made as they are asked for. */
function* bytesOf(start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end;) {
    const [number, offset] = [Math.floor(at / BLOCK_BYTES), at % BLOCK_BYTES]
    const stamped = Buffer.from(block)
    stamped.writeUInt32BE(number)
    const piece = stamped.subarray(offset, Math.min(BLOCK_BYTES, offset + end - at))
    yield piece
    at += piece.length
  }
}

function sha256(chunks: Iterable<Buffer>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

async function open(portal: PortalClient, files: readonly File[]): Promise<Delivery> {
  const slug = `sizes-${randomUUID()}`
  const partner = await portal.post<{ id: string }>('/api/v1/partners', { slug, name: slug })
  const shop = await portal.post<{ id: string }>('/api/v1/shops', { partnerId: partner.id, slug: 's', name: slug, timeZone: 'America/New_York' })
  return portal.post<Delivery>('/api/v1/loads', { shopId: shop.id, loadId: slug, files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })), manifest: {} })
}

async function send(portal: PortalClient, address: string, { id, delivery, uploadUrl }: Delivery, { name, bytes, piece, sha256 }: File): Promise<void> {
  const metadata = Object.entries({ load: id, delivery: String(delivery), name, sha256, size: String(bytes) }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',')
  const created = await portal.ask('POST', uploadUrl, { headers: { 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadata } })
  if (created.status !== 201) throw new Error(`a file of ${bytes} bytes was answered with ${created.status}: ${await created.text()}`)
  const place = new URL(created.headers.get('location')!, address)
  for (let offset = 0; offset < bytes; offset += piece) {
    const end = Math.min(bytes, offset + piece)
    const headers = { ...portal.headers, 'tus-resumable': '1.0.0', 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', 'content-length': String(end - offset) }
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request(place, { method: 'PATCH', headers }, (answer) => answer.resume().once('end', () => resolve(answer.statusCode!)))
      sending.once('error', reject)
      Readable.from(bytesOf(offset, end)).pipe(sending)
    })
    if (status !== 204) throw new Error(`a piece at ${offset} of a file of ${bytes} bytes was answered with ${status}`)
  }
}

async function kept(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
