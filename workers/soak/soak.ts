import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { random } from '#lib/sample/random.ts'
import { AHEAD_MS, Checks } from './checks.ts'
import { disturb } from './disturbers.ts'
import { areSlow, flood } from './flood.ts'
import { openInstallation, type Installation } from './installation.ts'
import { Memory, connectionsOf, type Life } from './memory.ts'
import { paused } from './pause.ts'
import { Person } from './person.ts'
import { Reference } from './reference.ts'
import { requestOn } from './requests.ts'
import { sendSizes } from './sizes.ts'
import { workWithShops, type FinishedShop, type ShopsOptions } from './shops.ts'
import { Tally } from './tally.ts'
import { watch } from './watchers.ts'

export type SoakOptions = { folder: string; minutes: number; seed: number; signal: AbortSignal; tell(line: string): void }

const SHOPS_AT_ONCE = 4
const WATCHERS = 8
// A storm is long enough for every disturbance, and short enough that little has to be looked through when something is wrong.
const STORM_MS = 300_000
// Backup, restore and a purge of everything take their time; they come at the end in any case.
const WHOLE_EVERY = 4
// The last part of the time nothing is killed: what grows then grows by itself.
const CALM_SHARE = 0.2
// Shorter soaks are to be short.
const LARGE_FROM_MINUTES = 30
const LARGE = [{ bytes: 100_000_000, piece: 100_000_000 }, { bytes: 500_000_000, piece: 32 * 1024 * 1024 }]
const MOST_GROWTH_BYTES = 150e6
const MOST_PORTAL_BYTES = 1.5e9
const MOST_WORKER_BYTES = 1e9
// Shorter, and what a process grows by is its warming up.
const GROWTH_FROM_SECONDS = 900
const MOST_GROWTH_PER_HOUR = 60e6
// Pools open what they may have; beyond that nothing may be added.
const MORE_CONNECTIONS = 10

/** Everything that the parts of a soak share. */
type Soak = SoakOptions & { installation: Installation; tally: Tally; checks: Checks; memory: Memory; shops: ShopsOptions; people: Person[]; others: Person[] }

/**
 * Runs an installation of its own for so many minutes while it is disturbed in every way, and looks at quiet moments, and in the end,
 * whether anything was lost, doubled, or got stuck. False when something is wrong; what, has been told by then.
 */
export async function soak(options: SoakOptions): Promise<boolean> {
  const { folder, seed, minutes, signal, tell } = options
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  tell(`Seed ${seed}. Everything is in ${folder}. Starting …`)
  const tally = new Tally(tell)
  const installation = await openInstallation({ folder, dice: random(seed, 'fail points'), tally, signal })
  try {
    signal.throwIfAborted()
    const reference = await Reference.open(installation.url, path.join(folder, 'reference'))
    try {
      const all = await makePeople(installation, tally)
      const finished: FinishedShop[] = []
      const shops = { installation, ...all, seed, tally, underWay: new Set<string>(), finished }
      const running = run({ ...options, installation, tally, shops, checks: new Checks(installation, reference, tally), memory: new Memory(), ...all })
      // Ctrl-C waits for nobody.
      await Promise.race([running, aborted(signal)])
      signal.throwIfAborted()
    } finally {
      await reference.close()
    }
  } finally {
    await installation.stop()
  }
  const passed = tally.problems.length === 0
  tell(['', 'Numbers', ...tally.lines(), ''].join('\n'))
  for (const problem of tally.problems) tell(`PROBLEM: ${problem}`)
  tell(`${passed ? 'PASSED' : 'FAILED'} after ${minutes} minutes with seed ${seed}${passed ? '' : `: ${tally.problems.length} problems; logs and data are in ${folder}`}.`)
  if (passed) rmSync(folder, { recursive: true, force: true })
  return passed
}

async function makePeople({ address, db }: Installation, tally: Tally): Promise<{ people: Person[]; engineers: Person[]; others: Person[] }> {
  const several = (role: 'viewer' | 'support' | 'engineer', count: number, what: string) =>
    Promise.all(Array.from({ length: count }, (_, i) => Person.of(address, db, role, `soak-${what}-${i}`, tally)))
  const people = await several('support', SHOPS_AT_ONCE, 'sends')
  const engineers = await several('engineer', SHOPS_AT_ONCE, 'reruns')
  return { people, engineers, others: [...await several('viewer', 1, 'asks'), ...await several('support', 1, 'asks-too'), ...await several('engineer', 2, 'looks')] }
}

async function run(s: Soak): Promise<void> {
  const totalMs = s.minutes * 60_000
  const over = new AbortController()
  const watchingMemory = s.memory.watch(s.installation, over.signal)
  try {
    // What is looked at between storms is not taken from their time.
    for (let storm = 1, leftMs = totalMs * (1 - CALM_SHARE); leftMs > 0; storm++, leftMs -= STORM_MS) {
      const ms = Math.min(STORM_MS, leftMs)
      s.tell(`Storm ${storm}: ${Math.round(ms / 1000)} s`)
      await spell(s, storm, ms, (stop) => disturb({ ...s, everyMs: Math.min(10_000, ms / 5) }, storm, stop))
      await s.checks.run(s.shops.finished, { whole: storm % WHOLE_EVERY === 0 })
      s.tell(`Quiet after storm ${storm}: ${s.shops.finished.length} shops, ${s.tally.problems.length} problems`)
    }
    if (s.minutes >= LARGE_FROM_MINUTES) {
      await floodPortal(s)
      await sendLarge(s)
    }
    const calmMs = Math.max(totalMs * CALM_SHARE, 3_000)
    const calmStartedMs = Date.now()
    s.tell(`Calm: ${Math.round(calmMs / 1000)} s`)
    await spell(s, 0, calmMs, async (stop) => void await paused(calmMs, stop))
    await s.checks.run(s.shops.finished, { whole: true })
    await judgeMemory(s, calmStartedMs)
  } finally {
    over.abort()
    await watchingMemory
  }
}

