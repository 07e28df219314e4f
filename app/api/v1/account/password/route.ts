import { z } from 'zod'
import { browserName } from '#lib/auth/browser-name.ts'
import { setSessionCookie } from '#lib/auth/cookie.ts'
import { SESSION_SECONDS } from '#lib/auth/session.ts'
import { changePassword } from '#lib/data/own-account.ts'
import { password } from '#lib/data/user-query.ts'
import { clientAddress } from '#lib/http/client-address.ts'
import { json, route } from '#lib/http/route.ts'

const body = z.strictObject({ currentPassword: password, newPassword: password })

/** Changes one's own password. All sessions end, and this browser gets the cookie of a new one. */
export const POST = route({ permission: 'account:own', beforePasswordChange: true, body }, async ({ session, body, request }) => {
  const origin = { browser: browserName(request.headers.get('user-agent')), address: clientAddress(request.headers) }
  const { token, ended } = await changePassword(session, body.currentPassword, body.newPassword, origin)
  return json({ ended }, { headers: { 'set-cookie': setSessionCookie(token, SESSION_SECONDS) } })
})
