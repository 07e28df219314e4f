import type { InspectReply, InspectRequest } from '#lib/upload/inspect.worker.ts'

/** Reads chosen files in a worker, so that the page keeps moving. The worker starts with the first file. */
export class Inspector {
  readonly #onReply: (reply: InspectReply) => void
  #worker: Worker | null = null

  constructor(onReply: (reply: InspectReply) => void) {
    this.#onReply = onReply
  }

  inspect(request: InspectRequest): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(request)
  }

  /** Ends the worker, and with it what it is reading. */
  close(): void {
    this.#worker?.terminate()
    this.#worker = null
  }

  #start(): Worker {
    const worker = new Worker(new URL('../../lib/upload/inspect.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<InspectReply>) => this.#onReply(data))
    return worker
  }
}
