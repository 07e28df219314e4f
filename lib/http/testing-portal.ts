// For tests: the portal's API, from its own route handlers, in a process that can be killed. Its one argument is the port.
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { RouteHandler } from './route.ts'
import './testing-hooks.ts'

const { NextRequest } = await import('next/server.js')

const api = path.resolve(import.meta.dirname, '../../app')
type Route = { pattern: RegExp; names: string[]; file: string }

/** `api/v1/loads/[id]/route.ts` answers `/api/v1/loads/7`, as in Next; plain names win over parameters. */
const routes: Route[] = readdirSync(path.join(api, 'api/v1'), { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'route.ts')
  .map((file) => {
    const segments = path.dirname(file).split(path.sep)
    const pattern = segments.map((s) => (s.startsWith('[[...') ? '(?:/(.*))?' : s.startsWith('[') ? '/([^/]+)' : `/${s}`)).join('')
    return { pattern: new RegExp(`^/api/v1${pattern}/?$`), names: segments.filter((s) => s.startsWith('[')).map((s) => s.replace(/[[\].]/g, '')), file: path.join(api, 'api/v1', file) }
  })
  .sort((a, b) => a.names.length - b.names.length)

async function answer(sent: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(sent.url!, `http://${sent.headers.host}`)
  const found = routes.find(({ pattern }) => pattern.test(url.pathname))
  const methods = found ? (await import(found.file)) as Record<string, RouteHandler> : {}
  const handler = methods[sent.method!]
  if (!found || !handler) {
    response.writeHead(found ? 405 : 404).end()
    return
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const values = found.pattern.exec(url.pathname)!.slice(1)
  const params = Object.fromEntries(found.names.map((name, i) => [name, values[i]]))
  const hasBody = sent.method !== 'GET' && sent.method !== 'HEAD'
  const init = { method: sent.method!, headers: new Headers(sent.headers as Record<string, string>), signal: gone.signal, body: hasBody ? Readable.toWeb(sent) as BodyInit : undefined, duplex: 'half' as const }
  const made = await handler(new NextRequest(url, init), { params: Promise.resolve(params) })
  response.writeHead(made.status, Object.fromEntries(made.headers))
  if (made.body) Readable.fromWeb(made.body as ReadableStream).on('error', () => response.destroy()).pipe(response)
  else response.end()
}

createServer((sent, response) => {
  answer(sent, response).catch((error: unknown) => {
    console.error(error)
    response.destroy()
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
