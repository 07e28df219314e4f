import { fieldOf } from './field.ts'
import { LineBuffer } from './line-buffer.ts'
import type { RowPlan } from './row-plan.ts'

/** The values of rows of which one differs from its text, as lines for LOAD DATA: the record and all values that may differ. */
export class DifferingValues {
  readonly #lines = new LineBuffer()
  readonly #cells: number[]

  constructor(plan: RowPlan) {
    this.#cells = plan.cells.flatMap(({ mayDiffer }, c) => (mayDiffer ? [c] : []))
  }

  /** `storedOf` gives the stored value of a cell of the plan, null for none. */
  add(record: number, storedOf: (cell: number) => string | null): void {
    this.#lines.add(`${record}${this.#cells.map((c) => `\t${fieldOf(storedOf(c))}`).join('')}\n`)
  }

  /** Lines since the last time, good until the next row. */
  take(): Buffer {
    return this.#lines.drain()
  }
}
