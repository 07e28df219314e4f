import type { RowDataPacket } from 'mysql2/promise'
import { beforeEach, describe, expect, test } from 'vitest'
import { roles } from '#lib/auth/permissions.ts'
import { sessionOfToken, sessionToken, userOfToken, type CurrentSession, type CurrentUser } from '#lib/auth/session.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { newSession, signedIn, testPassword } from '#lib/auth/testing.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { changePartner, changeRole, disableUser, enableUser, endSessionsOf, inviteUser, makePasswordLink, removeInvited, revokePasswordLink } from './account-changes.ts'
import { acceptLink, openLink } from './invitations.ts'
import { changePassword, confirmIdentity } from './own-account.ts'
import { listUsers } from './users.ts'

// How many active admins there are is looked at here, so others must not make any.
const { connection } = await testDatabase('accounts')
const origin = { browser: 'Firefox on Linux', address: '198.51.100.7' }
const chosen = 'velvet tractor sings at noon'
let made = 0
const email = () => `new-${process.pid}-${++made}@example.com`

let admin: { user: CurrentUser; session: CurrentSession; token: string }
beforeEach(async () => {
  await connection.query('update `user` set disabledAt = now(3)')
  admin = await signedIn(connection, 'admin')
})

const stateOf = async (id: string) => (await listUsers(admin.user)).rows.find((row) => row.id === id)
const activeAdmins = async () => (await listUsers(admin.user)).rows.filter(({ role, state }) => role === 'admin' && state === 'active').length
const audited = async (id: string) => {
  const [events] = await connection.query<RowDataPacket[]>("select action from audit_event where objectType = 'user' and objectId = ? order by id", [id])
  return events.map(({ action }) => action as string)
}
const invited = (role = 'support') => inviteUser(admin.session, { email: email(), name: 'Nora New', role })

describe('an invitation', () => {
  test('makes an account that nobody can use, until its link has chosen a password', async () => {
    const address = email()
    const { id, token, expiresAt } = await inviteUser(admin.session, { email: ` ${address.toUpperCase()}`, name: ' Nora New ', role: 'support' })
    expect(await stateOf(id)).toMatchObject({ email: address, name: 'Nora New', role: 'support', state: 'invited', link: { expired: false } })
    const hours = (new Date(expiresAt).getTime() - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(71.9)
    expect(hours).toBeLessThanOrEqual(72)
    for (const password of ['', testPassword, 'null']) expect(await signIn({ email: address, password }, origin, undefined)).toBeNull()

    expect(await openLink(token)).toMatchObject({ email: address, name: 'Nora New', role: 'support', joining: true })
    expect(await openLink(token)).toMatchObject({ email: address })
    expect(await acceptLink(token, chosen)).toEqual({ email: address })
    expect(await stateOf(id)).toMatchObject({ state: 'active', link: null, mustChangePassword: false })
    expect(await signIn({ email: address, password: chosen }, origin, undefined)).not.toBeNull()
    expect(await audited(id)).toEqual(['user_invited', 'login_refused', 'login_refused', 'login_refused', 'user_joined', 'login'])
  })

  test('has a token that is kept nowhere, works once, and for one of many who try at once', async () => {
    const { id, token } = await invited()
    const [[kept]] = await connection.query<RowDataPacket[]>('select tokenHash from invitation where userId = ?', [id])
    expect(kept!.tokenHash).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify((await connection.query('select * from audit_event where objectId = ?', [id]))[0])).not.toContain(token)
    const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => acceptLink(token, `${chosen} ${i}`)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const refused of tries.filter((t) => t.status === 'rejected')) expect(refused.reason).toMatchObject({ code: 'not_found' })
    await expect(openLink(token)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('expires after three days, and with a bad password it is not used up', async () => {
    const { id, token } = await invited()
    await expect(acceptLink(token, 'too short')).rejects.toMatchObject({ code: 'invalid_input', details: { fields: { newPassword: expect.any(String) } } })
    await expect(acceptLink(token, 'Nora New Nora New 1')).rejects.toMatchObject({ code: 'invalid_input' })
    await connection.query('update invitation set expiresAt = expiresAt - interval 72 hour where userId = ?', [id])
    for (const use of [openLink, acceptLink]) await expect(use(token, chosen)).rejects.toMatchObject({ code: 'not_found' })
    expect(await stateOf(id)).toMatchObject({ state: 'invited', link: { expired: true } })
  })

  test('is revoked, made anew, or taken back with its account', async () => {
    const { id, token } = await invited()
    const again = await makePasswordLink(admin.session, id)
    await expect(openLink(token)).rejects.toMatchObject({ code: 'not_found' })
    expect(await openLink(again.token)).toMatchObject({ joining: true })
    await revokePasswordLink(admin.session, id)
    await expect(openLink(again.token)).rejects.toMatchObject({ code: 'not_found' })
    await expect(revokePasswordLink(admin.session, id)).rejects.toMatchObject({ code: 'not_found' })
    await removeInvited(admin.session, id)
    expect(await stateOf(id)).toBeUndefined()
    expect(await audited(id)).toEqual(['user_invited', 'password_link_made', 'password_link_revoked', 'user_removed'])
  })

  test('goes to an e-mail once, however many invite it at the same time', async () => {
    const address = email()
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => inviteUser(admin.session, { email: address, name: 'N', role: 'viewer' })))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const refused of tries.filter((t) => t.status === 'rejected')) expect(refused.reason).toMatchObject({ code: 'conflict' })
  })

  test('needs an e-mail, a name and a role, and made-up tokens open nothing', async () => {
    for (const wrong of [{ email: 'nobody' }, { name: '  ' }, { role: 'root' }]) {
      await expect(inviteUser(admin.session, { email: email(), name: 'N', role: 'viewer', ...wrong })).rejects.toMatchObject({ code: 'invalid_input' })
    }
    for (const token of ['', 'x', '%', "' or 1=1 -- ", 'A'.repeat(43)]) await expect(openLink(token)).rejects.toMatchObject({ code: 'not_found' })
  })
})

