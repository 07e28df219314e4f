import { createHash } from 'node:crypto'
import path from 'node:path'
import { UserError, invalidInput } from '#lib/errors.ts'
import { command } from '../command.ts'

const MOST_MINUTES = 7 * 24 * 60
const OTHER_ENDS_WITHIN_MS = 15_000

/** A number of the command line, `otherwise` where it is not given. */
function number(name: string, text: string | undefined, otherwise: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!(value > 0 && value <= most)) throw invalidInput(`--${name} takes a number above 0 and up to ${most.toLocaleString('en-US')}, not ${JSON.stringify(text)}.`)
  return value
}

export default command({
  summary: 'disturbs an installation of its own in every way, and looks whether anything is lost, doubled or stuck',
  usage: '[--minutes N] [--seed S]',
  details: [
    'Workers, portal and database are killed, connections break, others lock rows, packages are broken, while loads are sent, run again and watched.',
    'Server, data and logs are in the folder soak of the data folder; they stay when something is wrong. Ctrl-C stops it.',
    'Exit: 0 passed, 1 failed.',
  ].join('\n'),
  options: {
    minutes: { type: 'string', value: 'N', help: 'how long (10); checks and start come on top' },
    seed: { type: 'string', value: 'S', help: 'the same seed disturbs the same things; absent: one is made up and printed' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const minutes = number('minutes', values.minutes, 10, MOST_MINUTES)
    const seed = number('seed', values.seed ?? process.env.SEED, 1 + (Date.now() % 999_999), 2 ** 31)
    // Before anything reads a setting: nothing of this installation is used, and nothing of it is disturbed.
    const folder = path.resolve(process.env.ONRAMP_DATA_DIR || '.data', 'soak')
    for (const name of ['DATABASE_URL', 'ONRAMP_PORTAL_DATABASE_URL', 'ONRAMP_WORKER_DATABASE_URL', 'ONRAMP_STAGING_SCHEMA', 'ONRAMP_AUDIT_KEY', 'ONRAMP_AUDIT_ANCHORS', 'ONRAMP_TRUSTED_PROXIES', 'ONRAMP_FAILPOINT']) process.env[name] = ''
    Object.assign(process.env, { ONRAMP_DATA_DIR: folder, ONRAMP_CONFIG: path.join(folder, 'none.yaml') })
    const [{ soak }, { onlyOne }] = await Promise.all([import('../soak/soak.ts'), import('#lib/db/only-one.ts')])
    const stopping = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort(new UserError('unavailable', `Stopped. The seed was ${seed}.`)))
    // One that has just been stopped still shuts its database down.
    const work = () => soak({ folder, minutes, seed, signal: stopping.signal, tell: (line) => console.log(line) })
    const passed = await onlyOne(`onramp-soak-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`, OTHER_ENDS_WITHIN_MS, work).catch((error: unknown) => {
      // Whoever still waits for the database, or for a load, is not waited for.
      setTimeout(() => process.exit(1), 1_000).unref()
      throw stopping.signal.aborted ? stopping.signal.reason : error
    })
    return passed ? 0 : 1
  },
})
