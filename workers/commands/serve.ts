import { command } from '../command.ts'
import { serveUntilStopped, startInstallation } from '../installation.ts'

export default command({
  summary: 'the portal and a worker, with the private database where none is configured',
  usage: '[--dev]',
  options: { dev: { type: 'boolean', help: 'the development server: pages change as their source does' } },
  positionals: { min: 0, max: 0 },
  async run({ values: { dev } }) {
    const installation = await startInstallation({ dev })
    console.error(`Onramp answers at ${installation.address}. Ctrl-C stops it.`)
    return serveUntilStopped(installation)
  },
})