test('a new password link lets a person back in, and out of every session from before', async () => {
  const person = await signedIn(connection, 'support')
  const { token } = await makePasswordLink(admin.session, person.user.id)
  expect(await openLink(token)).toMatchObject({ joining: false })
  // Nothing changes before the link is used: whoever remembers the password after all goes on.
  expect(await userOfToken(person.token)).not.toBeNull()
  await acceptLink(token, chosen)
  expect(await userOfToken(person.token)).toBeNull()
  expect(await signIn({ email: person.user.email, password: testPassword }, origin, undefined)).toBeNull()
  expect(await signIn({ email: person.user.email, password: chosen }, origin, undefined)).not.toBeNull()
  expect(await audited(person.user.id)).toEqual(['password_link_made', 'password_changed', 'login_refused', 'login'])
})

test('who is disabled is out, whatever was under way, and back with the same role and password when enabled', async () => {
  const person = await signedIn(connection, 'engineer')
  const { token } = await makePasswordLink(admin.session, person.user.id)
  await disableUser(admin.session, person.user.id)
  await disableUser(admin.session, person.user.id)
  expect(await userOfToken(person.token)).toBeNull()
  expect(await signIn({ email: person.user.email, password: testPassword }, origin, undefined)).toBeNull()
  for (const use of [openLink, acceptLink]) await expect(use(token, chosen)).rejects.toMatchObject({ code: 'not_found' })
  await expect(makePasswordLink(admin.session, person.user.id)).rejects.toMatchObject({ code: 'conflict' })
  expect(await stateOf(person.user.id)).toMatchObject({ state: 'disabled', link: null })

  await enableUser(admin.session, person.user.id)
  expect(await userOfToken(person.token)).toBeNull()
  const back = await signIn({ email: person.user.email, password: testPassword }, origin, undefined)
  expect(back).not.toBeNull()
  expect(await stateOf(person.user.id)).toMatchObject({ state: 'active', role: 'engineer' })
  expect(await audited(person.user.id)).toEqual(['password_link_made', 'user_disabled', 'login_refused', 'user_enabled', 'login'])
})

