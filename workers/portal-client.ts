import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Upload } from 'tus-js-client'
import { entityOfFile, MANIFEST_NAME } from '#lib/contract/index.ts'

export type Credentials = { email: string; password: string }
type Delivery = { id: string; delivery: number; alreadyLoaded: boolean; uploadUrl?: string; files: { name: string; received: boolean }[] }
type Announced = { name: string; bytes: number; sha256: string }
export type Asked = { headers?: Record<string, string>; body?: string | URLSearchParams; signal?: AbortSignal }
type ApiError = { error?: { code: string; message: string; details?: { id?: string } } }

/** The portal's API as a signed-in person uses it, over HTTP. */
export class PortalClient {
  readonly #address: string
  readonly #cookies = new Map<string, string>()

  private constructor(address: string) {
    this.#address = address
  }

  static async signIn(address: string, { email, password }: Credentials): Promise<PortalClient> {
    const client = new PortalClient(address)
    const { csrfToken } = (await (await client.ask('GET', '/api/auth/csrf')).json()) as { csrfToken: string }
    const form = new URLSearchParams({ csrfToken, email, password, json: 'true', callbackUrl: '/' })
    const answer = await client.ask('POST', '/api/auth/callback/credentials', { body: form })
    if (!answer.ok) throw new Error(`the portal did not let ${email} in (${answer.status})`)
    return client
  }

  async get<T>(where: string): Promise<T> {
    return this.#json<T>('GET', where)
  }

  async post<T>(where: string, body: unknown): Promise<T> {
    return this.#json<T>('POST', where, JSON.stringify(body))
  }

  /** Sends a load's folder as the upload page does, the manifest last. Gives the load's id. */
  async sendLoad(shopId: string, loadId: string, folder: string): Promise<string> {
    const names = readdirSync(folder).filter((name) => name === MANIFEST_NAME || entityOfFile(name))
    const files = await Promise.all(names.map((name) => announced(path.join(folder, name))))
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, MANIFEST_NAME), 'utf8'))
    const delivery = await this.post<Delivery>('/api/v1/loads', { shopId, loadId, files, manifest })
    if (delivery.alreadyLoaded) return delivery.id
    const waiting = files.filter(({ name }) => !delivery.files.find((file) => file.name === name)?.received)
    for (const file of waiting.toSorted((a, b) => Number(a.name === MANIFEST_NAME) - Number(b.name === MANIFEST_NAME))) {
      await this.#upload(delivery, folder, file)
    }
    return delivery.id
  }

  #upload({ id, delivery, uploadUrl }: Delivery, folder: string, { name, sha256, bytes }: Announced): Promise<void> {
    return new Promise((resolve, reject) => {
      new Upload(createReadStream(path.join(folder, name)), {
        endpoint: new URL(uploadUrl!, this.#address).href, headers: this.headers, storeFingerprintForResuming: false,
        metadata: { load: id, delivery: String(delivery), name, sha256, size: String(bytes) },
        onSuccess: () => resolve(), onError: reject,
      }).start()
    })
  }

  /** What the portal's own pages send with each request: where it comes from, and the session. */
  get headers(): Record<string, string> {
    return { origin: this.#address, cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  /** Sends a request and gives its answer, whatever that is. */
  async ask(method: string, where: string, { headers = {}, body, signal = AbortSignal.timeout(60_000) }: Asked = {}): Promise<Response> {
    const type: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const answer = await fetch(new URL(where, this.#address), { method, headers: { ...this.headers, ...type, ...headers }, body, redirect: 'manual', signal })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      this.#cookies.set(name!, value!)
    }
    return answer
  }

  async #json<T>(method: string, where: string, body?: string): Promise<T> {
    const answer = await this.ask(method, where, { body })
    const data = (await answer.json()) as T & ApiError
    if (!answer.ok) throw new Error(`${method} ${where} answered ${answer.status}: ${data.error?.message ?? 'no reason given'}`)
    return data
  }
}

async function announced(file: string): Promise<Announced> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { name: path.basename(file), bytes: statSync(file).size, sha256: hash.digest('hex') }
}
