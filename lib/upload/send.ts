import { DetailedError, Upload } from 'tus-js-client'
import { MANIFEST_NAME } from '#lib/contract/index.ts'

export type Outgoing = { name: string; file: Blob; sha256: string }
export type Target = { loadId: string; delivery: number; uploadUrl: string; received: ReadonlySet<string>; /** Whether the load is to start as a dry run. */ dryRun: boolean }

export type FileState = 'waiting' | 'sending' | 'checking' | 'received'
export type FileProgress = { name: string; bytes: number; sent: number; state: FileState }
export type Sending = {
  /** `offline` goes on by itself; `failed` waits for the person. */
  phase: 'ready' | 'sending' | 'paused' | 'offline' | 'failed' | 'done'
  files: readonly FileProgress[]
  bytes: number
  sent: number
  bytesPerSecond: number | null
  error: string | null
}

// Servers give up a request after five minutes. A piece of this size gets through in time on a slow line.
const PIECE_BYTES = 32 * 1024 * 1024
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000]
const SPEED_WINDOW_MS = 4_000
// Browsers tell when the network is back, but not when the server is.
const TRY_AGAIN_AFTER_MS = 5_000
// What people can follow. More would only cost the page its frames.
const NOTIFY_EVERY_MS = 150

const NO_CONNECTION = 'The server cannot be reached. What has arrived is kept; the upload goes on where it stopped.'

/**
 * Sends the files of one delivery, one after the other and the manifest last. What was sent before a pause, a lost
 * connection or a reload is not sent again.
 */
export class DeliverySender {
  readonly #outgoing: readonly Outgoing[]
  readonly #target: Target
  readonly #listeners = new Set<() => void>()
  #state: Sending
  #stop: () => void = () => {}
  #speed: { atMs: number; sent: number }[] = []
  #notifying: ReturnType<typeof setTimeout> | undefined
  #waiting: ReturnType<typeof setTimeout> | undefined
  // A run that was paused must not go on beside the one that came after it.
  #run = 0

