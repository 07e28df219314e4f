import { setTimeout as sleep } from 'node:timers/promises'
import { writeAnchor } from '#lib/audit/anchors.ts'
import { isPurgeDue, purge, type Keeping, type Purged } from './retention.ts'

const LOOK_AGAIN_MS = 5 * 60_000

/**
 * What a worker does beside its loads: once an hour it purges and writes down how far the audit trail goes, the latter at its
 * start too; of several workers one does it. Errors are told and tried again, until `stop` aborts.
 */
export async function keepHouse(keeping: Keeping & { anchors: string }, stop: AbortSignal, { onPurged, onError }: { onPurged(purged: Purged): void; onError(error: unknown): void }): Promise<void> {
  let anchored = false
  while (!stop.aborted) {
    try {
      const due = await isPurgeDue(keeping.db)
      if (due || !anchored) anchored = await writeAnchor(keeping.db, keeping.anchors) || anchored
      const purged = due ? await purge(keeping) : null
      if (purged) onPurged(purged)
    } catch (error) {
      onError(error)
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal: stop, ref: false }).catch(() => undefined)
  }
}
