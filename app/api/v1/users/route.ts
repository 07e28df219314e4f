import { inviteUser } from '#lib/data/account-changes.ts'
import { newUser } from '#lib/data/user-query.ts'
import { listUsers } from '#lib/data/users.ts'
import { json, route } from '#lib/http/route.ts'

/** Everybody who has an account or is invited. */
export const GET = route({ permission: 'user:manage' }, async ({ user }) => {
  const { rows, total } = await listUsers(user)
  return json({ users: rows, total })
})

/** Invites somebody. The answer holds the token of the one-time link, which is shown nowhere else. */
export const POST = route({ permission: 'user:manage', body: newUser }, async ({ session, body }) => json(await inviteUser(session, body), { status: 201 }))
