import { sessionCookie } from '#lib/auth/cookie.ts'
import { userOfToken } from '#lib/auth/session.ts'
import { loadProgress } from '#lib/data/load-progress.ts'
import { loadParams } from '#lib/data/load-query.ts'
import { isUnderWay } from '#lib/load-status.ts'
import { log } from '#lib/log.ts'
import { countStream } from '#lib/http/open-streams.ts'
import { route } from '#lib/http/route.ts'

const LOOK_EVERY_MS = 700
// Also how soon somebody who may not see the load any more stops seeing it, and how old the worker's last sign of life may look.
const PING_EVERY_MS = 3_000
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }

/**
 * How far a load is, as server-sent events: `progress` whenever something changed, with its version as the event's id, and
 * `end` when the attempt has ended. A client that comes back with Last-Event-ID gets only what it has not seen. One person may
 * have so many streams open, and no more.
 */
export const GET = route({ permission: 'load:read', background: true, params: loadParams }, async ({ user, params, request }) => {
  // Asked before the stream begins, so that a load that does not exist is a 404.
  const first = await loadProgress(user, params.id)
  // Who asks for the headers alone never reads a stream, and so never lets it end.
  if (request.method === 'HEAD') return new Response(null, { headers: HEADERS })
  const token = request.cookies.get(sessionCookie())?.value
  let seen = request.headers.get('last-event-id')
  const gone = request.signal
  const over = countStream(user.id)
  // Whoever leaves before the stream is read never lets it end.
  gone.addEventListener('abort', over, { once: true })

  async function* events(): AsyncGenerator<string> {
    let progress = first
    let pingAt = Date.now() + PING_EVERY_MS
    while (!gone.aborted) {
      if (progress.version !== seen) yield event('progress', progress, (seen = progress.version))
      if (!isUnderWay(progress.status)) return yield event('end', { status: progress.status })
      await pause(LOOK_EVERY_MS, gone)
      if (Date.now() >= pingAt) {
        const now = await userOfToken(token)
        // Who sees another partner now, or all, has the page read again, and is told there what there is to see.
        if (now?.partnerId !== user.partnerId) return yield event('signed_out', {})
        pingAt = Date.now() + PING_EVERY_MS
        // What moves on by itself between two changes: clocks of the attempt, its steps, the queue and the worker.
        yield event('ping', progress)
      }
      progress = await loadProgress(user, params.id)
    }
  }

  return new Response(streamOf(events(), over), { headers: HEADERS })
})

function event(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** `over` is called when nobody follows any more, for whatever reason. */
function streamOf(texts: AsyncGenerator<string>, over: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let cancelled = false
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await texts.next()
        if (cancelled) return
        if (!done) return controller.enqueue(encoder.encode(value))
        over()
        controller.close()
      } catch (error) {
        over()
        // The client asks again by itself and then gets a proper answer.
        log().warn({ errorClass: error instanceof Error ? error.name : typeof error }, 'the event stream of a load broke off')
        controller.error(error)
      }
    },
    async cancel() {
      cancelled = true
      over()
      await texts.return(undefined)
    },
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
