import { config, stagingSchema } from '#lib/config.ts'
import { embeddedUrl, startEmbedded, stopEmbedded } from '#lib/db/embedded.ts'
import { embeddedUsers } from '#lib/db/embedded-users.ts'
import { prepareDatabase } from '#lib/db/ensure.ts'
import { newPassword, tablesOf, urlAs, userStatements, type DatabaseRole, type DatabaseUser } from '#lib/db/users.ts'
import { UserError } from '#lib/errors.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { command } from '../command.ts'

const actions: Record<string, () => Promise<void>> = {
  async url() {
    const url = config().DATABASE_URL ?? embeddedUrl()
    if (!url) throw new UserError('unavailable', 'The private database is not running. Start it with `onramp db start`.')
    console.log(url)
  },
  async start() {
    if (config().DATABASE_URL) throw new UserError('invalid_input', 'DATABASE_URL is set, so there is no private database to start.')
    const server = await startEmbedded({ keep: true })
    await prepareDatabase(server.url)
    await embeddedUsers(server.url)
    console.log(server.url)
    console.error(server.startedHere ? 'Started. It runs until `onramp db stop`.' : 'It was running already, and now stays until `onramp db stop`.')
  },
  async stop() {
    if (config().DATABASE_URL) throw new UserError('invalid_input', 'DATABASE_URL is set, so there is no private database to stop.')
    console.error((await stopEmbedded()) ? 'Stopped.' : 'It was not running.')
  },
  async migrate() {
    const given = config().DATABASE_URL
    const server = given ? undefined : await startEmbedded()
    try {
      const applied = await prepareDatabase(given ?? server!.url, (loads) => console.error(`Waiting for ${loads === 1 ? 'a load that is' : `${loads} loads that are`} running. No other begins meanwhile.`))
      if (server) await embeddedUsers(server.url)
      console.error(applied.length ? `Applied ${applied.join(', ')}.` : 'Nothing to migrate.')
      if (applied.length > 0 && config().ONRAMP_WORKER_DATABASE_URL) console.error('Give portal and worker their rights on new tables: `onramp db setup` prints the statements.')
    } finally {
      await server?.stop()
    }
  },
  async setup() {
    const given = config().DATABASE_URL
    if (given) return printUsers(given)
    const server = await startEmbedded()
    try {
      await prepareDatabase(server.url)
      await embeddedUsers(server.url)
      console.error('Portal and worker have users of their own on the private server, with the rights they need. `onramp serve` gives each its own.')
    } finally {
      await server.stop()
    }
  },
}

/** The statements that the owner of a managed server runs, once and after every migration. Users that are in use keep their names and passwords. */
async function printUsers(url: string): Promise<void> {
  await prepareDatabase(url)
  const { ONRAMP_PORTAL_DATABASE_URL: portal, ONRAMP_WORKER_DATABASE_URL: worker } = config()
  const schemas = { main: addressOf(url).database, staging: stagingSchema(url) }
  const connection = await connect(url)
  const tables = await tablesOf(connection, schemas.main).finally(() => connection.end())
  for (const [role, known] of [['portal', portal], ['worker', worker]] as const) {
    const user = known ? userOf(known) : newUser(role, schemas.main)
    console.log(`-- ONRAMP_${role.toUpperCase()}_DATABASE_URL=${known ?? urlAs(url, user)}`)
    for (const statement of userStatements(role, user, schemas, tables)) console.log(`${statement};`)
  }
}

function userOf(url: string): DatabaseUser {
  const { user, password } = addressOf(url)
  return { name: user, password, host: '%' }
}

// 32 characters are the most that MySQL takes.
const newUser = (role: DatabaseRole, schema: string): DatabaseUser => ({ name: `${schema.slice(0, 24)}_${role}`, password: newPassword(), host: '%' })

export default command({
  summary: 'the database: its address, the private server, migrations',
  usage: 'url|start|stop|migrate|setup',
  details: 'setup makes the users of portal and worker on the private server; for a server of yours it prints the statements that make them.',
  options: {},
  positionals: { min: 1, max: 1 },
  async run({ positionals: [name] }) {
    const action = Object.hasOwn(actions, name!) ? actions[name!] : undefined
    if (!action) throw new UserError('invalid_input', `db knows ${Object.keys(actions).join(', ')}, not ${JSON.stringify(name)}.`)
    await action()
    return 0
  },
})
