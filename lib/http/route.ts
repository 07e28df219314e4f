import 'server-only'
import { randomBytes } from 'node:crypto'
import type { NextRequest } from 'next/server'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { z } from 'zod'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { authorize, type Permission } from '#lib/auth/permissions.ts'
import { sessionOfToken, usedSession, type CurrentSession, type CurrentUser } from '#lib/auth/session.ts'
import { isDatabaseUnavailable } from '#lib/data/unavailable.ts'
import { UserError, invalidInput } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import { sending } from '#lib/turns.ts'
import { BACKGROUND_HEADER } from './background.ts'
import { readJson } from './body.ts'
import { clientAddress, networkOf } from './client-address.ts'
import { withoutValues } from './loggable.ts'
import { refuseCrossSite } from './same-origin.ts'

type Options<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  /** What the caller's role must include. */
  permission: Permission
  /** Open to somebody who still has to replace a password that another person gave. */
  beforePasswordChange?: true
  /** Asked for by pages alone, without anybody pressing anything: does not keep a session alive. */
  background?: true
  params?: P
  query?: Q
  /** The JSON body. Without it nothing of the body is read. */
  body?: B
  /** 64 KiB unless told. */
  maxBodyBytes?: number
  /** The handler reads the body's stream itself (uploads). */
  raw?: true
  /** Comes in floods when many send files: who asks is looked up when it is the turn of one more (lib/turns.ts). */
  inTurn?: true
  /** Requests per minute and person. 600 for reading, 240 for changing, unless told. */
  perMinute?: number
}

export type Call<P, Q, B> = { user: CurrentUser; session: CurrentSession; params: P; query: Q; body: B; request: NextRequest }
/** What a visitor without a session asks. */
export type VisitorCall<B> = { address: string; body: B; request: NextRequest }
type Context = { params: Promise<Record<string, string | string[] | undefined>> }
/** Who gets past the door of a handler. Tests ask every handler over HTTP whether that is so. */
export type Access = { permission: Permission; beforePasswordChange: boolean } | 'visitors'
export type RouteHandler = ((request: NextRequest, context: Context) => Promise<Response>) & { readonly made: typeof MADE; readonly access: Access }

const MADE = Symbol('made by route()')
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])
const DEFAULT_BODY_BYTES = 64 * 1024

/**
 * Makes a handler of the API: it lets in same-origin requests of signed-in people who may do this, not too many of them,
 * with the parameters, query and body as declared, and answers every error with the same envelope.
 */
export function route<P extends z.ZodType = z.ZodUndefined, Q extends z.ZodType = z.ZodUndefined, B extends z.ZodType = z.ZodUndefined>(
  options: Options<P, Q, B>,
  handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Response> | Response,
): RouteHandler {
  const limits = new Limits(options.perMinute)
  const access = { permission: options.permission, beforePasswordChange: options.beforePasswordChange ?? false }
  return made(access, async (request, context, asking) => {
    const changing = !READING.has(request.method)
    if (changing) refuseCrossSite(request)
    const lookUp = () => sessionOf(request, options.background)
    const session = await (options.inTurn ? sending().take(lookUp) : lookUp())
    if (!session) throw new UserError('not_signed_in', 'Sign in to go on.')
    const { user, mustChangePassword } = session
    asking.userId = user.id
    if (mustChangePassword && !options.beforePasswordChange) throw passwordChangeRequired()
    authorize(user, options.permission)
    await limits.count(user.id, changing)
    const params = options.params ? parse('address', options.params, await context.params) : undefined
    const query = options.query ? parse('query', options.query, queryOf(request.nextUrl.searchParams)) : undefined
    const body = options.body ? parse('body', options.body, await readJson(request, options.maxBodyBytes ?? DEFAULT_BODY_BYTES)) : undefined
    return handle({ user, session, params, query, body, request } as Call<z.output<P>, z.output<Q>, z.output<B>>)
  })
}

function sessionOf(request: NextRequest, background = request.headers.has(BACKGROUND_HEADER)): Promise<CurrentSession | null> {
  const token = request.cookies.get(sessionCookie())?.value
  return background ? sessionOfToken(token) : usedSession(token)
}

// What opens no account by itself: nobody needs more than a few.
const VISITS_PER_MINUTE = 30

