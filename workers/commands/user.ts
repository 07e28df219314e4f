import { createAccount } from '#lib/auth/accounts.ts'
import { roles } from '#lib/auth/permissions.ts'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'

export default command({
  summary: 'adds an account that may sign in to the portal',
  usage: 'add --email E --name N --role R [--password P]',
  options: {
    email: { type: 'string', value: 'E', help: 'what the person signs in with' },
    name: { type: 'string', value: 'N', help: 'the name that others see' },
    role: { type: 'string', value: 'R', help: roles.join(', ') },
    password: { type: 'string', value: 'P', help: 'absent: one is made up and printed' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals: [action], values: { email, name, role, password } }) {
    if (action !== 'add') throw new UserError('invalid_input', `user knows add, not ${JSON.stringify(action)}.`)
    if (!email || !name || !role) throw new UserError('invalid_input', 'user add needs --email, --name and --role.')
    const account = await withDatabase(async ({ url }) => {
      const connection = await connect(url)
      return createAccount(connection, { email, name, role, password }).finally(() => connection.end())
    })
    console.error(`Added ${account.email} as ${account.role}.`)
    if (account.generated) console.log(account.password)
    return 0
  },
})