test('another role counts from the next sign-in, and the sessions with the old one are over', async () => {
  const person = await signedIn(connection, 'engineer')
  await changeRole(admin.session, person.user.id, 'engineer')
  expect(await userOfToken(person.token)).not.toBeNull()
  await changeRole(admin.session, person.user.id, 'viewer')
  expect(await userOfToken(person.token)).toBeNull()
  expect(await userOfToken((await newSession(connection, person.user)).token)).toMatchObject({ role: 'viewer' })
  const [[event]] = await connection.query<RowDataPacket[]>("select actor, detail from audit_event where action = 'role_changed' and objectId = ?", [person.user.id])
  expect(event!.actor).toBe(admin.user.email)
  expect(typeof event!.detail === 'string' ? JSON.parse(event!.detail) : event!.detail).toEqual({ from: 'engineer', to: 'viewer' })
})

test('an admin signs somebody out everywhere', async () => {
  const person = await signedIn(connection, 'support')
  const other = await newSession(connection, person.user)
  await endSessionsOf(admin.session, person.user.id)
  for (const { token } of [person, other]) expect(await userOfToken(token)).toBeNull()
})

describe('admins', () => {
  test('cannot make their own account less, so that one is always left', async () => {
    const demote = (by: CurrentSession, id: string) => changeRole(by, id, 'viewer')
    for (const change of [demote, disableUser, makePasswordLink, removeInvited]) {
      await expect(change(admin.session, admin.user.id)).rejects.toMatchObject({ code: 'conflict' })
    }
    expect(await activeAdmins()).toBe(1)
  })

  test.each([
    ['demote', (by: CurrentSession, id: string) => changeRole(by, id, 'viewer')],
    ['disable', disableUser],
  ] as const)('who %s each other at the same time leave exactly one', async (_, harm) => {
    for (let round = 0; round < 5; round++) {
      const others = [await signedIn(connection, 'admin'), await signedIn(connection, 'admin')]
      const all = [admin, ...others]
      const changes = await Promise.allSettled(all.flatMap((by) => all.filter((other) => other !== by).map((other) => harm(by.session, other.user.id))))
      for (const change of changes) if (change.status === 'rejected') expect(change.reason).toMatchObject({ code: 'not_allowed' })
      const left: typeof all = []
      for (const one of all) if (await userOfToken(one.token)) left.push(one)
      expect(left).toHaveLength(1)
      admin = left[0]!
      expect(await activeAdmins()).toBe(1)
    }
  })

  test('who were demoted a moment ago change nothing with what they have in hand', async () => {
    const former = await signedIn(connection, 'admin')
    const person = await signedIn(connection, 'viewer')
    await changeRole(admin.session, former.user.id, 'support')
    for (const change of [(by: CurrentSession, id: string) => changeRole(by, id, 'admin'), disableUser, makePasswordLink]) {
      await expect(change(former.session, person.user.id)).rejects.toMatchObject({ code: 'not_allowed' })
    }
    const another = { email: email(), name: 'Ann Another', role: 'admin' }
    await expect(inviteUser(former.session, another)).rejects.toMatchObject({ code: 'not_allowed' })
    await inviteUser(admin.session, another)
  })

  test('who are only invited do not count as admins', async () => {
    const { id } = await invited('admin')
    expect(await stateOf(id)).toMatchObject({ role: 'admin', state: 'invited' })
    expect(await activeAdmins()).toBe(1)
  })
})

