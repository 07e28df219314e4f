/** Whether browsers reach the portal over https; decides on the cookie's prefix and Secure flag. */
export const secureCookies = (): boolean => process.env.NEXTAUTH_URL?.startsWith('https://') ?? false

/** The session cookie. With `__Host-` browsers refuse it from any other host, path or plain http. */
export const sessionCookie = (): string => (secureCookies() ? '__Host-onramp.session' : 'onramp.session')

/** The cookie of a browser that has signed in before. */
export const deviceCookie = (): string => (secureCookies() ? '__Host-onramp.device' : 'onramp.device')

/** The cookie in which next-auth keeps where to go after signing in. */
export const callbackCookie = (): string => (secureCookies() ? '__Host-onramp.callback' : 'onramp.callback')

/** How all our cookies are set. */
export const cookieOptions = () => ({ httpOnly: true, sameSite: 'lax' as const, path: '/', secure: secureCookies() })

/** The header that gives this browser another session cookie, or takes it away. */
export function setSessionCookie(token: string | null, maxAgeSeconds: number): string {
  return token === null ? takenAway(sessionCookie()) : setCookie(sessionCookie(), token, maxAgeSeconds)
}

/** The header that takes a cookie of ours away from this browser. */
export const takenAway = (name: string): string => setCookie(name, '', 0)

const setCookie = (name: string, value: string, maxAgeSeconds: number) =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secureCookies() ? '; Secure' : ''}`
