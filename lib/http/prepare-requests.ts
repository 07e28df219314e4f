import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { CONNECTION_HEADER } from './client-address.ts'
import { decodable } from './decodable.ts'

/**
 * Makes every request ready before anything else sees it: writes the address at the other end of the connection into it,
 * since Next keeps an X-Forwarded-For that the client sent and handlers have no way to the connection, and makes its path
 * one that can be decoded.
 */
export function prepareRequests(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    request.headers[CONNECTION_HEADER] = request.socket.remoteAddress ?? 'unknown'
    request.url = decodable(request.url ?? '/')
  })
}
