'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import type { LoadProgress } from '#lib/data/load-progress.ts'
import { byItself } from '#lib/http/background.ts'
import { isUnderWay } from '#lib/load-status.ts'

// A short break of the connection is nobody's business.
const SAY_RECONNECTING_AFTER_MS = 10_000
const POLL_EVERY_MS = 5_000
// A person who follows too many loads at once is refused the stream of this one for a while.
const STREAM_AGAIN_AFTER_MS = 30_000

export type Watch = {
  progress: LoadProgress
  /** Seconds since these numbers were true, for clocks that go on by themselves. */
  age: number
  /** The page has not heard from the server for a while and asks every few seconds. */
  reconnecting: boolean
}

/**
 * Follows a load: by server-sent events, and by asking every 5 seconds where those do not get through, or are refused. Whenever
 * the load changes its status the page itself is read again, so that everything around the steps follows.
 */
export function useLoadProgress(loadId: string, initial: LoadProgress): Watch {
  const router = useRouter()
  const [seen, setSeen] = useState({ progress: initial, at: 0 })
  const [now, setNow] = useState(0)
  const [reconnecting, setReconnecting] = useState(false)
  const known = useRef(initial)
  const underWay = isUnderWay(initial.status)

  useEffect(() => {
    // It ended while the page was being made.
    if (!underWay) return router.refresh()
    let heardAt = Date.now()
    let source: EventSource | undefined
    let connectedAt = 0
    const take = (progress: LoadProgress) => {
      heardAt = Date.now()
      setReconnecting(false)
      setSeen({ progress, at: heardAt })
      setNow(heardAt)
      const before = known.current
      known.current = progress
      if (before.status !== progress.status || before.attempt !== progress.attempt) router.refresh()
    }
    const connect = () => {
      connectedAt = Date.now()
      source = new EventSource(`/api/v1/loads/${loadId}/events`)
      for (const name of ['progress', 'ping']) source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data) as LoadProgress))
      source.addEventListener('end', () => {
        source?.close()
        router.refresh()
      })
      source.addEventListener('signed_out', () => {
        source?.close()
        router.refresh()
      })
    }
    connect()
    const ticking = setInterval(() => setNow(Date.now()), 1_000)
    const polling = setInterval(async () => {
      if (!isUnderWay(known.current.status)) return
      const cutOff = Date.now() - heardAt >= SAY_RECONNECTING_AFTER_MS
      // Browsers come back by themselves after a break, and not after a refusal.
      const refused = source?.readyState === EventSource.CLOSED
      if (!cutOff && !refused) return
      if (cutOff) setReconnecting(true)
      if (refused && (cutOff || Date.now() - connectedAt >= STREAM_AGAIN_AFTER_MS)) connect()
      // A server that cannot be reached is asked again in five seconds; the page says so meanwhile.
      const answer = await fetch(`/api/v1/loads/${loadId}`, { headers: byItself }).catch(() => null)
      if (answer?.status === 401) router.refresh()
      if (answer?.ok) take(((await answer.json()) as { progress: LoadProgress }).progress)
    }, POLL_EVERY_MS)
    return () => {
      source?.close()
      clearInterval(ticking)
      clearInterval(polling)
    }
  }, [loadId, underWay, router])

  return { progress: underWay ? seen.progress : initial, age: seen.at > 0 && underWay ? Math.max(0, (now - seen.at) / 1000) : 0, reconnecting }
}
