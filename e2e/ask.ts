import { Agent, request, type IncomingHttpHeaders } from 'node:http'

export const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof methods)[number]

export type Question = {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** The value of the session cookie. */
  session?: string | null
  /** Which portal; the one under test unless told. */
  portal?: string
  /** Which of this machine's own addresses asks. Limits for visitors count by it, and other tests are visitors too. */
  from?: string
}
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/**
 * Asks the portal for exactly this path, as no browser would: nothing of it is tidied up. The answer is what comes, redirects
 * are not followed.
 */
export function ask(path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, session, portal = process.env.ONRAMP_E2E_URL!, from = '127.0.0.20' } = question
  const { port } = new URL(portal)
  const cookie = session ? { cookie: `onramp.session=${session}` } : {}
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const asked = request(
      { agent, host: '127.0.0.1', localAddress: from, port, path, method, headers: { host: `localhost:${port}`, ...cookie, ...length, ...headers } },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(chunks).toString() }))
        answer.on('error', reject)
      })
    asked.setTimeout(90_000, () => asked.destroy(new Error(`${method} ${path} has no answer`)))
    // The portal closed the connection of an earlier question while this one was on its way: it has not seen it.
    asked.on('error', (error: NodeJS.ErrnoException) => (asked.reusedSocket && error.code === 'ECONNRESET' ? resolve(ask(path, question)) : reject(error)))
    asked.end(body)
  })
}

/** What our own pages send with a change. */
export const fromOurPages = (): Record<string, string> => ({ 'origin': new URL(process.env.ONRAMP_E2E_URL!).origin, 'sec-fetch-site': 'same-origin' })

/** A change as our own pages ask for it, with a JSON body where there is one. */
export function change(path: string, { body, ...question }: Omit<Question, 'body'> & { body?: unknown }): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  return ask(path, { ...question, body: body === undefined ? undefined : JSON.stringify(body), headers: { ...fromOurPages(), ...type, ...question.headers } })
}

/** Runs `work` on each, a few at a time: the portal has other visitors meanwhile. */
export async function forEach<T>(all: readonly T[], work: (one: T) => Promise<void>, atOnce = 4): Promise<void> {
  const waiting = all.values()
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const one of waiting) await work(one)
  }))
}

/** The code in the envelope of a refusal, or null. */
export function codeOf({ headers, text }: Answer): string | null {
  if (!headers['content-type']?.startsWith('application/json') || text === '') return null
  return (JSON.parse(text) as { error?: { code?: string } }).error?.code ?? null
}
