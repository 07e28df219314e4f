import type { EntityName } from '#lib/contract/index.ts'
import { inspectCsv, inspectManifest, type InspectedCsv, type InspectedManifest } from './inspect.ts'

export type InspectRequest =
  | { id: number; kind: 'csv'; file: Blob; name: string; entity: EntityName }
  | { id: number; kind: 'manifest'; file: Blob; loadId: string }
export type InspectReply =
  | { id: number; kind: 'progress'; bytes: number }
  | { id: number; kind: 'csv'; result: InspectedCsv }
  | { id: number; kind: 'manifest'; result: InspectedManifest }
  | { id: number; kind: 'unreadable' | 'broken' }

const reply = (message: InspectReply) => self.postMessage(message)

// One file after the other: what is read at once needs memory at once.
let before: Promise<void> = Promise.resolve()

self.addEventListener('message', ({ data }: MessageEvent<InspectRequest>) => {
  const next = () => inspect(data)
  before = before.then(next, next)
})

async function inspect(request: InspectRequest): Promise<void> {
  const { id } = request
  try {
    if (request.kind === 'manifest') reply({ id, kind: 'manifest', result: await inspectManifest(request.file, request.loadId) })
    else reply({ id, kind: 'csv', result: await inspectCsv(request.file, request.name, request.entity, (bytes) => reply({ id, kind: 'progress', bytes })) })
  } catch (error) {
    // A DOMException says that the browser could not read the file: moved, deleted or changed since it was chosen.
    const unreadable = error instanceof DOMException
    reply({ id, kind: unreadable ? 'unreadable' : 'broken' })
    if (!unreadable) throw error
  }
}
