import type { InspectReply, InspectRequest } from '#lib/upload/inspect.worker.ts'

/** A worker, and the bytes of the files that it has not answered for, by request. */
type Reader = { worker: Worker; waiting: Map<number, number> }

// Reading is bound by the processor: the largest file is read beside the others.
const READERS = 2

/** Reads chosen files in workers, so that the page keeps moving. They start with the first files. */
export class Inspector {
  readonly #onReply: (reply: InspectReply) => void
  readonly #readers: Reader[] = []

  constructor(onReply: (reply: InspectReply) => void) {
    this.#onReply = onReply
  }

  /** Gives the file to the worker that has the least to read. */
  inspect(request: InspectRequest): void {
    if (this.#readers.length < READERS) this.#readers.push(this.#start())
    const reader = this.#readers.reduce((least, one) => (bytesOf(one) < bytesOf(least) ? one : least))
    reader.waiting.set(request.id, request.file.size)
    reader.worker.postMessage(request)
  }

  /** Ends the workers, and with them what they are reading. */
  close(): void {
    for (const { worker } of this.#readers.splice(0)) worker.terminate()
  }

  #start(): Reader {
    const reader: Reader = { worker: new Worker(new URL('../../lib/upload/inspect.worker.ts', import.meta.url), { type: 'module' }), waiting: new Map() }
    reader.worker.addEventListener('message', ({ data }: MessageEvent<InspectReply>) => {
      if (data.kind !== 'progress') reader.waiting.delete(data.id)
      this.#onReply(data)
    })
    return reader
  }
}

const bytesOf = ({ waiting }: Reader): number => [...waiting.values()].reduce((sum, bytes) => sum + bytes, 0)