describe('the one partner that an account sees', () => {
  let partner: { id: string; slug: string }
  beforeEach(async () => {
    const slug = `partner-${process.pid}-${++made}`
    const [{ insertId }] = (await connection.query('insert into partner (slug, name) values (?, ?)', [slug, `Partner ${slug}`])) as unknown as [{ insertId: number }]
    partner = { id: String(insertId), slug }
  })
  const facts = async (action: string, id: string) => {
    const [[event]] = await connection.query<RowDataPacket[]>('select detail from audit_event where action = ? and objectId = ? order by id desc limit 1', [action, id])
    return typeof event!.detail === 'string' ? JSON.parse(event!.detail) as unknown : event!.detail as unknown
  }

  test('is chosen with the invitation, and counts from the first sign-in', async () => {
    const { id, token } = await inviteUser(admin.session, { email: email(), name: 'Nora New', role: 'viewer', partnerId: partner.id })
    expect(await stateOf(id)).toMatchObject({ partner: { id: partner.id, name: `Partner ${partner.slug}` } })
    expect(await facts('user_invited', id)).toMatchObject({ role: 'viewer', partner: partner.slug })
    const { email: address } = await acceptLink(token, chosen)
    const entered = await signIn({ email: address, password: chosen }, origin, undefined)
    expect(await sessionOfToken(await sessionToken(entered!.claims))).toMatchObject({ user: { partnerId: partner.id } })
  })

  test('is changed and taken away at any time; the sessions go on with it', async () => {
    const person = await signedIn(connection, 'support')
    await changePartner(admin.session, person.user.id, partner.id)
    await changePartner(admin.session, person.user.id, partner.id)
    expect(await userOfToken(person.token)).toEqual({ ...person.user, partnerId: partner.id })
    expect(await facts('partner_limit_changed', person.user.id)).toEqual({ from: 'all partners', to: partner.slug })
    await changePartner(admin.session, person.user.id, null)
    expect(await userOfToken(person.token)).toEqual(person.user)
    expect(await facts('partner_limit_changed', person.user.id)).toEqual({ from: partner.slug, to: 'all partners' })
    expect(await audited(person.user.id)).toEqual(['partner_limit_changed', 'partner_limit_changed'])
  })

  test('is none for engineers and admins, whichever of role and partner comes last', async () => {
    const sentence = 'Engineers and admins see all partners. Only viewers and support can be limited to one.'
    for (const role of ['engineer', 'admin'] as const) {
      const wrong = { code: 'invalid_input', message: sentence, details: { fields: { partnerId: sentence } } }
      await expect(inviteUser(admin.session, { email: email(), name: 'N', role, partnerId: partner.id })).rejects.toMatchObject(wrong)
      await expect(changePartner(admin.session, (await signedIn(connection, role)).user.id, partner.id)).rejects.toMatchObject(wrong)
      const limited = await signedIn(connection, 'support', partner)
      await expect(changeRole(admin.session, limited.user.id, role)).rejects.toMatchObject({ code: 'conflict', message: 'Engineers and admins see all partners, and this account is limited to one. Let it see all partners first.' })
      await expect(connection.query('update `user` set role = ? where id = ?', [role, limited.user.id])).rejects.toThrow(/user_partner_role/)
      await changeRole(admin.session, limited.user.id, 'viewer')
      expect(await stateOf(limited.user.id)).toMatchObject({ role: 'viewer', partner: { id: partner.id } })
    }
  })

  test('must be one that there is', async () => {
    const { user } = await signedIn(connection, 'viewer')
    await expect(changePartner(admin.session, user.id, '999999999')).rejects.toMatchObject({ code: 'not_found' })
    await expect(inviteUser(admin.session, { email: email(), name: 'N', role: 'viewer', partnerId: '999999999' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await audited(user.id)).toEqual([])
  })
})

describe('what only admins may do, shortly after giving their password', () => {
  type Change = (by: CurrentSession, id: string) => Promise<unknown>
  const changes: [string, Change][] = [
    ['inviting', (by) => inviteUser(by, { email: email(), name: 'N', role: 'viewer' })], ['a new link', makePasswordLink], ['revoking a link', revokePasswordLink],
    ['removing', removeInvited], ['another role', (by, id) => changeRole(by, id, 'admin')], ['another partner', (by, id) => changePartner(by, id, null)], ['disabling', disableUser], ['enabling', enableUser], ['ending sessions', endSessionsOf],
  ]
  test.each(changes)('%s', async (_, change) => {
    const { id } = await invited()
    for (const role of roles.filter((role) => role !== 'admin')) {
      await expect(change((await signedIn(connection, role)).session, id)).rejects.toMatchObject({ code: 'not_allowed' })
    }
    await expect(change({ ...admin.session, confirmed: false }, id)).rejects.toMatchObject({ code: 'confirmation_required' })
    expect(await stateOf(id)).toMatchObject({ state: 'invited', role: 'support', link: { expired: false } })
    await change(admin.session, id)
  })

  test('an account that does not exist is none', async () => {
    for (const id of ['999999999', 'abc', '1 or 1=1', '']) await expect(disableUser(admin.session, id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('who joined cannot be removed', async () => {
    const person = await signedIn(connection, 'viewer')
    await expect(removeInvited(admin.session, person.user.id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('the list is for admins', async () => {
    await expect(listUsers((await signedIn(connection, 'engineer')).user)).rejects.toMatchObject({ code: 'not_allowed' })
    expect(JSON.stringify(await listUsers(admin.user))).not.toContain('argon2')
  })
})

describe('the own password', () => {
  test('is changed with the present one; all sessions end, and this browser goes on in a new one', async () => {
    const person = await signedIn(connection, 'support')
    const elsewhere = await newSession(connection, person.user)
    await connection.query('update `user` set mustChangePassword = true where id = ?', [person.user.id])
    const { token, ended } = await changePassword(person.session, testPassword, chosen, origin)
    expect(ended).toBe(1)
    for (const old of [person.token, elsewhere.token]) expect(await sessionOfToken(old)).toBeNull()
    expect(await sessionOfToken(token)).toMatchObject({ user: person.user, mustChangePassword: false, confirmed: true })
    expect(await signIn({ email: person.user.email, password: testPassword }, origin, undefined)).toBeNull()
    expect(await signIn({ email: person.user.email, password: chosen }, origin, undefined)).not.toBeNull()
  })

  test('is not changed with a wrong present one, to a bad one, or to the same', async () => {
    const person = await signedIn(connection, 'support')
    for (const [current, next, field] of [
      ['not my password at all', chosen, 'currentPassword'], ['', chosen, 'currentPassword'], [testPassword, 'short', 'newPassword'],
      [testPassword, 'passwordpassword', 'newPassword'], [testPassword, person.user.email, 'newPassword'], [testPassword, testPassword, 'newPassword'],
    ] as const) {
      await expect(changePassword(person.session, current, next, origin)).rejects.toMatchObject({ code: 'invalid_input', details: { fields: { [field]: expect.any(String) } } })
    }
    expect(await userOfToken(person.token)).not.toBeNull()
  })

  test('can be tried five times in a session, by a hundred requests at once too', async () => {
    const person = await signedIn(connection, 'support')
    const tries = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => confirmIdentity(person.session, `guess number ${i}`)))
    const codes = tries.map((t) => (t.status === 'rejected' ? (t.reason as { code: string }).code : 'taken'))
    expect(codes.filter((code) => code === 'invalid_input')).toHaveLength(5)
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(95)
    await expect(changePassword(person.session, testPassword, chosen, origin)).rejects.toMatchObject({ code: 'too_many_requests' })
  })

  test('given again, it lets accounts be changed for a while', async () => {
    await connection.query('update session set confirmedAt = now(3) - interval 1 hour where id = ?', [admin.session.id])
    expect(await sessionOfToken(admin.token)).toMatchObject({ confirmed: false })
    await expect(confirmIdentity(admin.session, 'not my password at all')).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await sessionOfToken(admin.token)).toMatchObject({ confirmed: false })
    await confirmIdentity(admin.session, testPassword)
    expect(await sessionOfToken(admin.token)).toMatchObject({ confirmed: true })
  })

  test('is changed by one of two who do so at once', async () => {
    const person = await signedIn(connection, 'support')
    const tries = await Promise.allSettled([1, 2, 3].map((n) => changePassword(person.session, testPassword, `${chosen} ${n}`, origin)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const [[{ sessions }]] = (await connection.query('select count(*) as sessions from session where userId = ?', [person.user.id])) as unknown as [[{ sessions: number }]]
    expect(sessions).toBe(1)
  })
})
