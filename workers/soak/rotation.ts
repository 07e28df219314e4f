import type { Random } from '#lib/sample/random.ts'

// What was dealt and did not come about is dealt again soon, and yet keeps no other from its turn.
const HIT_WEIGHT = 2

/** Deals things in an order that the dice decide, so that each comes about as often as any other; what is there twice, twice as often. */
export class Rotation<T> {
  readonly #dice: Random
  readonly #things: { thing: T; weight: number }[]

  constructor(things: readonly T[], dice: Random) {
    this.#dice = dice
    this.#things = things.map((thing) => ({ thing, weight: 0 }))
  }

  next(): T {
    const least = Math.min(...this.#things.map(({ weight }) => weight))
    const dealt = this.#dice.of(this.#things.filter(({ weight }) => weight === least))
    dealt.weight++
    return dealt.thing
  }

  /** What was dealt has come about. */
  hit(thing: T): void {
    const [lightest] = this.#things.filter((one) => one.thing === thing).sort((a, b) => a.weight - b.weight)
    if (lightest) lightest.weight += HIT_WEIGHT
  }
}
