import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { freePort } from '#lib/http/free-port.ts'
import { Running } from '#lib/jobs/testing-disturbed.ts'
import { sha256Of, type TestInstallation } from '#lib/jobs/testing.ts'

export type TestPortal = {
  address: string
  /** Starts the portal's API in a process of its own; with a place, one that dies there. */
  start(place?: string): Promise<Running>
}

/** A portal for the test's database and files. */
export async function testPortal({ url, dataDir }: Pick<TestInstallation, 'url' | 'dataDir'>): Promise<TestPortal> {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  return {
    address,
    async start(place) {
      const started = new Running(spawn(process.execPath, [path.resolve('lib/http/testing-portal.ts'), String(port)], {
        stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'error', ...(place ? { ONRAMP_FAILPOINT: `${place}=kill` } : {}) },
      }))
      for (;;) {
        if (await fetch(`${address}/`).then(() => true, () => false)) return started
        await sleep(20)
      }
    },
  }
}

const PIECE = { 'content-type': 'application/offset+octet-stream' }

export type File = { name: string; bytes: Buffer }
/** What is to be sent; `complete`: nothing any more. */
export type Delivery = { id: string; delivery: number; files: { name: string; received: boolean }[]; complete: boolean }

/** The files of a folder in the order in which they are sent: the manifest last. */
export function filesIn(folder: string): File[] {
  const names = readdirSync(folder).filter((name) => name !== MANIFEST_NAME)
  return [...names, MANIFEST_NAME].map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }))
}

/** Somebody who sends files as our page does: keeps the addresses of begun uploads, and asks where to go on. */
export class Rep {
  readonly files: readonly File[]
  readonly #address: string
  readonly #token: string
  readonly #load: { shopId: number; loadId: string }
  readonly #begun = new Map<string, string>()

  constructor({ address }: TestPortal, token: string, load: { shopId: number; loadId: string }, files: readonly File[]) {
    this.#address = address
    this.#token = token
    this.#load = load
    this.files = files
  }

  /** Sends what has not arrived. Gives the load's id, or throws as soon as a connection breaks. */
  async send(): Promise<string> {
    const delivery = await this.open()
    for (const { name, received } of delivery.files) if (!received && name !== MANIFEST_NAME) await this.sendFile(delivery, name)
    if (!delivery.complete) await this.sendFile(delivery, MANIFEST_NAME)
    return delivery.id
  }

  async open(): Promise<Delivery> {
    const answer = await this.askToOpen()
    const body = (await answer.json()) as Omit<Delivery, 'complete'> & { error?: { code: string; details: { id: string } } }
    // Everything had arrived, and nobody could tell: the page leads to the load.
    if (body.error?.code === 'load_running') return { id: body.error.details.id, delivery: 1, files: [], complete: true }
    expect([200, 201]).toContain(answer.status)
    return { ...body, complete: false }
  }

