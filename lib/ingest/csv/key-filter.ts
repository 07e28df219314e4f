// At most three of four slots are ever taken, so that a search ends soon.
const SLOTS_PER_KEY = 4 / 3

/**
 * Remembers which keys were seen, in less than 6 bytes a key: a fingerprint of 32 bits in a slot chosen by another hash.
 * `seenBefore` never misses a repetition; that it suspects one wrongly happens in about one file of a thousand with a
 * million keys, so suspects still need an exact look in the database.
 */
export class KeyFilter {
  readonly #slots: Uint32Array
  #free: number

  /** `expected` is the most keys that will come. */
  constructor(expected: number) {
    this.#free = Math.max(12, expected)
    this.#slots = new Uint32Array(Math.ceil(this.#free * SLOTS_PER_KEY))
  }

  /** Adds the key; true when it may have come before. */
  seenBefore(key: string): boolean {
    let a = 0x811c9dc5
    let b = 0x9747b28c
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 15
    }
    // 0 means an empty slot.
    const fingerprint = mix(b) || 1
    const slots = this.#slots
    let slot = Math.floor((mix(a ^ (b << 7)) / 2 ** 32) * slots.length)
    for (;;) {
      const found = slots[slot]!
      if (found === fingerprint) return true
      if (found === 0) {
        // More keys came than were announced: from now on every new one is suspected.
        if (this.#free === 0) return true
        this.#free--
        slots[slot] = fingerprint
        return false
      }
      if (++slot === slots.length) slot = 0
    }
  }
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
