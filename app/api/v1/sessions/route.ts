import { setSessionCookie } from '#lib/auth/cookie.ts'
import { endOwnSessions, listOwnSessions } from '#lib/data/sessions.ts'
import { json, route } from '#lib/http/route.ts'

/** One's own sessions. */
export const GET = route({ permission: 'account:own' }, async ({ session }) => json({ sessions: await listOwnSessions(session) }))

/** Signs out everywhere, here too. */
export const DELETE = route({ permission: 'account:own', beforePasswordChange: true }, async ({ session }) =>
  json({ ended: await endOwnSessions(session) }, { headers: { 'set-cookie': setSessionCookie(null, 0) } }))
