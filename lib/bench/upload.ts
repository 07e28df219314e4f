import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { dataset } from './data.ts'
import { openPortal, type BenchPortal } from './portal.ts'
import { fixed, mega, presentSetting, presentTable, targetsTable, type Form } from './present.ts'
import type { Setting, Verdict } from './result.ts'
import { median } from './statistics.ts'
import { inspectInBrowser, type Inspection } from './upload-browser.ts'

/** One large file sent to the portal. `takeInSeconds`: of its last request, beyond what its bytes took. */
export type Sending = { bytes: number; seconds: number; streamSeconds: number; takeInSeconds: number; portalBytesBefore: number; portalPeakBytes: number }
export type UploadResult = Setting & { runs: number; inspections: Inspection[]; sendings: Sending[]; targets: Verdict[] }

export type UploadOptions = {
  dataDir: string; url?: string; signal: AbortSignal
  /** Of the shop whose files are read in the browser. */
  invoices: number
  /** Of the file that is sent. */
  bytes: number
  runs: number
  tell(line: string): void
}

const LEAST_READ_MB = 150
const LEAST_SENT_MB = 200
const MOST_GROWTH_MB = 150
// As the upload page sends them.
const PIECE_BYTES = 32 * 1024 * 1024
const SAMPLE_EVERY_MS = 25

/** Measures how fast a browser reads the files of a load before it sends them, and how fast the portal takes a large one in. */
export async function benchUpload({ dataDir, url, invoices, bytes, runs, signal, tell }: UploadOptions): Promise<UploadResult> {
  const data = await dataset(dataDir, { invoices })
  tell('Starting the portal …')
  const folder = path.join(dataDir, 'upload')
  const portal = await openPortal({ dataDir: folder, url, signal })
  try {
    const shop = await newShop(portal.db)
    const inspections: Inspection[] = []
    for (let i = 0; i < runs; i++) {
      signal.throwIfAborted()
      inspections.push(await inspectInBrowser(portal, shop, [...data.files.map((file) => file.path), path.join(data.folder, MANIFEST_NAME)]))
      tell(`reading in the browser: ${rate(inspections.at(-1)!)} MB/s`)
    }
    const sendings: Sending[] = []
    for (let i = 0; i < runs; i++) {
      signal.throwIfAborted()
      sendings.push(await sendFile(portal, shop, bytes))
      rmSync(path.join(folder, 'store'), { recursive: true, force: true })
      tell(`sending: ${rate(sendings.at(-1)!)} MB/s`)
    }
    return { ...await portal.setting(), runs, inspections, sendings, targets: verdicts(inspections, sendings) }
  } finally {
    await portal.stop()
  }
}

async function newShop(db: Connection): Promise<number> {
  const name = `bench-${randomUUID()}`
  const { insertId: partnerId } = await run(db, sql`insert into partner (slug, name) values (${name}, ${name})`)
  const { insertId } = await run(db, sql`insert into shop (partnerId, slug, name, timeZone) values (${partnerId}, ${name}, ${name}, 'America/New_York')`)
  return insertId
}

