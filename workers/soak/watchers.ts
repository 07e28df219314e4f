import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'mysql2/promise'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import { isUnderWay, type LoadStatus } from '#lib/load-status.ts'
import type { Random } from '#lib/sample/random.ts'
import { paused } from './pause.ts'
import type { Person } from './person.ts'
import { persistently } from './shops.ts'
import type { Tally } from './tally.ts'

type Seen = { status: LoadStatus; attempt: number }
type Event = { id: string | undefined; name: string; data: Seen }
export type WatchersOptions = { db: Pool; tally: Tally; underWay: Set<string> }

/** J4: somebody who looks at one load after the other by its event stream, whose connection breaks often, and who comes back with Last-Event-ID. */
export async function watch(options: WatchersOptions, person: Person, dice: Random, stop: AbortSignal): Promise<void> {
  while (await paused(100, stop)) {
    const ids = [...options.underWay]
    if (ids.length === 0) continue
    await watchLoad(options, person, dice.of(ids.slice(-8)), dice, stop)
  }
}

/** Follows a load to its end. What was seen last must be what the database holds. */
export async function watchLoad({ db, tally, underWay }: WatchersOptions, person: Person, id: string, dice: Random, stop: AbortSignal): Promise<void> {
  let last: string | undefined
  let seen: Seen | undefined
  // A page that only listens keeps nobody signed in: whoever looks has opened it.
  await person.client.ask('GET', `/loads/${id}`, { signal: stop }).then((page) => page.text()).catch(() => tally.count('pages without an answer'))
  while (!stop.aborted) {
    const breaking = new AbortController()
    const breaks = setTimeout(() => breaking.abort(), dice.chance(0.5) ? dice.int(50, 2_500) : 30_000)
    try {
      const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last }
      const answer = await person.client.ask('GET', `/api/v1/loads/${id}/events`, { headers, signal: AbortSignal.any([breaking.signal, stop]) })
      if (answer.status === 429 || answer.status === 503) await sleep(1_000)
      else if (answer.status !== 200) return tally.problem(`the event stream of load ${id} answered ${answer.status}`)
      else if (answer.body) {
        tally.count(last === undefined ? 'event streams' : 'event streams gone on with')
        for await (const event of eventsOf(answer.body)) {
          tally.count('events')
          if (event.name === 'signed_out') return tally.problem('a watcher was signed out')
          if (event.name === 'progress') {
            if (event.id === last) tally.problem(`the event stream of load ${id} told again what had been seen`)
            last = event.id
            seen = event.data
          }
          if (event.name !== 'end') continue
          underWay.delete(id)
          return await compareEnd(db, tally, id, event.data.status, seen)
        }
      }
    } catch {
      // Broken by us, or its portal was killed.
      tally.count('event streams broken')
      await paused(100, stop)
    } finally {
      clearTimeout(breaks)
      breaking.abort()
    }
  }
}

async function compareEnd(db: Pool, tally: Tally, id: string, told: LoadStatus, seen: Seen | undefined): Promise<void> {
  const found = (await persistently(() => row<Seen & { open: number }>(db, sql`
    select status, currentAttempt as attempt, (select count(*) from job where job.loadId = \`load\`.id and status in ('queued', 'running')) as open from \`load\` where id = ${id}`)))!
  if (isUnderWay(told)) return tally.problem(`load ${id} was said to have ended as ${told}`)
  // Somebody has run it again since.
  if (found.open > 0 || (seen && found.attempt !== seen.attempt)) return
  if (found.status !== told || (seen && seen.status !== told)) tally.problem(`the page of load ${id} ended with ${told} (${seen?.status}), the database says ${found.status}`)
  tally.count('loads watched to their end')
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
