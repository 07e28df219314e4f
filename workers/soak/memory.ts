import { readFileSync } from 'node:fs'
import type { Pool } from 'mysql2/promise'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import type { Installation } from './installation.ts'
import { paused } from './pause.ts'
import { growsTooFast, mostPerHour, slopeOf, type Held, type Slope } from './slope.ts'

type Sample = Held & { process: string; pid: number }
type Connections = { atMs: number; count: number }
/** What a process held in the life in which it was looked at most often. `slope`: once it had warmed up; null when that was too short. */
export type Life = { process: string; seconds: number; first: number; last: number; most: number; slope: Slope | null }

/** A part of the time. */
export type Span = { fromMs: number; toMs: number }

const ALL: Span = { fromMs: 0, toMs: Infinity }
const LOOKS_EVERY_MS = 1_000
/** What a process may hold. */
export const MOST_BYTES = { portal: 1.5e9, worker: 0.6e9 }
// Pools open what they may have; beyond that nothing may be added. Those of a process that has just begun do so in a shorter time.
const MORE_CONNECTIONS = 10
const CONNECTIONS_FROM_MS = 60_000
// Shorter, and what a process grows by is its warming up.
const GROWTH_FROM_HOURS = 300 / 3_600
// A process that has just begun still grows into its work.
const WARM_AFTER_SHARE = 0.4
const WARM_AFTER_MS = 60_000

/** The bytes that a process holds just now; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** How many connections the server has, without our own. */
export async function connectionsOf(db: Pool): Promise<number> {
  const found = await row<{ n: number }>(db, sql`select count(*) as n from information_schema.processlist where user in ('onramp_portal', 'onramp_worker')`)
  return Number(found!.n)
}

/** Looks at memory and connections once a second. */
export class Memory {
  readonly #samples: Sample[] = []
  readonly #connections: Connections[] = []

  async watch({ portal, workers, db, databasePid }: Installation, stop: AbortSignal): Promise<void> {
    while (await paused(LOOKS_EVERY_MS, stop)) {
      const atMs = Date.now()
      const now = [portal, ...workers].map(({ name, pid }) => ({ atMs, process: name, pid, bytes: residentBytes(pid) }))
      this.#samples.push(...[...now, { atMs, process: 'database', pid: databasePid(), bytes: residentBytes(databasePid()) }].filter(({ bytes }) => bytes > 0))
      // While it is away there are none.
      const count = await connectionsOf(db).catch(() => null)
      if (count !== null) this.#connections.push({ atMs, count })
    }
  }

  /** The longest life of each process within a time. */
  lives({ fromMs, toMs }: Span = ALL): Life[] {
    const samples = this.#samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    return [...Map.groupBy(samples, (sample) => sample.process)].map(([process, all]) => {
      const life = [...Map.groupBy(all, ({ pid }) => pid).values()].sort((a, b) => b.length - a.length)[0]!
      const [first, last] = [life[0]!, life.at(-1)!]
      return { process, seconds: (last.atMs - first.atMs) / 1000, first: first.bytes, last: last.bytes, most: Math.max(...all.map(({ bytes }) => bytes)), slope: slopeOf(warm(life)) }
    })
  }

  /** The most connections at once, and the most in the first and in the last third of a time. */
  connections({ fromMs, toMs }: Span = ALL): { most: number; early: number; late: number } {
    const all = this.#connections.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    const third = Math.ceil(all.length / 3)
    const most = (list: Connections[]) => Math.max(0, ...list.map(({ count }) => count))
    return { most: most(all), early: most(all.slice(0, third)), late: most(all.slice(-third)) }
  }
}

function warm(life: readonly Sample[]): readonly Sample[] {
  const [from, to] = [life[0]!.atMs, life.at(-1)!.atMs]
  const since = from + Math.max(WARM_AFTER_MS, (to - from) * WARM_AFTER_SHARE)
  return life.filter(({ atMs }) => atMs >= since)
}

/** What processes held and by how much they grew in the calm, in words, and what of it is wrong. */
export function judgeMemory(memory: Pick<Memory, 'lives' | 'connections'>, calm: Span): { lines: string[]; problems: string[] } {
  const [lines, problems]: [string[], string[]] = [[], []]
  for (const life of memory.lives()) {
    lines.push(`Memory of the longest life, ${told(life)}`)
    const limit = life.process === 'portal' ? MOST_BYTES.portal : life.process === 'database' ? Infinity : MOST_BYTES.worker
    if (life.most > limit) problems.push(`${life.process} held ${megabytes(life.most)}`)
  }
  for (const life of memory.lives(calm)) {
    const { slope } = life
    // The database fills its buffers.
    const isJudged = life.process !== 'database' && slope !== null && slope.hours >= GROWTH_FROM_HOURS
    const grown = slope ? `; once warm ${megabytes(slope.perHour)} an hour, for certain ${megabytes(slope.certain)}` : ''
    lines.push(`Memory in the calm, ${told(life)}${grown} (${isJudged ? `at most ${megabytes(mostPerHour(slope.hours))}` : 'not judged'})`)
    if (isJudged && growsTooFast(slope)) problems.push(`${life.process} grows by ${megabytes(slope.certain)} an hour or more`)
  }
  const { early, late, most } = memory.connections(calm)
  const isLong = calm.toMs - calm.fromMs >= CONNECTIONS_FROM_MS
  lines.push(`Connections in the calm: at most ${early} at first, ${late} at last; in all at most ${Math.max(most, memory.connections().most)}${isLong ? '' : ' (growth not judged)'}`)
  if (isLong && late > early + MORE_CONNECTIONS) problems.push(`connections grow: ${early} at first, ${late} at last`)
  return { lines, problems }
}

/** Bytes in words. */
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
const told = ({ process, seconds, first, last, most }: Life) => `${process}: ${megabytes(first)} at first, ${megabytes(last)} at last in ${seconds.toFixed(0)} s, at most ${megabytes(most)}`
