import { setTimeout as sleep } from 'node:timers/promises'

/** Waits. False when `stop` aborted before, or does meanwhile. */
export async function paused(ms: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return false
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined)
  return !stop.aborted
}

/** Something to wait for before each of several things that are to begin one after the other, `everyMs`. */
export function paceOf(everyMs: number, stop: AbortSignal): () => Promise<void> {
  let nextMs = 0
  return async () => {
    const nowMs = performance.now()
    const turnMs = Math.max(nowMs, nextMs)
    nextMs = turnMs + everyMs
    if (turnMs > nowMs) await paused(turnMs - nowMs, stop)
  }
}
