/** Whether browsers reach the portal over https; decides on the cookie's prefix and Secure flag. */
export const secureCookies = (): boolean => process.env.NEXTAUTH_URL?.startsWith('https://') ?? false

/** The session cookie. With `__Host-` browsers refuse it from any other host, path or plain http. */
export const sessionCookie = (): string => (secureCookies() ? '__Host-onramp.session' : 'onramp.session')
