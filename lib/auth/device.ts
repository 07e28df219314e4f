import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** How long a browser is remembered after it last signed in. */
export const DEVICE_SECONDS = 180 * 24 * 60 * 60

/**
 * The value of a cookie that says: this browser has signed in to that account before. It opens nothing; its holder only
 * counts separately when passwords are tried (login-limits.ts).
 */
export function deviceCookieFor(account: string): string {
  const id = randomBytes(16).toString('base64url')
  return `${id}.${signature(account, id)}`
}

/** The id of a browser known to the account, or null. */
export function knownDevice(cookie: string | undefined, account: string): string | null {
  const [, id, sent] = /^([\w-]{22})\.([\w-]{43})$/.exec(cookie ?? '') ?? []
  if (!id || !sent) return null
  return timingSafeEqual(Buffer.from(sent), Buffer.from(signature(account, id))) ? id : null
}

function signature(account: string, id: string): string {
  const secret = process.env.NEXTAUTH_SECRET
  if (!secret) throw new Error('NEXTAUTH_SECRET is not set.')
  return createHmac('sha256', secret).update(JSON.stringify(['known browser', account, id])).digest('base64url')
}
