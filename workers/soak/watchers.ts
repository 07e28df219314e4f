import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'mysql2/promise'
import { row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { isUnderWay, type LoadStatus } from '#lib/load-status.ts'
import type { Random } from '#lib/sample/random.ts'
import { paused } from './pause.ts'
import { wrongAnswer, type Person } from './person.ts'
import { persistently } from './shops.ts'
import type { Tally } from './tally.ts'

type Seen = { status: LoadStatus; attempt: number }
type Event = { id: string | undefined; name: string; data: Seen }
export type WatchersOptions = { db: Pool; tally: Tally; underWay: Set<string> }

// How often somebody opens the page itself, and how often the stream that it listens to breaks.
const OPENS_PAGE = 0.2
const BREAKS = 0.5
const NEWEST_LOADS = 8

/** J4: somebody who looks at one load after the other by its event stream, whose connection breaks often, and who comes back with Last-Event-ID. */
export async function watch(options: WatchersOptions, person: Person, dice: Random, stop: AbortSignal): Promise<void> {
  const watched = new Set<string>()
  while (await paused(100, stop)) {
    // Many look at the same load, and each of them sees its end.
    const ids = [...options.underWay].slice(-NEWEST_LOADS).filter((id) => !watched.has(id))
    if (ids.length === 0) continue
    const id = dice.of(ids)
    await watchLoad(options, person, id, dice, stop)
    watched.add(id)
    // Whoever has an eye on very few would else see none of them run again.
    if (watched.size > NEWEST_LOADS) watched.clear()
  }
}

/** Follows a load to its end. What was seen last must be what the database holds. */
async function watchLoad({ db, tally, underWay }: WatchersOptions, person: Person, id: string, dice: Random, stop: AbortSignal): Promise<void> {
  let last: string | undefined
  let seen: Seen | undefined
  if (dice.chance(OPENS_PAGE)) await person.client.ask('GET', `/loads/${id}`, { signal: stop }).then((page) => page.text()).catch(() => tally.count('pages without an answer'))
  while (!stop.aborted) {
    const breaking = new AbortController()
    const breaks = setTimeout(() => breaking.abort(), dice.chance(BREAKS) ? dice.int(50, 2_500) : 30_000)
    try {
      const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last }
      const answer = await person.client.ask('GET', `/api/v1/loads/${id}/events`, { headers, signal: AbortSignal.any([breaking.signal, stop]) })
      const wrong = wrongAnswer(answer.status, answer.headers.get('retry-after'))
      if (wrong) return tally.problem(`the event stream of load ${id} ${wrong}`)
      if (answer.status === 429 || answer.status === 503) await paused(1_000, stop)
      else if (answer.status !== 200) return tally.problem(`the event stream of load ${id} answered ${answer.status}`)
      else if (answer.body) {
        tally.count(last === undefined ? 'event streams' : 'event streams gone on with')
        for await (const event of tally.during('most event streams at once', eventsOf(answer.body))) {
          tally.count('events')
          if (event.name === 'signed_out') return tally.problem('a watcher was signed out')
          if (event.name === 'progress') {
            if (event.id === last) tally.problem(`the event stream of load ${id} told again what had been seen`)
            last = event.id
            seen = event.data
          }
          if (event.name !== 'end') continue
          underWay.delete(id)
          await compareEnd(db, tally, id, event.data.status, seen)
          return await comparePage(db, tally, person, id)
        }
      }
    } catch (error) {
      if (!isBroken(error)) return tally.problem(`whoever watched load ${id} was stopped by ${(error as Error).name}: ${(error as Error).message}`)
      // By us, or its portal was killed.
      tally.count('event streams broken')
      await paused(100, stop)
    } finally {
      clearTimeout(breaks)
      breaking.abort()
    }
  }
}

/** What `fetch` says of a connection that is not there any more, and what a time-out says. */
const isBroken = (error: unknown) => error instanceof TypeError || (error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError'))

/** The last event against the attempt that it was about, also when somebody has run the load again since. */
async function compareEnd(db: Pool, tally: Tally, id: string, told: LoadStatus, seen: Seen | undefined): Promise<void> {
  if (isUnderWay(told)) return tally.problem(`load ${id} was said to have ended as ${told}`)
  if (seen?.status !== told) return tally.problem(`the page of load ${id} ended with ${told}, and showed ${seen?.status}`)
  const found = await persistently(() => row<{ status: string; dryRun: number }>(db, sql`select status, dryRun from attempt where loadId = ${id} and number = ${seen.attempt}`))
  // A dry run leaves the load as it was.
  if (!found || (found.dryRun === 0 && found.status !== told)) tally.problem(`attempt ${seen.attempt} of load ${id} ended with ${told} for whoever watched, and as ${found?.status} in the database`)
  tally.count('loads watched to their end')
}

type Shown = { status: string; currentAttempt: number; attempts: { number: number; status: string; dryRun: boolean; records: number | null; errors: number | null; warnings: number | null }[] }

const PAGE_TRIES = 60

/** What the page shows now, by what it is made of, against the database. While somebody runs the load again, both are asked until it held still meanwhile. */
async function comparePage(db: Pool, tally: Tally, person: Person, id: string): Promise<void> {
  for (let tries = 0; tries < PAGE_TRIES; tries++) {
    const before = await persistently(() => inDatabase(db, id))
    const { status, text } = await person.ask('GET', `/api/v1/loads/${id}`)
    const after = await persistently(() => inDatabase(db, id))
    if (before === after) {
      const shown = status === 200 ? told(JSON.parse(text) as Shown) : `an answer ${status}`
      if (shown !== before) tally.problem(`the page of load ${id} shows ${shown}, the database holds ${before}`)
      return tally.count('pages of ended loads compared with the database')
    }
    await sleep(100)
  }
  tally.problem(`load ${id} never held still for its page to be compared`)
}

async function inDatabase(db: Pool, id: string): Promise<string> {
  const load = (await row<Omit<Shown, 'attempts'>>(db, sql`select status, currentAttempt from \`load\` where id = ${id}`))!
  const attempts = await rows<Shown['attempts'][number]>(db, sql`select number, status, dryRun, records, errors, warnings from attempt where loadId = ${id} order by number desc`)
  return told({ ...load, attempts })
}

function told({ status, currentAttempt, attempts }: Shown): string {
  const number = (value: number | null) => (value === null ? null : Number(value))
  return JSON.stringify([status, currentAttempt, attempts.map((one) => [one.number, one.status, Boolean(one.dryRun), number(one.records), number(one.errors), number(one.warnings)])])
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
      text = text.slice(end + 2)
      yield { id: fields.get('id'), name: fields.get('event')!, data: JSON.parse(fields.get('data')!) as Seen }
    }
  }
}