/** Sends a file of that size as line_items.csv of a new load, in pieces, as the upload page does. */
export async function sendFile(portal: BenchPortal, shop: number, bytes: number): Promise<Sending> {
  const piece = Buffer.from('L-1,INV-1,part,Oil filter,"Replaced as agreed, old part kept",1,9.90,9.90\n'.repeat(500_000)).subarray(0, PIECE_BYTES)
  const pieces = Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, (_, i) => piece.subarray(0, Math.min(PIECE_BYTES, bytes - i * PIECE_BYTES)))
  const hash = createHash('sha256')
  for (const part of pieces) hash.update(part)
  const sha256 = hash.digest('hex')
  const json = { 'content-type': 'application/json' }
  const opened = await portal.ask('/api/v1/loads', { method: 'POST', headers: json, body: JSON.stringify({ shopId: String(shop), loadId: `bench-${randomUUID()}`, files: [{ name: 'line_items.csv', bytes, sha256 }], manifest: {} }) })
  const { id, delivery, uploadUrl } = JSON.parse(opened.body.toString()) as { id: string; delivery: number; uploadUrl: string }
  const metadata = Object.entries({ load: id, delivery: String(delivery), name: 'line_items.csv', sha256, size: String(bytes) }).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`).join(',')
  const created = await portal.ask(uploadUrl, { method: 'POST', headers: { 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadata, 'content-length': '0' } })
  if (created.status !== 201) throw new Error(`the upload was refused (${created.status}): ${created.body.toString()}`)

  const memory = watchMemory(portal.pid)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const startedMs = performance.now()
  let offset = 0
  let sentMs = startedMs
  for (const part of pieces) {
    await patch(agent, new URL(String(created.headers.location), portal.address), { ...portal.headers, 'tus-resumable': '1.0.0', 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', 'content-length': String(part.length) }, part, () => { sentMs = performance.now() })
    offset += part.length
  }
  const endedMs = performance.now()
  agent.destroy()
  const { before, peak } = await memory.stop()
  const received = await row<{ receivedAt: Date | null }>(portal.db, sql`select receivedAt from load_file where loadId = ${id} and name = 'line_items.csv'`)
  if (!received?.receivedAt) throw new Error('the portal did not note the arrival of the file')
  return { bytes, seconds: (endedMs - startedMs) / 1000, streamSeconds: (sentMs - startedMs) / 1000, takeInSeconds: (endedMs - sentMs) / 1000, portalBytesBefore: before, portalPeakBytes: peak }
}

/** `onSent` is called when the last byte has left us. */
function patch(agent: Agent, url: URL, headers: Record<string, string>, body: Buffer, onSent: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent, method: 'PATCH', headers }, (answer) => {
      answer.resume()
      answer.once('end', () => (answer.statusCode === 204 ? resolve() : reject(new Error(`a piece of the file was answered with ${answer.statusCode}`))))
    })
    sending.once('error', reject)
    sending.once('finish', onSent)
    sending.end(body)
  })
}

function watchMemory(pid: number): { stop(): Promise<{ before: number; peak: number }> } {
  const now = () => Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
  const before = now()
  let peak = before
  const timer = setInterval(() => { peak = Math.max(peak, now()) }, SAMPLE_EVERY_MS)
  return {
    async stop() {
      await sleep(SAMPLE_EVERY_MS)
      clearInterval(timer)
      return { before, peak }
    },
  }
}

const megabytesPerSecond = ({ bytes, seconds }: { bytes: number; seconds: number }) => bytes / 1e6 / seconds
const rate = (measured: { bytes: number; seconds: number }) => megabytesPerSecond(measured).toFixed(0)

function verdicts(inspections: readonly Inspection[], sendings: readonly Sending[]): Verdict[] {
  const read = median(inspections.map(megabytesPerSecond))
  const sent = median(sendings.map(megabytesPerSecond))
  const growth = Math.max(...sendings.map(({ portalBytesBefore, portalPeakBytes }) => portalPeakBytes - portalBytesBefore)) / 1e6
  return [
    { target: 'reading the files of a load in the browser', limit: `≥ ${LEAST_READ_MB} MB/s`, figure: `${read.toFixed(0)} MB/s`, holds: read >= LEAST_READ_MB },
    { target: 'sending a file, to the answer that it has arrived', limit: `≥ ${LEAST_SENT_MB} MB/s`, figure: `${sent.toFixed(0)} MB/s`, holds: sent >= LEAST_SENT_MB },
    { target: 'memory that the portal needs for it', limit: `≤ ${MOST_GROWTH_MB} MB more`, figure: `${growth.toFixed(0)} MB more`, holds: growth <= MOST_GROWTH_MB },
  ]
}

/** What was measured of uploads, for a person. */
export function presentUpload(result: UploadResult, form: Form): string {
  const { inspections, sendings, targets } = result
  const read = [['reading in Chromium: sha256, encoding, header, records', 'files', 'MB', 's', 'MB/s'],
    ...inspections.map((one, i) => [`run ${i + 1}`, String(one.files), mega(one.bytes), fixed(one.seconds, 2), rate(one)])]
  const sent = [['sending one file on loopback', 'MB', 's', 'MB/s', 's until all was sent', 's after that', 'portal MB before', 'at most'],
    ...sendings.map((one, i) => [`run ${i + 1}`, mega(one.bytes), fixed(one.seconds, 2), rate(one), fixed(one.streamSeconds, 2), fixed(one.takeInSeconds, 2), mega(one.portalBytesBefore), mega(one.portalPeakBytes)])]
  return [presentSetting(result), presentTable(read, form), presentTable(sent, form), presentTable(targetsTable(targets), form)].join('\n\n')
}
