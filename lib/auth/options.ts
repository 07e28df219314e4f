import 'server-only'
import type { NextAuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { z } from 'zod'
import { noteSignIn, noteSignInRefused, noteSignOut, signInUser } from '#lib/data/users.ts'
import { UserError } from '#lib/errors.ts'
import { withoutValues } from '#lib/http/loggable.ts'
import { log } from '#lib/log.ts'
import { secureCookies, sessionCookie } from './cookie.ts'
import { forgetFailures, mayTryLogin } from './login-limits.ts'
import { verifyPassword } from './password.ts'
import { SESSION_SECONDS, userOfClaims } from './session.ts'

const credentials = z.object({ email: z.string().max(254), password: z.string().max(1024) })

declare module 'next-auth' {
  interface User {
    id: string
    sessionVersion?: number
  }
}

/** How people sign in: e-mail and password, and a signed cookie that is checked against the database on every request. */
export function authOptions(): NextAuthOptions {
  const secure = secureCookies()
  const prefix = secure ? '__Host-' : ''
  const cookie = { httpOnly: true, sameSite: 'lax' as const, path: '/', secure }
  return {
    secret: process.env.NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS, updateAge: 15 * 60 },
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: { name: sessionCookie(), options: cookie },
      csrfToken: { name: `${prefix}onramp.csrf`, options: cookie },
      callbackUrl: { name: `${prefix}onramp.callback`, options: cookie },
    },
    providers: [
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: (sent, request) => signIn(sent, addressOf(request.headers)).catch(refuseInWords),
      }),
    ],
    callbacks: {
      jwt: async ({ token, user }) => {
        if (user) return { sub: user.id, version: user.sessionVersion, signedInAt: Math.floor(Date.now() / 1000) }
        // Renewed by /api/auth/session: only for a session that still holds. Throwing clears the cookie.
        if (!(await userOfClaims(token))) throw new Error('session ended')
        return token
      },
      session: ({ session }) => ({ expires: session.expires }),
      redirect: ({ url, baseUrl }) => (new URL(url, baseUrl).origin === new URL(baseUrl).origin ? new URL(url, baseUrl).href : baseUrl),
    },
    events: { signOut: ({ token }) => (token?.sub ? noteSignOut(token.sub) : undefined) },
    logger: {
      error: (code) => log().warn({ code }, 'sign-in error'),
      warn: (code) => log().debug({ code }, 'sign-in warning'),
      debug: () => {},
    },
  }
}

async function signIn(sent: unknown, address: string) {
  const parsed = credentials.safeParse(sent)
  if (!parsed.success) return null
  const email = parsed.data.email.trim().toLowerCase()
  if (!(await mayTryLogin(email, address))) {
    log().warn({ address }, 'too many sign-in attempts')
    throw new UserError('too_many_requests', 'Too many attempts.')
  }
  const account = await signInUser(email)
  const matches = await verifyPassword(account?.passwordHash ?? undefined, parsed.data.password)
  if (!account || account.disabled || !matches) {
    await noteSignInRefused(account)
    return null
  }
  await Promise.all([forgetFailures(email, address), noteSignIn(account)])
  return { id: account.id, sessionVersion: account.sessionVersion }
}

/** next-auth hands the message of an error to the browser, so it may only be one of our codes. */
function refuseInWords(error: unknown): never {
  if (error instanceof UserError) throw new Error(error.code)
  log().error(withoutValues(error), 'sign-in failed')
  throw new Error('unavailable')
}

/** The nearest address that was not written by the client itself: each proxy adds the one it saw at the end. */
function addressOf(headers: Record<string, string> | undefined): string {
  return headers?.['x-forwarded-for']?.split(',').at(-1)?.trim() || 'unknown'
}
