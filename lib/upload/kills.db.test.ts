import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import { MANIFEST_NAME, entities } from '#lib/contract/index.ts'
import { failpoints, type Failpoint } from '#lib/ingest/failpoint.ts'
import { rows, sql } from '#lib/ingest/sql/sql.ts'
import { claim } from '#lib/jobs/queue.ts'
import { runJob } from '#lib/jobs/run-job.ts'
import { Running, disturbance, killStarted, seedOfRun, type Prepared } from '#lib/jobs/testing-disturbed.ts'
import { sha256Of, testInstallation } from '#lib/jobs/testing.ts'
import { random } from '#lib/sample/random.ts'
import { rawFileKey } from '#lib/store/index.ts'

const installation = await testInstallation()
const { runner, url, dataDir, connection } = installation
const d = await disturbance(installation)
const { token } = await signedIn(connection, 'support')
const dice = random(seedOfRun(), 'uploads')
afterAll(killStarted)

const port = await new Promise<number>((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address() as { port: number }
    probe.close(() => resolve(free))
  })
})
const address = `http://127.0.0.1:${port}`

/** The portal's API in a process of its own; with a place, one that dies there. */
async function portal(place?: string): Promise<Running> {
  const started = new Running(spawn(process.execPath, [path.resolve('lib/http/testing-portal.ts'), String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, DATABASE_URL: url, ONRAMP_DATA_DIR: dataDir, ONRAMP_LOG_LEVEL: 'error', ...(place ? { ONRAMP_FAILPOINT: `${place}=kill` } : {}) },
  }))
  for (;;) {
    if (await fetch(`${address}/`).then(() => true, () => false)) return started
    await sleep(20)
  }
}

const PIECE = { 'content-type': 'application/offset+octet-stream' }

/** What is to be sent; `complete`: nothing any more. */
type Delivery = { id: string; delivery: number; files: { name: string; received: boolean }[]; complete: boolean }

/** Somebody who sends the files of a folder as our page does: keeps the addresses of begun uploads, and asks where to go on. */
class Rep {
  readonly files: { name: string; bytes: Buffer }[]
  readonly #shop: Prepared
  readonly #begun = new Map<string, string>()

  constructor(shop: Prepared) {
    this.#shop = shop
    const names = readdirSync(shop.folder).filter((name) => name !== MANIFEST_NAME)
    this.files = [...names, MANIFEST_NAME].map((name) => ({ name, bytes: readFileSync(path.join(shop.folder, name)) }))
  }

  /** Sends what has not arrived. Gives the load's id, or throws as soon as a connection breaks. */
  async send(): Promise<string> {
    const delivery = await this.open()
    for (const { name, received } of delivery.files) if (!received && name !== MANIFEST_NAME) await this.#sendFile(delivery, name)
    if (!delivery.complete) await this.#sendFile(delivery, MANIFEST_NAME)
    return delivery.id
  }

