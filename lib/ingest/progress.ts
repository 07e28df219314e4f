import type { EntityName } from '#lib/contract/index.ts'
import { run, sql, type Db } from './sql/sql.ts'

export const stepNames = ['package', 'stage', 'validate', 'match', 'write', 'reconcile', 'publish'] as const
export type StepName = (typeof stepNames)[number]
export type Counts = Record<string, number>

// Often enough to look alive, seldom enough to cost nothing.
const ROWS_EVERY_MS = 500

/**
 * Keeps the steps of an attempt in the `step` table, on a connection of its own, so that the page sees them while the
 * load's transaction is open. Also adds up the seconds by step.
 */
export class Progress {
  readonly seconds = new Map<StepName, number>()
  readonly #db: Db
  readonly #attemptId: number
  #lastRowsMs = 0

  constructor(db: Db, attemptId: number) {
    this.#db = db
    this.#attemptId = attemptId
  }

  /** Runs one step and notes its beginning, end, and counts; `rows` is the count that the step is about. */
  async step<T>(name: StepName, entity: EntityName | '', work: () => Promise<T>, told: (result: T) => { rows: number; counts?: Counts }): Promise<T> {
    const startedMs = performance.now()
    await run(this.#db, sql`insert into step (attemptId, name, entity, status, startedAt) values (${this.#attemptId}, ${name}, ${entity}, 'running', now(3))
      on duplicate key update status = 'running', startedAt = now(3), finishedAt = null, seconds = null`)
    let status = 'failed'
    let outcome: { rows: number; counts?: Counts } | undefined
    try {
      const result = await work()
      outcome = told(result)
      status = 'done'
      return result
    } finally {
      const seconds = (performance.now() - startedMs) / 1000
      this.seconds.set(name, (this.seconds.get(name) ?? 0) + seconds)
      await run(this.#db, sql`update step set status = ${status}, finishedAt = now(3), seconds = ${seconds}, \`rows\` = ${outcome?.rows ?? null},
        counts = ${outcome?.counts ? JSON.stringify(outcome.counts) : null} where attemptId = ${this.#attemptId} and name = ${name} and entity = ${entity}`)
    }
  }

  /** How far a running step is; told now and then, and nobody waits for it. */
  rows(name: StepName, entity: EntityName, done: number): void {
    const nowMs = performance.now()
    if (nowMs - this.#lastRowsMs < ROWS_EVERY_MS) return
    this.#lastRowsMs = nowMs
    // A lost update of a progress figure is no reason to fail a load; the end of the step writes it anyway.
    void run(this.#db, sql`update step set \`rows\` = ${done} where attemptId = ${this.#attemptId} and name = ${name} and entity = ${entity} and status = 'running'`).catch(() => undefined)
  }
}
