import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { random } from '#lib/sample/random.ts'
import { AHEAD_MS, Checks } from './checks.ts'
import { disturb, wakeStalled } from './disturbers.ts'
import { judgeFailures, tellFailures } from './failures.ts'
import { flood, judgeFlood, tellFlood } from './flood.ts'
import { openInstallation, type Installation } from './installation.ts'
import { EVERY_KIND_FROM_MINUTES, missingKinds } from './kinds.ts'
import { Memory, judgeMemory, type Span } from './memory.ts'
import { paceOf, paused } from './pause.ts'
import { Person } from './person.ts'
import { Reference } from './reference.ts'
import { requestOn } from './requests.ts'
import { Rotation } from './rotation.ts'
import { sendSizes } from './sizes.ts'
import { SHOP_KINDS, workWithShops, type FinishedShop, type ShopsOptions } from './shops.ts'
import { Tally } from './tally.ts'
import { watch } from './watchers.ts'

export type SoakOptions = { folder: string; minutes: number; seed: number; signal: AbortSignal; tell(line: string): void }

const SHOPS_AT_ONCE = 4
// In storms few watch: the machine is to be busy with what breaks. In the calm many do, each account with a few pages open.
const WATCHERS_IN_STORMS = 8
const WATCHERS_IN_CALM = 200
const PAGES_OF_ACCOUNT = 10
// J4: in the calm a load begins this often, or often enough to begin some in a very short one.
const LOAD_EVERY_MS = 10_000
const LEAST_LOADS_IN_CALM = 6
// A storm is long enough for every disturbance, and short enough that little has to be looked through when something is wrong.
const STORM_MS = 300_000
// Storms on top, while a kind of disturbance has not come about.
const MORE_STORM_MS = 60_000
const MOST_MORE_STORMS = 5
// Backup, restore and a purge of everything take their time; they come at the end in any case.
const WHOLE_EVERY = 4
// The last part of the time nothing is killed: what grows then grows by itself.
const CALM_SHARE = 0.2
// Shorter soaks are to be short.
const LARGE_FROM_MINUTES = 30
const LARGE = [{ bytes: 100_000_000, piece: 100_000_000 }, { bytes: 500_000_000, piece: 32 * 1024 * 1024 }]
const FLOOD = { uploads: 1_000, pairs: 20, shops: 50 }
const MOST_GROWTH_BYTES = 150e6

/** Everything that the parts of a soak share. */
type Soak = SoakOptions & { installation: Installation; tally: Tally; checks: Checks; memory: Memory; shops: Omit<ShopsOptions, 'turn' | 'spell'>; people: Person[]; others: Person[]; watchers: Person[] }

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
      const shops = { installation, ...all, seed, tally, underWay: new Set<string>(), finished, failures: { ran: 0, failed: {} }, next: new Rotation(SHOP_KINDS, random(seed, 'kinds of shops')) }
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
  for (const line of leftOut(options, tally)) tell(line)
  for (const problem of tally.problems) tell(`PROBLEM: ${problem}`)
  tell(`${passed ? 'PASSED' : 'FAILED'} after ${minutes} minutes with seed ${seed}${passed ? '' : `: ${tally.problems.length} problems; logs and data are in ${folder}`}.`)
  if (passed) rmSync(folder, { recursive: true, force: true })
  return passed
}

/** What a soak of that length did not do. */
function leftOut({ minutes }: SoakOptions, tally: Tally): string[] {
  const missing = missingKinds(tally)
  return [
    ...(minutes < LARGE_FROM_MINUTES ? [`Left out, it takes ${LARGE_FROM_MINUTES} minutes or more: files of ${largeSizes} MB (S1), ${FLOOD.uploads.toLocaleString('en-US')} uploads at once (S5).`] : []),
    ...(minutes < EVERY_KIND_FROM_MINUTES ? [`Left out, it takes ${EVERY_KIND_FROM_MINUTES} minutes or more: ${WATCHERS_IN_CALM} watchers (J4), and that every kind of disturbance comes about.`] : []),
    ...(missing.length > 0 ? [`Did not come about: ${missing.join('; ')}.`] : []),
    'Left out, `npm run soak -- --catalogue` does it: what tests count for themselves.',
  ]
}

const watchersOf = (minutes: number) => (minutes < EVERY_KIND_FROM_MINUTES ? WATCHERS_IN_STORMS : WATCHERS_IN_CALM)

/** People of one role, signed in just now. */
function several({ address, db }: Installation, tally: Tally, role: 'viewer' | 'support' | 'engineer', count: number, what: string): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => Person.of(address, db, role, `soak-${what}-${i}`, tally)))
}

async function makePeople(installation: Installation, tally: Tally): Promise<{ people: Person[]; engineers: Person[]; others: Person[]; watchers: Person[] }> {
  const made = (role: 'viewer' | 'support' | 'engineer', count: number, what: string) => several(installation, tally, role, count, what)
  const people = await made('support', SHOPS_AT_ONCE, 'sends')
  const engineers = await made('engineer', SHOPS_AT_ONCE, 'reruns')
  const others = [...await made('viewer', 1, 'asks'), ...await made('support', 1, 'asks-too')]
  return { people, engineers, others, watchers: await made('engineer', WATCHERS_IN_STORMS, 'looks') }
}

