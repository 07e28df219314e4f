import type { IncomingMessage, ServerResponse } from 'node:http'

// Next makes modules of its own of what is loaded before it, so what they share is kept here. Requests under way, by number.
const kept = globalThis as { onrampResponses?: { last: number; open: Map<string, ServerResponse> } }
const responses = (kept.onrampResponses ??= { last: 0, open: new Map() })

// Clients cannot set it: it is written over.
const NUMBER_HEADER = 'x-onramp-request'
const AGAIN_AFTER_SECONDS = 5

/** Numbers a request, so that its response can be found while Next, which hides it, makes a page for it. */
export function numberRequest(request: IncomingMessage, response: ServerResponse): void {
  const number = String(++responses.last)
  request.headers[NUMBER_HEADER] = number
  responses.open.set(number, response)
  response.once('close', () => responses.open.delete(number))
}

/**
 * Has a page that breaks because the database does not answer say 503 and Retry-After, as the API does. Next knows 500 only,
 * which would say that it is our fault and not over soon. `headers`: of the request, as Next hands them on.
 */
export function answerAway(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const response = responses.open.get(String(headers[NUMBER_HEADER]))
  if (!response || response.headersSent) return
  const writeHead = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse
  response.writeHead = (status: number, ...rest: unknown[]) => {
    if (status !== 500) return writeHead(status, ...rest)
    response.setHeader('retry-after', String(AGAIN_AFTER_SECONDS))
    return writeHead(503, ...rest)
  }
}
