import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'mysql2/promise'
import { createAccount } from '#lib/auth/accounts.ts'
import type { Role } from '#lib/auth/permissions.ts'
import { MANIFEST_NAME } from '#lib/contract/index.ts'
import { isDeep } from '#lib/contract/json-depth.ts'
import type { Random } from '#lib/sample/random.ts'
import { deliveryNames } from '#lib/upload/delivery-names.ts'
import { PortalClient } from '../portal-client.ts'
import type { Tally } from './tally.ts'

export type SentFile = { name: string; bytes: Buffer; sha256: string }
export type Package = { shopId: number; loadId: string; files: readonly SentFile[]; manifest: unknown }
/**
 * `refused`: the portal did not take the package, and says why. `delivery`: the number of the last one that was begun; one that had
 * arrived and failed before its sender heard of it is followed by another.
 */
export type Sent = { id: string; alreadyLoaded: boolean; delivery: number } | { refused: string }
/** How roughly a package is sent: the chance that a connection breaks in a piece of a file, and that a file is sent twice. */
export type Roughness = { drop: number; twice: number }

type Delivery = { id: string; delivery: number; alreadyLoaded: boolean; uploadUrl: string; files: { name: string; received: boolean }[] }
/** `places`: where the files that were begun are sent to. */
type Begun = { delivery: number; places: Map<string, string> }
type Refusal = { code: string; message: string; details?: { id?: string; received?: boolean; missing?: string[] } }
type Answer = { status: number; retryAfter: string | undefined; text: string }

const SMOOTH: Roughness = { drop: 0, twice: 0 }
const GIVES_UP_AFTER_MS = 240_000
const MOST_WAIT_MS = 5_000
// A sixth wrong one in a row would be refused for a while.
const MOST_SIGN_INS = 5

/** The portal, or what is behind it, is away: the same again in a moment. */
class Away extends Error {}

/** The files of a folder as somebody chooses them, the manifest last. `manifest` is null where it is no JSON, or deeper than our page reads. */
export function packageOf(folder: string): Pick<Package, 'files' | 'manifest'> {
  const names = readdirSync(folder).filter((name) => deliveryNames.has(name)).sort((a, b) => Number(a === MANIFEST_NAME) - Number(b === MANIFEST_NAME))
  const files = names.map((name) => fileOf(name, readFileSync(path.join(folder, name))))
  try {
    const text = String(files.find(({ name }) => name === MANIFEST_NAME)?.bytes)
    return { files, manifest: isDeep(text) ? null : JSON.parse(text) }
  } catch {
    return { files, manifest: null }
  }
}

