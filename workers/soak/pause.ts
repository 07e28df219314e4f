import { setTimeout as sleep } from 'node:timers/promises'

/** Waits. False when `stop` aborted before, or does meanwhile. */
export async function paused(ms: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined)
  return !stop.aborted
}
