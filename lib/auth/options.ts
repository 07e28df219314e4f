import 'server-only'
import type { NextAuthOptions } from 'next-auth'
import type { JWT } from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import { cookies, headers } from 'next/headers'
import { isDatabaseUnavailable } from '#lib/data/unavailable.ts'
import { noteSignOut } from '#lib/data/users.ts'
import { UserError } from '#lib/errors.ts'
import { clientAddress } from '#lib/http/client-address.ts'
import { withoutValues } from '#lib/http/loggable.ts'
import { log } from '#lib/log.ts'
import { browserName } from './browser-name.ts'
import { callbackCookie, cookieOptions, deviceCookie, secureCookies, sessionCookie } from './cookie.ts'
import { DEVICE_SECONDS } from './device.ts'
import { SESSION_SECONDS, sessionOfClaims, type SessionClaims } from './session.ts'
import { signIn } from './sign-in.ts'

declare module 'next-auth' {
  interface User {
    id: string
    claims?: SessionClaims
  }
}

/** How people sign in: e-mail and password, and a signed cookie that is checked against the database on every request. */
export function authOptions(): NextAuthOptions {
  const prefix = secureCookies() ? '__Host-' : ''
  const options = cookieOptions()
  return {
    secret: process.env.NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS, updateAge: 15 * 60 },
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    useSecureCookies: secureCookies(),
    cookies: {
      sessionToken: { name: sessionCookie(), options },
      csrfToken: { name: `${prefix}onramp.csrf`, options },
      callbackUrl: { name: callbackCookie(), options },
    },
    providers: [
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: (sent) => authorized(sent).catch(refuseInWords),
      }),
    ],
    callbacks: {
      jwt: async ({ token, user }) => {
        if (user?.claims) return { ...user.claims }
        // Renewed by /api/auth/session: only for a session that still holds. Throwing clears the cookie.
        if (!(await holds(token))) throw new Error('session ended')
        return token
      },
      session: ({ session }) => ({ expires: session.expires }),
      redirect: ({ url, baseUrl }) => (URL.parse(url, baseUrl)?.origin === new URL(baseUrl).origin ? new URL(url, baseUrl).href : baseUrl),
    },
    events: { signOut: ({ token: { sub, sid } = {} }) => (sub && typeof sid === 'string' ? noteSignOut(sub, sid) : undefined) },
    logger: {
      error: (code) => log().warn({ code }, 'sign-in error'),
      warn: (code) => log().debug({ code }, 'sign-in warning'),
      debug: () => {},
    },
  }
}

/** Whether a session still holds. Nobody is signed out because the database is away: every request asks it again. */
async function holds(token: JWT): Promise<boolean> {
  return sessionOfClaims(token).then((session) => session !== null, (error: unknown) => {
    if (isDatabaseUnavailable(error)) return true
    throw error
  })
}

async function authorized(sent: unknown) {
  const [jar, sentHeaders] = await Promise.all([cookies(), headers()])
  const origin = { browser: browserName(sentHeaders.get('user-agent')), address: clientAddress(sentHeaders) }
  const done = await signIn(sent, origin, jar.get(deviceCookie())?.value)
  if (!done) return null
  jar.set(deviceCookie(), done.device, { ...cookieOptions(), maxAge: DEVICE_SECONDS })
  return { id: done.claims.sub, claims: done.claims }
}

/** next-auth hands the message of an error to the browser, so it may only be one of our codes. */
function refuseInWords(error: unknown): never {
  if (error instanceof UserError) throw new Error(error.code)
  log().error(withoutValues(error), 'sign-in failed')
  throw new Error('unavailable')
}
