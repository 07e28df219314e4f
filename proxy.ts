import { NextResponse, type NextRequest } from 'next/server'
import { sessionCookie } from './lib/auth/cookie.ts'
import { contentSecurityPolicy } from './lib/http/content-security-policy.ts'

const FOR_VISITORS = new Set(['/login', '/invite'])

/**
 * Puts the Content-Security-Policy with a fresh nonce on every page, and sends visitors without a session cookie to the
 * login page. That is convenience: whether a session holds is decided in lib/auth/session.ts on each request.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl
  if (!FOR_VISITORS.has(pathname) && !request.cookies.has(sessionCookie())) {
    const login = new URL('/login', request.nextUrl)
    if (pathname !== '/') login.searchParams.set('next', pathname + search)
    return NextResponse.redirect(login, { headers: { 'cache-control': 'no-store' } })
  }
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  const policy = contentSecurityPolicy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('x-onramp-path', pathname + search)
  // Next reads the nonce for its own scripts from here.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('cache-control', 'no-store')
  return response
}

export const config = {
  // Pages only. The API must stay outside: Next cuts bodies that pass through a proxy at 10 MB without an error.
  matcher: ['/((?!api/|_next/static/|_next/image|favicon.ico|icon.svg|robots.txt).*)'],
}
