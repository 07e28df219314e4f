import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { CONNECTION_HEADER } from './client-address.ts'

/**
 * Writes the address at the other end of the connection into every request before anything else sees it. Next keeps an
 * X-Forwarded-For that the client sent, and handlers have no way to the connection.
 */
export function noteConnectionAddresses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    request.headers[CONNECTION_HEADER] = request.socket.remoteAddress ?? 'unknown'
  })
}