  /** Says what will come. A manifest that is no object is announced as an empty one. */
  askToOpen(): Promise<Response> {
    const files = this.files.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256Of(bytes) }))
    const body = JSON.stringify({ shopId: String(this.#load.shopId), loadId: this.#load.loadId, files })
    const manifest = objectIn(this.files.find(({ name }) => name === MANIFEST_NAME)?.bytes)
    return this.#ask('POST', '/api/v1/loads', { 'content-type': 'application/json' }, `${body.slice(0, -1)},"manifest":${manifest}}`)
  }

  /** Begins to send a file: gives where. */
  async begin(delivery: Delivery, name: string): Promise<string> {
    const made = await this.askToBegin(delivery, name)
    expect(made.status, await made.text()).toBe(201)
    this.#begun.set(name, made.headers.get('location')!)
    return this.#begun.get(name)!
  }

  askToBegin({ id, delivery }: Delivery, name: string): Promise<Response> {
    const { bytes } = this.#file(name)
    const facts = { load: id, delivery: String(delivery), name, sha256: sha256Of(bytes), size: String(bytes.length) }
    const metadata = Object.entries(facts).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',')
    return this.#ask('POST', '/api/v1/uploads', { 'upload-length': String(bytes.length), 'upload-metadata': metadata })
  }

  /** Sends a file that the portal may not want; gives its last answer. */
  async offer(delivery: Delivery, name: string): Promise<Response> {
    const made = await this.askToBegin(delivery, name)
    if (made.status !== 201 || this.#file(name).bytes.length === 0) return made
    this.#begun.set(name, made.headers.get('location')!)
    return this.askToTake(name, 0)
  }

  /** Sends so many bytes of a file, and then nothing for as long as the portal lives. */
  async sendAndWait(name: string, count: number): Promise<void> {
    const piece = this.#file(name).bytes.subarray(0, count)
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(piece)) })
    await this.#ask('PATCH', this.#begun.get(name)!, { 'upload-offset': '0', ...PIECE }, body).catch(() => undefined)
  }

  /** Begins to send the rest of a file; after `count` bytes of it, and `before`, the connection breaks: it is closed, or reset. */
  async sendAndBreak(name: string, offset: number, count: number, { reset, before }: { reset: boolean; before?: () => Promise<void> }): Promise<void> {
    const rest = this.#file(name).bytes.subarray(offset)
    const request = http.request(new URL(this.#begun.get(name)!, this.#address), {
      method: 'PATCH', agent: false, headers: { ...this.#own(), ...PIECE, 'upload-offset': String(offset), 'content-length': String(rest.length) },
    })
    const ended = new Promise((resolve) => request.on('error', () => undefined).on('close', resolve))
    request.on('response', (response) => response.resume())
    await new Promise((resolve) => request.write(rest.subarray(0, count), resolve))
    await before?.()
    if (reset) request.socket!.resetAndDestroy()
    else request.destroy()
    await ended
  }

  /** How much of a file has arrived; undefined when the portal wants no more of it. */
  async offset(name: string): Promise<number | undefined> {
    const { status, headers } = await this.#ask('HEAD', this.#begun.get(name)!)
    // It has arrived whole, and is no upload any more.
    if (status === 409 || status === 404 || status === 410) return undefined
    expect(status).toBe(200)
    return Number(headers.get('upload-offset'))
  }

  /** Sends a piece from where it does not belong; gives what the portal says. */
  async sendFrom(name: string, offset: number): Promise<number> {
    return (await this.askToTake(name, offset)).status
  }

  askToTake(name: string, offset: number): Promise<Response> {
    return this.#ask('PATCH', this.#begun.get(name)!, { 'upload-offset': String(offset), ...PIECE }, new Uint8Array(this.#file(name).bytes.subarray(offset)))
  }

  /** Sends what of a file has not arrived. */
  async sendFile(delivery: Delivery, name: string): Promise<void> {
    if (!this.#begun.has(name)) await this.begin(delivery, name)
    const offset = await this.offset(name)
    if (offset === undefined || offset === this.#file(name).bytes.length) return
    expect(await this.sendFrom(name, offset), name).toBe(204)
  }

  #file(name: string) {
    return this.files.find((file) => file.name === name)!
  }

  #own() {
    return { origin: this.#address, 'sec-fetch-site': 'same-origin', cookie: `${sessionCookie()}=${this.#token}`, 'tus-resumable': '1.0.0' }
  }

  #ask(method: string, where: string, headers: Record<string, string> = {}, body?: BodyInit): Promise<Response> {
    const init = { method, headers: { ...this.#own(), ...headers }, body, duplex: 'half', signal: AbortSignal.timeout(20_000) }
    return fetch(new URL(where, this.#address), init as RequestInit)
  }
}

/** The text of a JSON object as it is, however deep it goes. */
function objectIn(bytes: Buffer | undefined): string {
  const text = bytes?.toString() ?? ''
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : '{}'
  } catch {
    return '{}'
  }
}
