import { FamilyTree } from './family-tree.ts'
import type { RowPlan } from './row-plan.ts'
import { SeenKeys } from './seen-keys.ts'

/** What is known about a staged file beside its rows. Sums are cents. */
export type RowFacts = {
  rejected: number; repeats: boolean; unnamedColumns: number[]; money: Record<string, { file: bigint; valid: bigint }>
  /** How many valid rows name an optional parent, by column. */
  named: Record<string, number>
}

/** One cell has at most 12 digits; sums move to exact integers long before they could round. */
const MOST_CENTS = 2 ** 51

/** What the rows of a file add up to, and what must be remembered from row to row. */
export class RowTotals {
  rejected = 0
  readonly unnamed = new Set<number>()
  readonly named: number[]
  readonly keys: SeenKeys
  readonly tree = new FamilyTree()
  readonly #plan: RowPlan
  readonly #fileCents: number[]
  readonly #validCents: number[]
  readonly #carried: { file: bigint; valid: bigint }[]

  /** `records` is how many keys will come at most. */
  constructor(plan: RowPlan, records: number) {
    this.#plan = plan
    this.keys = new SeenKeys(records)
    this.named = plan.links.map(() => 0)
    this.#fileCents = plan.measures.map(() => 0)
    this.#validCents = plan.measures.map(() => 0)
    this.#carried = plan.measures.map(() => ({ file: 0n, valid: 0n }))
  }

  /** Adds a row's amounts, null where it has none. */
  addMoney(cents: readonly (number | null)[], rejected: boolean): void {
    for (let i = 0; i < cents.length; i++) {
      const value = cents[i]
      if (value === null || value === undefined) continue
      this.#fileCents[i]! += value
      if (!rejected) this.#validCents[i]! += value
      if (Math.abs(this.#fileCents[i]!) > MOST_CENTS || Math.abs(this.#validCents[i]!) > MOST_CENTS) this.#carry()
    }
  }

  facts(): RowFacts {
    this.#carry()
    const { measures, links } = this.#plan
    return {
      rejected: this.rejected, repeats: this.keys.mayRepeat, unnamedColumns: [...this.unnamed].sort((a, b) => a - b),
      money: Object.fromEntries(measures.map((name, i) => [name, this.#carried[i]!])),
      named: Object.fromEntries(links.map((column, i) => [column, this.named[i]!])),
    }
  }

  #carry(): void {
    for (const [i, sums] of this.#carried.entries()) {
      sums.file += BigInt(this.#fileCents[i]!)
      sums.valid += BigInt(this.#validCents[i]!)
      this.#fileCents[i] = 0
      this.#validCents[i] = 0
    }
  }
}
