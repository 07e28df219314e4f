import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { UserError, invalidInput } from '#lib/errors.ts'
import { command } from '../command.ts'
import { whenToldToStop } from '../told-to-stop.ts'

const MINUTES = 10
const MOST_MINUTES = 7 * 24 * 60
const MOST_TIMES = 999_999
const OTHER_ENDS_WITHIN_MS = 15_000

/** A number of the command line, `otherwise` where it is not given. */
function number(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!(value > 0 && value <= most)) throw invalidInput(`--${name} takes a number above 0 and up to ${most.toLocaleString('en-US')}, not ${JSON.stringify(text)}.`)
  return value
}

/** Stops what runs when the process is told to end. */
function stopping(seed: number): AbortController {
  const stop = new AbortController()
  whenToldToStop(() => stop.abort(new UserError('unavailable', `Stopped. The seed was ${seed}.`)), () => process.exit(1))
  return stop
}

const tell = (line: string) => console.log(line)

/** The tests of the catalogue, as often as a soak has to run them. */
async function runTests(seed: number, only: string | undefined, most: number): Promise<number> {
  const [{ runCatalogue }, { catalogue }] = await Promise.all([import('../soak/run-catalogue.ts'), import('../soak/catalogue.ts')])
  const ids = only?.split(',').map((id) => id.trim()) ?? []
  const unknown = ids.find((id) => !catalogue.some((entry) => entry.id === id))
  if (unknown !== undefined) throw invalidInput(`There are no tests of ${JSON.stringify(unknown)}: --only takes some of ${catalogue.map(({ id }) => id).join(',')}.`)
  if (spawnSync(process.execPath, ['scripts/setup.mjs', '--tests'], { cwd: root, stdio: ['ignore', 2, 2] }).status !== 0) throw new UserError('unavailable', 'The tests could not be set up; the reason is above.')
  const stop = stopping(seed)
  const passed = await runCatalogue({ folder: path.join(dataFolder(), 'soak-catalogue'), seed, only: ids, most, signal: stop.signal, tell }).catch((error: unknown) => {
    throw stop.signal.aborted ? stop.signal.reason : error
  })
  return passed ? 0 : 1
}

const root = path.resolve(import.meta.dirname, '../..')
const dataFolder = () => path.resolve(process.env.ONRAMP_DATA_DIR || '.data')

/** An installation that is disturbed for so long. */
async function soakFor(seed: number, minutes: number): Promise<number> {
  // Before anything reads a setting: nothing of this installation is used, and nothing of it is disturbed.
  const folder = path.join(dataFolder(), 'soak')
  for (const name of ['DATABASE_URL', 'ONRAMP_PORTAL_DATABASE_URL', 'ONRAMP_WORKER_DATABASE_URL', 'ONRAMP_STAGING_SCHEMA', 'ONRAMP_AUDIT_KEY', 'ONRAMP_AUDIT_ANCHORS', 'ONRAMP_TRUSTED_PROXIES', 'ONRAMP_FAILPOINT']) process.env[name] = ''
  Object.assign(process.env, { ONRAMP_DATA_DIR: folder, ONRAMP_CONFIG: '' })
  const [{ soak }, { onlyOne }] = await Promise.all([import('../soak/soak.ts'), import('#lib/db/only-one.ts')])
  const stop = stopping(seed)
  // One that has just been stopped still shuts its database down.
  const work = () => soak({ folder, minutes, seed, signal: stop.signal, tell })
  const passed = await onlyOne(`onramp-soak-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`, OTHER_ENDS_WITHIN_MS, work).catch((error: unknown) => {
    // Whoever still waits for the database, or for a load, is not waited for.
    setTimeout(() => process.exit(1), 1_000).unref()
    throw stop.signal.aborted ? stop.signal.reason : error
  })
  return passed ? 0 : 1
}

export default command({
  summary: 'disturbs an installation of its own in every way, and looks whether anything is lost, doubled or stuck',
  usage: '[--minutes N | --catalogue [--only C3,B1] [--times N]] [--seed S]',
  details: [
    'Workers, portal and database are killed, connections break, others lock rows, packages are broken, while loads are sent, run again and watched.',
    'Server, data and logs are in the folder soak of the data folder; they stay when something is wrong. Ctrl-C stops it.',
    'With --catalogue the tests of kills, faults and races run instead, as often as the test catalogue asks of a soak: that takes many hours.',
    'Exit: 0 passed, 1 failed.',
  ].join('\n'),
  options: {
    minutes: { type: 'string', value: 'N', help: `how long (${MINUTES}); checks and start come on top` },
    seed: { type: 'string', value: 'S', help: 'the same seed disturbs the same things; absent: one is made up and printed' },
    catalogue: { type: 'boolean', help: 'runs the tests of the catalogue instead, with a line for each of its entries' },
    only: { type: 'string', value: 'IDS', help: 'with --catalogue: these entries only, separated by commas' },
    times: { type: 'string', value: 'N', help: 'with --catalogue: so many times over at most' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const seed = number('seed', values.seed ?? process.env.SEED, 1 + (Date.now() % 999_999), 2 ** 31)
    if (!values.catalogue) {
      const misplaced = (['only', 'times'] as const).find((name) => values[name] !== undefined)
      if (misplaced) throw invalidInput(`--${misplaced} goes with --catalogue.`)
      return soakFor(seed, number('minutes', values.minutes, MINUTES, MOST_MINUTES))
    }
    if (values.minutes !== undefined) throw invalidInput('--catalogue takes as long as it takes: leave --minutes out.')
    const most = number('times', values.times, Infinity, MOST_TIMES)
    if (Number.isFinite(most) && !Number.isInteger(most)) throw invalidInput(`--times takes a whole number, not ${JSON.stringify(values.times)}.`)
    return runTests(Math.floor(seed), values.only, most)
  },
})