  constructor(outgoing: readonly Outgoing[], target: Target) {
    this.#outgoing = outgoing.toSorted((a, b) => Number(a.name === MANIFEST_NAME) - Number(b.name === MANIFEST_NAME))
    this.#target = target
    const files = this.#outgoing.map(({ name, file }): FileProgress => {
      const received = target.received.has(name)
      return { name, bytes: file.size, sent: received ? file.size : 0, state: received ? 'received' : 'waiting' }
    })
    this.#state = { phase: 'ready', files, ...totals(files), bytesPerSecond: null, error: null }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly snapshot = (): Sending => this.#state

  /** Begins, or goes on after a pause or a failure. */
  start(): void {
    if (this.#state.phase === 'sending' || this.#state.phase === 'done') return
    clearTimeout(this.#waiting)
    this.#set({ phase: 'sending', error: null, bytesPerSecond: null })
    window.addEventListener('online', this.#goOn)
    void this.#sendAll(++this.#run)
  }

  pause(): void {
    if (this.#state.phase !== 'sending' && this.#state.phase !== 'offline') return
    this.#run++
    clearTimeout(this.#waiting)
    this.#set({ phase: 'paused', bytesPerSecond: null })
    this.#stop()
  }

  /** Ends it for good, as when the page is left. What has arrived is kept on the server. */
  dispose(): void {
    this.pause()
    clearTimeout(this.#notifying)
    window.removeEventListener('online', this.#goOn)
    this.#listeners.clear()
  }

  readonly #goOn = () => {
    if (this.#state.phase === 'offline') this.start()
  }

  async #sendAll(run: number): Promise<void> {
    for (const file of this.#outgoing) {
      if (this.#stateOf(file.name) === 'received') continue
      const failure = await this.#send(file, run)
      if (run !== this.#run) return
      if (failure) {
        this.#setFile(file.name, { state: 'waiting' })
        this.#fail(failure)
        return
      }
      this.#setFile(file.name, { state: 'received', sent: file.file.size })
    }
    window.removeEventListener('online', this.#goOn)
    this.#set({ phase: 'done', bytesPerSecond: null })
  }

  #fail({ message, offline }: Failure): void {
    this.#set({ phase: offline ? 'offline' : 'failed', error: message, bytesPerSecond: null })
    if (offline) this.#waiting = setTimeout(this.#goOn, TRY_AGAIN_AFTER_MS)
  }

  /** Sends one file, or the rest of it. Gives null when it was taken in (or the sender was stopped), else why not. */
  async #send({ name, file, sha256 }: Outgoing, run: number): Promise<Failure | null> {
    const { loadId, delivery, uploadUrl, dryRun } = this.#target
    // Said with the manifest, which starts the load. One that was begun for the other kind of run is not gone on with.
    const kind: Record<string, string> = dryRun && name === MANIFEST_NAME ? { dryRun: 'true' } : {}
    const { promise, resolve } = Promise.withResolvers<Failure | null>()
    const upload = new Upload(file, {
      endpoint: uploadUrl,
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      fingerprint: async () => ['onramp', loadId, delivery, name, sha256, ...Object.keys(kind)].join('-'),
      metadata: { load: loadId, delivery: String(delivery), name, sha256, size: String(file.size), ...kind },
      onShouldRetry: (error) => navigator.onLine && mayPass(error),
      onProgress: (sent, bytes) => {
        if (run === this.#run) this.#setFile(name, { sent, state: sent === bytes ? 'checking' : 'sending' })
      },
      onSuccess: () => resolve(null),
      onError: (error) => void failureOf(error, name, file).then(resolve),
    })
    this.#stop = () => void upload.abort().finally(() => resolve(null))
    this.#setFile(name, { state: 'sending' })
    this.#speed = []
    const [begun] = await upload.findPreviousUploads()
    if (begun) upload.resumeFromPreviousUpload(begun)
    if (run === this.#run) upload.start()
    return promise
  }

  #stateOf(name: string): FileState {
    return this.#state.files.find((file) => file.name === name)!.state
  }

  #setFile(name: string, change: Partial<FileProgress>): void {
    const files = this.#state.files.map((file) => (file.name === name ? { ...file, ...change } : file))
    const { bytes, sent } = totals(files)
    this.#set({ files, bytes, sent, bytesPerSecond: this.#speedAt(sent) }, change.state === 'sending')
  }

  #speedAt(sent: number): number | null {
    const now = performance.now()
    this.#speed = [...this.#speed.filter(({ atMs }) => now - atMs < SPEED_WINDOW_MS), { atMs: now, sent }]
    const first = this.#speed[0]!
    if (now - first.atMs < 500 || sent < first.sent) return this.#state.bytesPerSecond
    return ((sent - first.sent) / (now - first.atMs)) * 1000
  }

  #set(change: Partial<Sending>, soon = false): void {
    this.#state = { ...this.#state, ...change }
    if (!soon) return this.#notify()
    this.#notifying ??= setTimeout(() => this.#notify(), NOTIFY_EVERY_MS)
  }

  #notify(): void {
    clearTimeout(this.#notifying)
    this.#notifying = undefined
    for (const listener of this.#listeners) listener()
  }
}

type Failure = { message: string; offline: boolean }

function totals(files: readonly FileProgress[]): { bytes: number; sent: number } {
  return { bytes: files.reduce((sum, f) => sum + f.bytes, 0), sent: files.reduce((sum, f) => sum + f.sent, 0) }
}

/** Whether the same request may succeed in a moment. A refusal of ours says why, and will say so again. */
function mayPass({ originalResponse }: DetailedError): boolean {
  const status = originalResponse?.getStatus() ?? 0
  return status === 0 || status >= 500 || status === 423 || status === 429 || (status === 409 && !refusalOf(originalResponse))
}

async function failureOf(error: Error, name: string, file: Blob): Promise<Failure | null> {
  const response = error instanceof DetailedError ? error.originalResponse : null
  if (!response || response.getStatus() === 0) {
    // To a request a file that the browser may not read any more is the same as a broken connection.
    if (await isReadable(file)) return { message: NO_CONNECTION, offline: true }
    return { message: `${name} was changed, moved or deleted since you chose it, so it cannot be sent. Go back to the files, and choose it again.`, offline: false }
  }
  const refusal = refusalOf(response)
  // Another tab, or a request whose answer was lost, has brought the file in.
  if (refusal?.details?.received) return null
  return { message: refusal?.message ?? 'The server did not take the file. Try again in a moment.', offline: false }
}

const isReadable = (file: Blob): Promise<boolean> => file.slice(0, 1).arrayBuffer().then(() => true, () => false)

type Refusal = { message: string; details?: { received?: boolean } }

function refusalOf(response: DetailedError['originalResponse']): Refusal | null {
  try {
    return (JSON.parse(response?.getBody() ?? '') as { error?: Refusal }).error ?? null
  } catch {
    // tus' own answers are plain text.
    return null
  }
}