/** People work for so long while `weather` goes on beside them; ends when all is at rest. */
async function spell(s: Soak, n: number, ms: number, weather: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stop = AbortSignal.any([AbortSignal.timeout(ms), s.signal])
  const dice = (what: string, i: number) => random(s.seed, 'spell', n, what, i)
  const away = new AbortController()
  const watchers = Array.from({ length: WATCHERS }, (_, i) => watch({ ...s, db: s.installation.db, underWay: s.shops.underWay }, s.others[2 + (i % 2)]!, dice('watcher', i), away.signal))
  const shops = Promise.all(Array.from({ length: SHOPS_AT_ONCE }, (_, i) => workWithShops(s.shops, i, stop)))
  const asked = requestOn(s.others.slice(0, 2), dice('requests', 0), s.tally, stop)
  try {
    // Whoever is disturbed when the weather clears is still brought to the end.
    await weather(stop)
    await Promise.all([shops, asked])
  } finally {
    away.abort()
    await Promise.all(watchers)
    s.shops.underWay.clear()
  }
  s.signal.throwIfAborted()
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

async function floodPortal(s: Soak): Promise<void> {
  const { tally, installation, tell } = s
  const people = await Promise.all(Array.from({ length: 10 }, (_, i) => Person.of(installation.address, installation.db, 'support', `soak-floods-${i}`, tally)))
  const reader = await Person.of(installation.address, installation.db, 'engineer', 'soak-floods-reads', tally)
  const flooded = await flood({
    db: installation.db, tally, people, reader, pid: installation.portal.pid, name: 'flood', uploads: 1_000, pairs: 20, shops: 50,
  })
  const { seconds, pages, pageP95Ms, calmP95Ms, mostBytes } = flooded
  tell(`1,000 uploads at once: all ended after ${seconds.toFixed(0)} s; ${pages} pages meanwhile, 95 % of them within ${pageP95Ms.toFixed(0)} ms (before: ${calmP95Ms.toFixed(0)}); the portal held at most ${(mostBytes / 1e6).toFixed(0)} MB`)
  if (areSlow(flooded)) tally.problem(`during a flood a page in twenty took longer than ${pageP95Ms.toFixed(0)} ms`)
}

async function sendLarge({ tally, installation, people, tell }: Soak): Promise<void> {
  const startedMs = performance.now()
  const { files, portalGrewBytes } = await sendSizes(people[0]!.client, { address: installation.address, dataDir: installation.folder, pid: installation.portal.pid }, LARGE)
  for (const { bytes, whole } of files) {
    if (!whole) tally.problem(`a file of ${bytes} bytes is not what was sent`)
    tally.count('large files sent whole')
  }
  // Backups need not carry them.
  await installation.onramp(['retention', '--now', new Date(Date.now() + AHEAD_MS).toISOString()], { direct: true })
  tell(`Files of ${LARGE.map(({ bytes }) => bytes / 1e6).join(' and ')} MB: sent, read and compared in ${((performance.now() - startedMs) / 1000).toFixed(0)} s; the portal grew by ${(portalGrewBytes / 1e6).toFixed(0)} MB`)
  if (portalGrewBytes > MOST_GROWTH_BYTES) tally.problem(`the portal grew by ${(portalGrewBytes / 1e6).toFixed(0)} MB while large files came in`)
}

async function judgeMemory({ memory, tally, tell, installation }: Soak, calmStartedMs: number): Promise<void> {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  const told = ({ process, seconds, first, last, most, perHour }: Life) =>
    `${process}: ${megabytes(first)} at first, ${megabytes(last)} at last in ${seconds.toFixed(0)} s (${megabytes(perHour)} an hour), at most ${megabytes(most)}`
  for (const life of memory.lives()) {
    tell(`Memory of the longest life, ${told(life)}`)
    const limit = life.process === 'portal' ? MOST_PORTAL_BYTES : life.process.startsWith('worker') ? MOST_WORKER_BYTES : Infinity
    if (life.most > limit) tally.problem(`${life.process} held ${megabytes(life.most)}`)
  }
  for (const life of memory.lives(calmStartedMs)) {
    tell(`Memory in the calm, ${told(life)}`)
    if (life.process !== 'database' && life.seconds > GROWTH_FROM_SECONDS && life.perHour > MOST_GROWTH_PER_HOUR) tally.problem(`${life.process} grows by ${megabytes(life.perHour)} an hour`)
  }
  const { early, late, most } = memory.connections(calmStartedMs)
  tell(`Connections in the calm: at most ${early} at first, ${late} at last; in all at most ${Math.max(most, memory.connections().most)}; ${await connectionsOf(installation.db)} now`)
  if (late > early + MORE_CONNECTIONS) tally.problem(`connections grow: ${early} at first, ${late} at last`)
}
