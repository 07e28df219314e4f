import { config } from '#lib/config.ts'
import { embeddedUrl, startEmbedded, stopEmbedded } from '#lib/db/embedded.ts'
import { migrate } from '#lib/db/migrate.ts'
import { UserError } from '#lib/errors.ts'
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
    await migrate(server.url)
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
      const applied = await migrate(given ?? server!.url)
      console.error(applied.length ? `Applied ${applied.join(', ')}.` : 'Nothing to migrate.')
    } finally {
      await server?.stop()
    }
  },
}

export default command({
  summary: 'the database: its address, the private server, migrations',
  usage: 'url|start|stop|migrate',
  options: {},
  positionals: { min: 1, max: 1 },
  async run({ positionals: [name] }) {
    const action = Object.hasOwn(actions, name!) ? actions[name!] : undefined
    if (!action) throw new UserError('invalid_input', `db knows ${Object.keys(actions).join(', ')}, not ${JSON.stringify(name)}.`)
    await action()
    return 0
  },
})
