import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CONNECTION_HEADER } from './client-address.ts'
import { decodable } from './decodable.ts'
import { numberRequest } from './responses.ts'

const prepared = globalThis as { onrampPrepared?: boolean }

/**
 * Makes every request ready before anything else sees it: writes the address at the other end of the connection into it,
 * since Next keeps an X-Forwarded-For that the client sent and handlers have no way to the connection, and makes its path
 * one that can be decoded. Numbers it, so that its response can be found (see responses.ts).
 */
export function prepareRequests(): void {
  // Before Next and again from within, where the module is another one: whoever comes first does it for both.
  if (prepared.onrampPrepared) return
  prepared.onrampPrepared = true
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    request.headers[CONNECTION_HEADER] = request.socket.remoteAddress ?? 'unknown'
    request.url = decodable(request.url ?? '/')
    numberRequest(request, response)
  })
}
