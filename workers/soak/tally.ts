/** What a soak did, in numbers, and what was found wrong. */
export class Tally {
  readonly problems: string[] = []
  readonly #counts = new Map<string, number>()
  readonly #now = new Map<string, number>()
  readonly #tell: (line: string) => void

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  count(what: string, n = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + n)
  }

  /** Keeps the greatest number that was told. */
  most(what: string, n: number): void {
    this.#counts.set(what, Math.max(this.#counts.get(what) ?? 0, n))
  }

  /** Passes on what comes one by one, and counts how many do so at the same time, at most. */
  async *during<T>(what: string, coming: AsyncIterable<T>): AsyncGenerator<T> {
    this.most(what, this.#add(what, 1))
    try {
      yield* coming
    } finally {
      this.#add(what, -1)
    }
  }

  #add(what: string, n: number): number {
    const now = (this.#now.get(what) ?? 0) + n
    this.#now.set(what, now)
    return now
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  /** Something that must not be. The soak goes on, and fails. */
  problem(what: string): void {
    this.problems.push(what)
    this.#tell(`PROBLEM: ${what}`)
  }

  /** What was counted, in alphabetical order, one a line. */
  lines(): string[] {
    const width = Math.max(0, ...[...this.#counts.keys()].map((what) => what.length))
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `  ${what.padEnd(width)}  ${n.toLocaleString('en-US').padStart(9)}`)
  }
}
