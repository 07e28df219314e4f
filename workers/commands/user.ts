import { text } from 'node:stream/consumers'
import type { Connection } from 'mysql2/promise'
import { createAccount, replacePassword } from '#lib/auth/accounts.ts'
import { roles } from '#lib/auth/permissions.ts'
import { appendAudit } from '#lib/audit/append.ts'
import type { AuditAction, AuditDetail } from '#lib/audit/event.ts'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'

type Values = { email?: string; name?: string; role?: string; partner?: string; password?: string; 'keep-password'?: boolean }
type Done = { id: string; email: string; password: string; generated: boolean; said: string; detail?: AuditDetail }

const actions: Record<string, { audit: AuditAction; run: (tx: Connection, values: Values) => Promise<Done> }> = {
  add: {
    audit: 'user_created',
    async run(tx, { email, name, role, partner, password, 'keep-password': keep = false }) {
      if (!email || !name || !role) throw new UserError('invalid_input', 'user add needs --email, --name and --role.')
      const account = await createAccount(tx, { email, name, role, partner, password, mustChangePassword: !keep })
      const limit = partner === undefined ? '' : `, limited to the partner ${partner}`
      return { ...account, said: `Added ${account.email} as ${account.role}${limit}.`, detail: { role: account.role, partner: partner ?? null } }
    },
  },
  password: {
    audit: 'password_changed',
    async run(tx, { email, password, 'keep-password': keep = false }) {
      if (!email) throw new UserError('invalid_input', 'user password needs --email.')
      const account = await replacePassword(tx, { email, password, mustChangePassword: !keep })
      return { ...account, said: `${account.email} has a new password, and was signed out everywhere.` }
    },
  },
}

/** The change and its event in the audit trail, together or not at all. */
async function withAudit(url: string, action: string, values: Values): Promise<Done> {
  const { audit, run } = actions[action]!
  const connection = await connect(url)
  try {
    await connection.beginTransaction()
    const done = await run(connection, values)
    await appendAudit(connection, { user: null, actor: 'cli', action: audit, objectType: 'user', objectId: done.id, detail: done.detail })
    await connection.commit()
    return done
  } finally {
    await connection.end()
  }
}

export default command({
  summary: 'adds an account that may sign in to the portal, or gives one a new password',
  usage: 'add|password --email E [--name N --role R [--partner SLUG]] [--password P]',
  details: 'The password opens only the page where the person chooses another one, unless --keep-password is given: for accounts of programs.',
  options: {
    email: { type: 'string', value: 'E', help: 'what the person signs in with' },
    name: { type: 'string', value: 'N', help: 'the name that others see' },
    role: { type: 'string', value: 'R', help: roles.join(', ') },
    partner: { type: 'string', value: 'SLUG', help: 'add: the one partner that a viewer or support account sees; absent: all' },
    password: { type: 'string', value: 'P', help: 'absent: one is made up and printed; -: the first line of stdin, since everybody on the machine sees the arguments of a command' },
    'keep-password': { type: 'boolean', help: 'the password need not be changed at the first sign-in' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [action], values }) {
    if (!Object.hasOwn(actions, action!)) throw new UserError('invalid_input', `user knows ${Object.keys(actions).join(', ')}, not ${JSON.stringify(action)}.`)
    const given = values.password === '-' ? { ...values, password: (await text(process.stdin)).split(/\r?\n/, 1)[0] } : values
    const { said, generated, password } = await withDatabase(({ url }) => withAudit(url, action!, given))
    console.error(said)
    if (generated) console.log(password)
    return 0
  },
})
