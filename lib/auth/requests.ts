import { NextRequest } from 'next/server'
import { UserError, invalidInput, notFound } from '#lib/errors.ts'
import { readForm } from '#lib/http/body.ts'
import { callbackCookie } from './cookie.ts'

/** What next-auth is asked for by our own pages, and by its own redirects. */
const open: Record<string, readonly string[]> = {
  GET: ['csrf', 'session', 'signin', 'signout', 'error'],
  POST: ['callback/credentials', 'signout'],
}
// An e-mail, a password, a token and an address.
const FORM_BYTES = 16 * 1024

/**
 * The request as next-auth gets it. It would read bodies of any length, take JSON that is none for a fault of ours, answer 500
 * to addresses that are none, and write into the log whatever a visitor sends to `_log`. Throws UserError for all that.
 */
export async function signInRequest(request: NextRequest, action: readonly string[]): Promise<NextRequest> {
  const asked = action.join('/')
  const methods = Object.keys(open).filter((method) => open[method]!.includes(asked))
  if (methods.length === 0) throw notFound('This address')
  if (!methods.includes(request.method)) throw new UserError('method_not_allowed', `Ask for this with ${methods.join(' or ')}.`)
  const form = request.method === 'POST' ? await readForm(request, FORM_BYTES) : undefined
  const wanted = [request.nextUrl.searchParams.get('callbackUrl'), new URLSearchParams(form).get('callbackUrl'), request.cookies.get(callbackCookie())?.value]
  if (!wanted.every(isAddress)) throw invalidInput('The address to go on to is none.')
  return form === undefined ? request : new NextRequest(request.url, { method: request.method, headers: request.headers, body: form })
}

/** Whether next-auth will take it for one; where it leads is looked at later. */
function isAddress(wanted: string | null | undefined): boolean {
  if (!wanted) return true
  const base = wanted.startsWith('/') ? 'http://onramp.invalid' : undefined
  return /^https?:$/.test(URL.parse(wanted, base)?.protocol ?? '')
}
