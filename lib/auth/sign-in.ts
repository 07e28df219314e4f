import 'server-only'
import { z } from 'zod'
import type { Origin } from '#lib/data/sessions.ts'
import { noteSignIn, noteSignInRefused, signInUser } from '#lib/data/users.ts'
import { UserError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import { deviceCookieFor, knownDevice } from './device.ts'
import { forgetFailures, mayTryLogin } from './login-limits.ts'
import { verifyPassword } from './password.ts'
import type { SessionClaims } from './session.ts'

const credentials = z.object({ email: z.string().max(254), password: z.string().max(1024) })

export type SignedIn = { claims: SessionClaims; /** Makes this browser known to the account. */ device: string }

/**
 * Signs somebody in by e-mail and password: opens a session. Null when they are wrong, whether the account exists or not,
 * with the same work done. Throws `too_many_requests`.
 */
export async function signIn(sent: unknown, origin: Origin, device: string | undefined): Promise<SignedIn | null> {
  const parsed = credentials.safeParse(sent)
  if (!parsed.success) return null
  const email = parsed.data.email.trim().toLowerCase()
  const attempt = { account: email, address: origin.address, device: knownDevice(device, email) }
  if (!(await mayTryLogin(attempt))) {
    log().warn({ address: origin.address }, 'too many sign-in attempts')
    throw new UserError('too_many_requests', 'Too many attempts.')
  }
  const account = await signInUser(email)
  const matches = await verifyPassword(account?.passwordHash, parsed.data.password)
  if (!account || account.disabled || !matches) {
    await noteSignInRefused(account)
    return null
  }
  const [sid] = await Promise.all([noteSignIn(account, origin), forgetFailures(attempt)])
  return { claims: { sub: account.id, sid, version: account.sessionVersion }, device: attempt.device === null ? deviceCookieFor(email) : device! }
}