async function run(s: Soak): Promise<void> {
  const totalMs = s.minutes * 60_000
  const over = new AbortController()
  const beside = Promise.all([s.memory.watch(s.installation, over.signal), wakeStalled(s.installation, s.tally, over.signal)])
  try {
    // What is looked at between storms is not taken from their time.
    let storm = 1
    for (let leftMs = totalMs * (1 - CALM_SHARE); leftMs > 0; storm++, leftMs -= STORM_MS) await weatherStorm(s, storm, Math.min(STORM_MS, leftMs))
    if (s.minutes >= LARGE_FROM_MINUTES) {
      await floodPortal(s)
      await sendLarge(s)
    }
    const memory = judgeMemory(s.memory, await calm(s, Math.max(totalMs * CALM_SHARE, 3_000)))
    for (const line of memory.lines) s.tell(line)
    for (const problem of memory.problems) s.tally.problem(problem)
    if (s.minutes >= EVERY_KIND_FROM_MINUTES) {
      for (const more = storm + MOST_MORE_STORMS; storm < more && missingKinds(s.tally).length > 0; storm++) await weatherStorm(s, storm, MORE_STORM_MS)
      for (const kind of missingKinds(s.tally)) s.tally.problem(`in ${s.minutes} minutes and ${MOST_MORE_STORMS} storms more this never came about: ${kind}`)
    }
    const { failures } = s.shops
    s.tell(tellFailures(failures))
    const failing = judgeFailures(failures)
    if (failing) s.tally.problem(failing)
  } finally {
    over.abort()
    await beside
  }
}

async function weatherStorm(s: Soak, storm: number, ms: number): Promise<void> {
  s.tell(`Storm ${storm}: ${Math.round(ms / 1000)} s`)
  await spell(s, storm, { ms, watchers: WATCHERS_IN_STORMS, everyMs: 0 }, (stop) => disturb({ ...s, everyMs: Math.min(10_000, ms / 5) }, storm, stop))
  await s.checks.run(s.shops.finished, { whole: storm % WHOLE_EVERY === 0 })
  s.tell(`Quiet after storm ${storm}: ${s.shops.finished.length} shops, ${s.tally.problems.length} problems`)
}

/** J4. Gives when it was: what is looked at afterwards is not part of it. */
async function calm(s: Soak, ms: number): Promise<Span> {
  const fromMs = Date.now()
  const watchers = watchersOf(s.minutes)
  s.tell(`Calm: ${Math.round(ms / 1000)} s, ${watchers} watchers`)
  // Whoever had only listened until now would rightly be signed out.
  const people = await several(s.installation, s.tally, 'engineer', Math.ceil(watchers / PAGES_OF_ACCOUNT), 'looks-in-calm')
  await spell({ ...s, watchers: people }, 0, { ms, watchers, everyMs: Math.min(LOAD_EVERY_MS, ms / LEAST_LOADS_IN_CALM) }, async (stop) => void await paused(ms, stop))
  await s.checks.run(s.shops.finished, { whole: true })
  return { fromMs, toMs: fromMs + ms }
}

/** People work for so long, one load beginning `everyMs`, while `weather` goes on beside them; ends when all is at rest. */
async function spell(s: Soak, n: number, { ms, watchers, everyMs }: { ms: number; watchers: number; everyMs: number }, weather: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stop = AbortSignal.any([AbortSignal.timeout(ms), s.signal])
  const dice = (what: string, i: number) => random(s.seed, 'spell', n, what, i)
  const away = new AbortController()
  const watching = Array.from({ length: watchers }, (_, i) => watch({ ...s, db: s.installation.db, underWay: s.shops.underWay }, s.watchers[i % s.watchers.length]!, dice('watcher', i), away.signal))
  const turn = paceOf(everyMs, stop)
  const shops = Promise.all(Array.from({ length: SHOPS_AT_ONCE }, (_, i) => workWithShops({ ...s.shops, spell: n, turn }, i, stop)))
  const asked = requestOn(s.others, dice('requests', 0), s.tally, stop)
  try {
    // Whoever is disturbed when the weather clears is still brought to the end.
    await weather(stop)
    await Promise.all([shops, asked])
  } finally {
    away.abort()
    await Promise.all(watching)
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
  const pidOf = (one: { readonly pid: number }) => () => one.pid
  const processes = Object.fromEntries([installation.portal, ...installation.workers].map((one) => [one.name, pidOf(one)]))
  const flooded = await flood({ db: installation.db, tally, people, reader, processes, name: 'flood', ...FLOOD })
  tell(tellFlood(FLOOD.uploads, flooded))
  for (const problem of judgeFlood(flooded)) tally.problem(problem)
}

const largeSizes = LARGE.map(({ bytes }) => bytes / 1e6).join(' and ')

async function sendLarge({ tally, installation, people, tell }: Soak): Promise<void> {
  const startedMs = performance.now()
  const { files, portalGrewBytes } = await sendSizes(people[0]!.client, { address: installation.address, dataDir: installation.folder, pid: installation.portal.pid }, LARGE)
  for (const { bytes, whole } of files) {
    if (!whole) tally.problem(`a file of ${bytes} bytes is not what was sent`)
    tally.count('large files sent whole')
  }
  // Backups need not carry them.
  await installation.onramp(['retention', '--now', new Date(Date.now() + AHEAD_MS).toISOString()], { direct: true })
  tell(`Files of ${largeSizes} MB: sent, read and compared in ${((performance.now() - startedMs) / 1000).toFixed(0)} s; the portal grew by ${(portalGrewBytes / 1e6).toFixed(0)} MB`)
  if (portalGrewBytes > MOST_GROWTH_BYTES) tally.problem(`the portal grew by ${(portalGrewBytes / 1e6).toFixed(0)} MB while large files came in`)
}
