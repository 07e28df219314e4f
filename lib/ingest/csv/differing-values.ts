import { fieldOf } from './field.ts'
import type { RowPlan } from './row-plan.ts'

/** The values of rows of which one differs from its text, as lines for LOAD DATA: the record and all values that may differ. */
export class DifferingValues {
  #lines = ''
  readonly #cells: number[]

  constructor(plan: RowPlan) {
    this.#cells = plan.cells.flatMap(({ mayDiffer }, c) => (mayDiffer ? [c] : []))
  }

  /** `storedOf` gives the stored value of a cell of the plan, null for none. */
  add(record: number, storedOf: (cell: number) => string | null): void {
    this.#lines += `${record}${this.#cells.map((c) => `\t${fieldOf(storedOf(c))}`).join('')}\n`
  }

  /** Lines since the last time. */
  take(): string {
    const lines = this.#lines
    this.#lines = ''
    return lines
  }
}
