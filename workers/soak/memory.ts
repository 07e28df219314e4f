import { readFileSync } from 'node:fs'
import type { Pool } from 'mysql2/promise'
import { row, sql } from '#lib/ingest/sql/sql.ts'
import type { Installation } from './installation.ts'
import { paused } from './pause.ts'

type Sample = { atMs: number; process: string; pid: number; bytes: number }
type Connections = { atMs: number; count: number }
/** What a process held in the life in which it was looked at most often. */
export type Life = { process: string; seconds: number; first: number; last: number; most: number; perHour: number }

const LOOKS_EVERY_MS = 1_000

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

  /** The longest life of each process since then. */
  lives(sinceMs = 0): Life[] {
    const samples = this.#samples.filter(({ atMs }) => atMs >= sinceMs)
    return [...Map.groupBy(samples, (sample) => sample.process)].map(([process, all]) => {
      const life = [...Map.groupBy(all, ({ pid }) => pid).values()].sort((a, b) => b.length - a.length)[0]!
      const [first, last] = [life[0]!, life.at(-1)!]
      return { process, seconds: (last.atMs - first.atMs) / 1000, first: first.bytes, last: last.bytes, most: Math.max(...all.map(({ bytes }) => bytes)), perHour: slope(life) }
    })
  }

  /** The most connections at once, and the most in the first and in the last third of the time since then. */
  connections(sinceMs = 0): { most: number; early: number; late: number } {
    const all = this.#connections.filter(({ atMs }) => atMs >= sinceMs)
    const third = Math.ceil(all.length / 3)
    const most = (list: Connections[]) => Math.max(0, ...list.map(({ count }) => count))
    return { most: most(all), early: most(all.slice(0, third)), late: most(all.slice(-third)) }
  }
}

/** Bytes an hour, by least squares over the second half: a process that has just begun still grows into its work. */
function slope(life: readonly Sample[]): number {
  const half = life.slice(Math.floor(life.length / 2))
  const mean = (of: (sample: Sample) => number) => half.reduce((sum, sample) => sum + of(sample), 0) / half.length
  const [t, b] = [mean(({ atMs }) => atMs), mean(({ bytes }) => bytes)]
  const spread = half.reduce((sum, { atMs }) => sum + (atMs - t) ** 2, 0)
  return spread === 0 ? 0 : (half.reduce((sum, { atMs, bytes }) => sum + (atMs - t) * (bytes - b), 0) / spread) * 3_600_000
}
