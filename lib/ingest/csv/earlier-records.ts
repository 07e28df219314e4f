import { copied } from '#lib/contract/column-types.ts'

// A group is a few rows as a rule; one that outgrows this is looked up in the database instead.
const MOST_REMEMBERED = 200_000
// Of a few keys it does no harm to keep the records that they are part of.
const FEW = 32

/**
 * Remembers which records came before in the group at hand (the lines of an invoice), by key. Another group begins anew:
 * what is not found here is not missing, only to be looked for elsewhere.
 */
export class EarlierRecords {
  #group = ''
  readonly #records = new Map<string, number>()

  /** The record of the key in this group, 0 when it did not come just before. */
  find(group: string, key: string): number {
    return group === this.#group ? (this.#records.get(key) ?? 0) : 0
  }

  add(group: string, key: string, record: number): void {
    if (group !== this.#group || this.#records.size >= MOST_REMEMBERED) {
      this.#group = group
      this.#records.clear()
    }
    this.#records.set(this.#records.size < FEW ? key : copied(key), record)
  }
}