export const fileOf = (name: string, bytes: Buffer): SentFile => ({ name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') })

/** Somebody who is signed in and works with the portal over HTTP, and who comes back when it is away. */
export class Person {
  readonly client: PortalClient
  readonly email: string
  readonly #tally: Tally
  readonly #address: string
  // One that nobody keeps: a connection dropped on purpose must not be another request's.
  readonly #agent = new Agent({ keepAlive: false })

  private constructor(client: PortalClient, address: string, email: string, tally: Tally) {
    this.client = client
    this.#address = address
    this.email = email
    this.#tally = tally
  }

  static async of(address: string, db: Pool, role: Role, name: string, tally: Tally): Promise<Person> {
    const { email, password } = await createAccount(db, { email: `${name}@onramp.example`, name: 'Soak', role })
    for (let tries = 1; ; tries++) {
      const client = await PortalClient.signIn(address, { email, password }).catch((error: unknown) => {
        // On a machine that has much to do, many who sign in at once may be told to come again.
        if (tries === MOST_SIGN_INS) throw error
      })
      if (client) return new Person(client, address, email, tally)
      await sleep(1_000)
    }
  }

  /** Sends a request, again and again while the portal or its database is away; gives any other answer. */
  async ask(method: string, where: string, { headers, body }: { headers?: Record<string, string>; body?: string } = {}): Promise<{ status: number; headers: Headers; text: string }> {
    const deadline = Date.now() + GIVES_UP_AFTER_MS
    for (;;) {
      try {
        return await this.#once(method, where, headers, body)
      } catch (error) {
        if (!(error instanceof Away) || Date.now() > deadline) throw error
      }
    }
  }

  async #once(method: string, where: string, headers?: Record<string, string>, body?: string): Promise<{ status: number; headers: Headers; text: string }> {
    this.#tally.count('requests')
    const answer = await this.client.ask(method, where, { headers, body }).then(async (made) => ({ status: made.status, headers: made.headers, text: await made.text() })).catch(() => null)
    if (!answer) return this.#away('requests without an answer', 300)
    await this.#judge(`${method} ${where}`, answer)
    return answer
  }

  async #away(what: string, ms: number): Promise<never> {
    this.#tally.count(what)
    await sleep(ms)
    throw new Away(what)
  }

  async #judge(what: string, { status, headers, text }: { status: number; headers: Headers; text: string }): Promise<void> {
    const wrong = wrongAnswer(status, headers.get('retry-after'))
    if (wrong) this.#tally.problem(`${what} ${wrong}: ${text.slice(0, 300)}`)
    if (status === 429 || status === 503) await this.#away(`requests answered ${status}`, Math.min(MOST_WAIT_MS, (Number(headers.get('retry-after')) || 1) * 1000))
    if (status >= 500) await this.#away('requests answered 5xx', 500)
  }

  /** Opens a delivery once, whatever comes of it. */
  open({ shopId, loadId, files, manifest }: Package): Promise<{ status: number; text: string }> {
    const announced = files.map(({ name, bytes, sha256 }) => ({ name, bytes: bytes.length, sha256 }))
    return this.ask('POST', '/api/v1/loads', { body: JSON.stringify({ shopId: String(shopId), loadId, files: announced, manifest }) })
  }

  /** Sends a package until it has arrived or is refused, whatever breaks on the way. */
  async send(sending: Package, dice: Random, roughness: Roughness = SMOOTH): Promise<Sent> {
    const begun: Begun = { delivery: 1, places: new Map() }
    const deadline = Date.now() + GIVES_UP_AFTER_MS
    for (;;) {
      try {
        return await this.#sendAll(sending, begun, dice, roughness)
      } catch (error) {
        if (!(error instanceof Away)) throw error
        if (Date.now() > deadline) throw new Error(`${sending.loadId} could not be sent within ${GIVES_UP_AFTER_MS / 1000} seconds`, { cause: error })
      }
    }
  }

  async #sendAll(sending: Package, begun: Begun, dice: Random, roughness: Roughness): Promise<Sent> {
    const { status, text } = await this.open(sending)
    if (status !== 200 && status !== 201) {
      const refusal = refusalIn(text)
      // All had arrived, and its sender could not know.
      if (refusal?.code === 'load_running') return { id: refusal.details!.id!, alreadyLoaded: false, delivery: begun.delivery }
      return { refused: `${status} ${refusal?.code}` }
    }
    const delivery = JSON.parse(text) as Delivery
    begun.delivery = delivery.delivery
    if (delivery.alreadyLoaded) return { id: delivery.id, alreadyLoaded: true, delivery: delivery.delivery }
    for (const file of sending.files) {
      if (delivery.files.find(({ name }) => name === file.name)?.received) continue
      for (let times = dice.chance(roughness.twice) ? 2 : 1; times > 0; times--) {
        const refused = await this.#sendFile(delivery, file, begun.places, dice, roughness)
        if (refused) return { refused }
      }
    }
    return { id: delivery.id, alreadyLoaded: false, delivery: delivery.delivery }
  }

  /** Gives why a file was refused; undefined when it has arrived. */
  async #sendFile({ id, delivery, uploadUrl }: Delivery, file: SentFile, begun: Map<string, string>, dice: Random, { drop }: Roughness): Promise<string | undefined> {
    const key = `${id}/${delivery}/${file.name}`
    let offset = begun.has(key) ? await this.#offset(begun.get(key)!) : undefined
    if (offset === undefined) {
      const facts = { load: id, delivery: String(delivery), name: file.name, sha256: file.sha256, size: String(file.bytes.length) }
      const metadata = Object.entries(facts).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`).join(',')
      const { status, headers, text } = await this.ask('POST', uploadUrl, { headers: { 'tus-resumable': '1.0.0', 'upload-length': String(file.bytes.length), 'upload-metadata': metadata } })
      if (status !== 201) return refusalIn(text)?.details?.received ? undefined : `${file.name}: ${status} ${refusalIn(text)?.code}`
      begun.set(key, headers.get('location')!)
      offset = 0
    }
    while (offset < file.bytes.length) {
      const place = begun.get(key)!
      if (drop > 0 && dice.chance(drop / 4)) await this.#refuseWrongOffset(place, offset + 1)
      const cutAt = dice.chance(drop) ? dice.int(0, file.bytes.length - offset - 1) : undefined
      const answer = await this.#piece(place, offset, file.bytes.subarray(offset), cutAt)
      const status = answer?.status
      this.#tally.count(cutAt === undefined ? 'files sent to their end' : 'uploads dropped')
      if (status === 204) break
      // A manifest that lists a file which nobody has announced: however often it is sent, it is refused.
      if (answer && refusalIn(answer.text)?.details?.missing) return `${file.name}: ${status} ${refusalIn(answer.text)!.code}`
      if (status !== undefined && status !== 404 && status !== 409 && status !== 410 && status !== 423 && status < 500) return `${file.name}: ${status}`
      const reached = await this.#offset(place)
      // Gone: it was taken in, or has to be begun again. The delivery knows.
      if (reached === undefined) return this.#away('uploads asked for anew', 0)
      if (reached > 0) this.#tally.count('uploads resumed')
      offset = reached
    }
    this.#tally.count('bytes sent', file.bytes.length)
    return undefined
  }

  async #offset(place: string): Promise<number | undefined> {
    const { status, headers } = await this.ask('HEAD', place, { headers: { 'tus-resumable': '1.0.0' } })
    return status === 200 ? Number(headers.get('upload-offset')) : undefined
  }

  async #refuseWrongOffset(place: string, offset: number): Promise<void> {
    const status = (await this.#piece(place, offset, Buffer.from('x'), undefined))?.status
    if (status === 204) this.#tally.problem('a piece of a file at a wrong offset was taken')
    else if (status === 409) this.#tally.count('wrong offsets refused')
  }

  /** Sends bytes, and breaks the connection after `cutAt` of them. Gives the answer; undefined when there is none. */
  async #piece(place: string, offset: number, bytes: Buffer, cutAt: number | undefined): Promise<Answer | undefined> {
    const headers = { ...this.client.headers, 'tus-resumable': '1.0.0', 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', 'content-length': String(bytes.length) }
    this.#tally.count('requests')
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    const sending = request(new URL(place, this.#address), { agent: this.#agent, method: 'PATCH', headers, timeout: 60_000 }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part)).once('close', () => resolve({ status: answer.statusCode!, retryAfter: answer.headers['retry-after'], text }))
    })
    sending.once('error', () => resolve(undefined)).once('timeout', () => sending.destroy())
    if (cutAt === undefined) sending.end(bytes)
    else sending.write(bytes.subarray(0, cutAt), () => setTimeout(() => sending.destroy(), 5))
    const answer = await promise
    const wrong = answer && wrongAnswer(answer.status, answer.retryAfter)
    if (wrong) this.#tally.problem(`PATCH of an upload ${wrong}`)
    return answer
  }
}

/** What is wrong with an answer of that status: overload and absence are told as such, and say when to come again; nothing else above 499 may be. */
export function wrongAnswer(status: number, retryAfter: string | null | undefined): string | undefined {
  if (status !== 429 && status < 500) return undefined
  if (status !== 429 && status !== 503) return `answered ${status}`
  return retryAfter && Number(retryAfter) >= 0 ? undefined : `answered ${status} without Retry-After`
}

export function refusalIn(text: string): Refusal | null {
  try {
    return (JSON.parse(text) as { error?: Refusal }).error ?? null
  } catch {
    // tus' own answers are plain text.
    return null
  }
}
