import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityName } from '#lib/contract/index.ts'
import { join, run, sql, type Db, type Sql } from './sql/sql.ts'

export const stepNames = ['package', 'stage', 'validate', 'match', 'write', 'reconcile', 'publish'] as const
export type StepName = (typeof stepNames)[number]
export type Counts = Record<string, number>

// Often enough to look alive, seldom enough to cost nothing.
const NOTED_EVERY_MS = 250

/** A row of the `step` table as it should be by now. Times are of this process's clock, in milliseconds. */
type Note = {
  name: StepName; entity: EntityName | ''; status: 'running' | 'done' | 'failed'
  startedMs: number; finishedMs: number | null; rows: number | null; counts: Counts | null
}

/**
 * Keeps the steps of an attempt in the `step` table, on a connection of its own, so that the page sees them while the
 * load's transaction is open. Nobody waits for that: a small load would spend a good part of its time on it.
 */
export class Progress {
  readonly #db: Db
  readonly #attemptId: number
  readonly #notes = new Map<string, Note>()
  /** Which of them are not written as they are by now. */
  readonly #changed = new Set<string>()
  #writing: Promise<void> | null = null
  #hurry = new AbortController()

  constructor(db: Db, attemptId: number) {
    this.#db = db
    this.#attemptId = attemptId
  }

  /** Runs one step and notes its beginning, end, and counts; `rows` is the count that the step is about. */
  async step<T>(name: StepName, entity: EntityName | '', work: () => Promise<T>, told: (result: T) => { rows: number; counts?: Counts }): Promise<T> {
    const note: Note = { name, entity, status: 'running', startedMs: performance.now(), finishedMs: null, rows: null, counts: null }
    const key = `${name} ${entity}`
    this.#notes.set(key, note)
    this.#write(key)
    try {
      const result = await work()
      const { rows, counts = null } = told(result)
      Object.assign(note, { status: 'done', rows, counts })
      return result
    } catch (error) {
      note.status = 'failed'
      throw error
    } finally {
      note.finishedMs = performance.now()
      this.#write(key)
    }
  }

  /** How far a running step is. */
  rows(name: StepName, entity: EntityName, done: number): void {
    const key = `${name} ${entity}`
    this.#notes.get(key)!.rows = done
    this.#write(key)
  }

  /** Waits until all steps are noted. Throws what the database says where it does not take one. */
  async settle(): Promise<void> {
    this.#hurry.abort()
    await this.#writing
    await this.#writeChanged()
  }

  #write(key: string): void {
    this.#changed.add(key)
    this.#writing ??= this.#writeNowAndThen()
  }

  async #writeNowAndThen(): Promise<void> {
    this.#hurry = new AbortController()
    const { signal } = this.#hurry
    try {
      while (this.#changed.size > 0) {
        await this.#writeChanged()
        await sleep(NOTED_EVERY_MS, undefined, { signal }).catch(() => undefined)
      }
    } catch {
      // It is tried again with the next note, and at the end.
    } finally {
      this.#writing = null
    }
  }

  async #writeChanged(): Promise<void> {
    const keys = [...this.#changed]
    if (keys.length === 0) return
    this.#changed.clear()
    try {
      await run(this.#db, this.#statement(keys.map((key) => this.#notes.get(key)!)))
    } catch (error) {
      for (const key of keys) this.#changed.add(key)
      throw error
    }
  }

  #statement(notes: readonly Note[]): Sql {
    const nowMs = performance.now()
    const ago = (ms: number) => sql`now(3) - interval ${Math.round((nowMs - ms) * 1000)} microsecond`
    const values = notes.map(({ name, entity, status, startedMs, finishedMs, rows, counts }) => sql`(${this.#attemptId}, ${name}, ${entity}, ${status}, ${ago(startedMs)},
      ${finishedMs === null ? null : ago(finishedMs)}, ${finishedMs === null ? null : (finishedMs - startedMs) / 1000}, ${rows}, ${counts && JSON.stringify(counts)})`)
    return sql`replace into step (attemptId, name, entity, status, startedAt, finishedAt, seconds, \`rows\`, counts) values ${join(values)}`
  }
}