  async open(): Promise<Delivery> {
    const files = this.files.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256Of(bytes) }))
    const manifest: unknown = JSON.parse(this.files.at(-1)!.bytes.toString())
    const answer = await this.#ask('POST', '/api/v1/loads', { 'content-type': 'application/json' }, JSON.stringify({ shopId: String(this.#shop.shopId), loadId: 'second', files, manifest }))
    const body = (await answer.json()) as Omit<Delivery, 'complete'> & { error?: { code: string; details: { id: string } } }
    // Everything had arrived, and nobody could tell: the page leads to the load.
    if (body.error?.code === 'load_running') return { id: body.error.details.id, delivery: 1, files: [], complete: true }
    expect([200, 201]).toContain(answer.status)
    return { ...body, complete: false }
  }

  /** Begins to send a file: gives where. */
  async begin({ id, delivery }: Delivery, name: string): Promise<string> {
    const { bytes } = this.#file(name)
    const facts = { load: id, delivery: String(delivery), name, sha256: sha256Of(bytes), size: String(bytes.length) }
    const metadata = Object.entries(facts).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',')
    const made = await this.#ask('POST', '/api/v1/uploads', { 'upload-length': String(bytes.length), 'upload-metadata': metadata })
    expect(made.status, await made.text()).toBe(201)
    this.#begun.set(name, made.headers.get('location')!)
    return this.#begun.get(name)!
  }

  /** Sends so many bytes of a file, and then nothing for as long as the portal lives. */
  async sendAndWait(name: string, count: number): Promise<void> {
    const piece = this.#file(name).bytes.subarray(0, count)
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(piece)) })
    await this.#ask('PATCH', this.#begun.get(name)!, { 'upload-offset': '0', ...PIECE }, body).catch(() => undefined)
  }

  /** How much of a file has arrived; undefined when the portal wants no more of it. */
  async offset(name: string): Promise<number | undefined> {
    const { status, headers } = await this.#ask('HEAD', this.#begun.get(name)!)
    if (status === 409) return undefined
    expect(status).toBe(200)
    return Number(headers.get('upload-offset'))
  }

  async #sendFile(delivery: Delivery, name: string): Promise<void> {
    if (!this.#begun.has(name)) await this.begin(delivery, name)
    const offset = await this.offset(name)
    const { bytes } = this.#file(name)
    if (offset === undefined || offset === bytes.length) return
    const sent = await this.#ask('PATCH', this.#begun.get(name)!, { 'upload-offset': String(offset), ...PIECE }, new Uint8Array(bytes.subarray(offset)))
    expect(sent.status, `${name}: ${await sent.text()}`).toBe(204)
  }

  #file(name: string) {
    return this.files.find((file) => file.name === name)!
  }

  #ask(method: string, where: string, headers: Record<string, string> = {}, body?: BodyInit): Promise<Response> {
    const own = { origin: address, 'sec-fetch-site': 'same-origin', cookie: `${sessionCookie()}=${token}`, 'tus-resumable': '1.0.0' }
    const init = { method, headers: { ...own, ...headers }, body, duplex: 'half', signal: AbortSignal.timeout(20_000) }
    return fetch(new URL(where, address), init as RequestInit)
  }
}

/** Kills the portal while the first file comes in: what had come is kept. */
async function killWhileBytesCome(rep: Rep): Promise<void> {
  const running = await portal()
  const { name, bytes } = rep.files[0]!
  const half = Math.floor(bytes.length / 2)
  const arrived = path.join(dataDir, 'uploads', path.basename(await rep.begin(await rep.open(), name)))
  const sending = rep.sendAndWait(name, half)
  while (statSync(arrived).size < half) await sleep(5)
  running.signal('SIGKILL')
  await Promise.all([running.ended, sending])
  const next = await portal()
  expect(await rep.offset(name)).toBe(half)
  next.signal('SIGKILL')
  await next.ended
}

const points = (Object.keys(failpoints) as Failpoint[]).filter((point) => point.startsWith('U'))
const places = points.map((point) => (point === 'U3' ? `U3:${dice.of(entities).file}` : point))

test(`an upload whose portal is killed at ${places.join(', ')} goes on each time where it stopped, and its load is the undisturbed one`, async () => {
  const shop = await d.prepare()
  const rep = new Rep(shop)
  for (const place of places) {
    if (place === 'U2') await killWhileBytesCome(rep)
    const running = await portal(place)
    await expect(rep.send(), place).rejects.toThrow(/fetch failed|terminated|other side/)
    expect(await running.ended, `${place}: ${running.stderr}`).toEqual({ code: null, signal: 'SIGKILL' })
  }
  const last = await portal()
  const id = await rep.send()
  last.signal('SIGKILL')

  for (const { name, bytes } of rep.files) expect(readFileSync(path.join(dataDir, 'store', rawFileKey(id, 1, name))).equals(bytes), name).toBe(true)
  expect(readdirSync(path.join(dataDir, 'store', 'loads', id, '1'))).toHaveLength(rep.files.length)
  const jobs = await rows<{ id: number; status: string }>(runner.db, sql`select id, status from job where loadId = ${id}`)
  expect(jobs.map(({ status }) => status)).toEqual(['queued'])
  expect(await d.state(shop)).toBe('before')
  await runJob(runner, (await claim(runner.db, runner.worker, 20, jobs[0]!.id))!)
  expect(await d.canon(shop)).toBe(d.undisturbed(shop))
})
