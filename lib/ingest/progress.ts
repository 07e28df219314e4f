import type { EntityName } from '#lib/contract/index.ts'
import { run, sql, type Db } from './sql/sql.ts'

export const stepNames = ['package', 'stage', 'validate', 'match', 'write', 'reconcile', 'publish'] as const
export type StepName = (typeof stepNames)[number]
export type Counts = Record<string, number>

// Often enough to look alive, seldom enough to cost nothing.
const ROWS_EVERY_MS = 500

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
  /** Those that are not written as they are by now. */
  readonly #changed = new Set<Note>()
  #writing: Promise<void> | null = null
  #lastRowsMs = 0

  constructor(db: Db, attemptId: number) {
    this.#db = db
    this.#attemptId = attemptId
  }

  /** Runs one step and notes its beginning, end, and counts; `rows` is the count that the step is about. */
  async step<T>(name: StepName, entity: EntityName | '', work: () => Promise<T>, told: (result: T) => { rows: number; counts?: Counts }): Promise<T> {
    const note: Note = { name, entity, status: 'running', startedMs: performance.now(), finishedMs: null, rows: null, counts: null }
    this.#notes.set(`${name} ${entity}`, note)
    this.#write(note)
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
      this.#write(note)
    }
  }

  /** How far a running step is; told now and then. */
  rows(name: StepName, entity: EntityName, done: number): void {
    const nowMs = performance.now()
    if (nowMs - this.#lastRowsMs < ROWS_EVERY_MS) return
    this.#lastRowsMs = nowMs
    const note = this.#notes.get(`${name} ${entity}`)!
    note.rows = done
    this.#write(note)
  }

  /** Waits until all steps are noted. Throws what the database says where it does not take one. */
  async settle(): Promise<void> {
    await this.#writing
    await this.#writeChanged()
  }

  #write(note: Note): void {
    this.#changed.add(note)
    // What fails here is tried again with the next note, and at the end.
    this.#writing ??= this.#writeChanged().catch(() => undefined).finally(() => { this.#writing = null })
  }

  async #writeChanged(): Promise<void> {
    for (const note of this.#changed) {
      this.#changed.delete(note)
      try {
        await run(this.#db, this.#statement(note))
      } catch (error) {
        this.#changed.add(note)
        throw error
      }
    }
  }

  #statement({ name, entity, status, startedMs, finishedMs, rows, counts }: Note) {
    const nowMs = performance.now()
    const ago = (ms: number) => sql`now(3) - interval ${Math.round((nowMs - ms) * 1000)} microsecond`
    const set = sql`status = ${status}, startedAt = ${ago(startedMs)}, finishedAt = ${finishedMs === null ? null : ago(finishedMs)},
      seconds = ${finishedMs === null ? null : (finishedMs - startedMs) / 1000}, \`rows\` = ${rows}, counts = ${counts && JSON.stringify(counts)}`
    return sql`insert into step set attemptId = ${this.#attemptId}, name = ${name}, entity = ${entity}, ${set} on duplicate key update ${set}`
  }
}