/** Makes a handler for people who have no session yet: a POST from our own pages, a few per minute from one address. */
export function visitorRoute<B extends z.ZodType>(options: { body: B }, handle: (call: VisitorCall<z.output<B>>) => Promise<Response>): RouteHandler {
  const limits = new Limits(VISITS_PER_MINUTE)
  return made('visitors', async (request) => {
    refuseCrossSite(request)
    const address = clientAddress(request.headers)
    await limits.count(networkOf(address), true)
    const body = parse('body', options.body, await readJson(request, DEFAULT_BODY_BYTES))
    return handle({ address, body, request })
  })
}

const passwordChangeRequired = () => new UserError('password_change_required', 'Choose a password of your own first. Reload the page to do so.')

type Answering = (request: NextRequest, context: Context, asking: { userId?: string }) => Promise<Response>

/** Gives every error the same envelope, and keeps answers out of caches. */
function made(access: Access, answer: Answering): RouteHandler {
  const handler = async (request: NextRequest, context: Context): Promise<Response> => {
    const asking: { userId?: string } = {}
    try {
      const response = await answer(request, context, asking)
      if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
      return response
    } catch (error) {
      return answerTo(error, request, asking.userId)
    }
  }
  return Object.assign(handler, { made: MADE, access } as const)
}

/** Whether an exported handler was made by `route()`. */
export function isRoute(handler: unknown): handler is RouteHandler {
  return typeof handler === 'function' && (handler as { made?: unknown }).made === MADE
}

/** An answer with a JSON body, never cached. */
export function json(data: unknown, init: ResponseInit = {}): Response {
  const response = Response.json(data, init)
  response.headers.set('cache-control', 'no-store')
  return response
}

class Limits {
  readonly #reading: RateLimiterMemory
  readonly #changing: RateLimiterMemory
  constructor(perMinute: number | undefined) {
    this.#reading = new RateLimiterMemory({ points: perMinute ?? 600, duration: 60 })
    this.#changing = new RateLimiterMemory({ points: perMinute ?? 240, duration: 60 })
  }
  async count(who: string, changing: boolean): Promise<void> {
    try {
      await (changing ? this.#changing : this.#reading).consume(who)
    } catch (limit) {
      if (!(limit instanceof RateLimiterRes)) throw limit
      const retryAfterSeconds = Math.ceil(limit.msBeforeNext / 1000)
      throw new UserError('too_many_requests', `Too many requests. Try again in ${retryAfterSeconds} seconds.`, { retryAfterSeconds })
    }
  }
}

/** The query as an object; a name that comes several times gives a list. */
function queryOf(search: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries([...new Set(search.keys())].map((name) => {
    const all = search.getAll(name)
    return [name, all.length === 1 ? all[0]! : all]
  }))
}

function parse<S extends z.ZodType>(where: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const fields = Object.fromEntries(result.error.issues.map((i) => [i.path.map(String).join('.') || where, i.message]).reverse())
  const first = Object.entries(fields).map(([name, message]) => `${name}: ${message}`)
  throw invalidInput(`The ${where} is not as expected. ${first.join('; ')}`, { fields })
}

/** What is answered in place of what was asked for: a refusal in words, or that something went wrong on our side. */
export function answerTo(error: unknown, request: NextRequest, userId?: string): Response {
  return error instanceof UserError ? refusal(error) : failure(error, request, userId)
}

function refusal(error: UserError): Response {
  const { code, message, details, status } = error
  const response = json({ error: { code, message, ...(details === undefined ? {} : { details }) } }, { status })
  const wait = (details as { retryAfterSeconds?: number } | undefined)?.retryAfterSeconds
  if (wait !== undefined) response.headers.set('retry-after', String(wait))
  return response
}

function failure(error: unknown, request: NextRequest, userId: string | undefined): Response {
  const reference = randomBytes(5).toString('hex')
  log().error({ reference, method: request.method, route: request.nextUrl.pathname, userId, ...withoutValues(error) }, 'request failed')
  if (isDatabaseUnavailable(error)) return refusal(new UserError('unavailable', 'The database does not answer just now. Try again in a moment.', { retryAfterSeconds: 5 }))
  const message = `Something went wrong on our side. Nothing you did is at fault. If it stays, tell us this reference: ${reference}`
  return json({ error: { code: 'internal_error', message, reference } }, { status: 500 })
}
