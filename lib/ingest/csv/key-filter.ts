// Of a block, which a processor reads as one line of its cache.
const WORDS = 16
const PROBES_PER_HASH = 3
const FIRST_A = 0x811c9dc5, FIRST_B = 0x9747b28c
const SEEDS = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f]
// Up to two million keys get as many bits as make a wrong suspicion rare; beyond, memory counts more than a look in vain.
const BYTES_PER_KEY = 6
const MANY_BYTES = 12_000_000
const LEAST_BYTES_PER_KEY = 1.5

/**
 * Remembers which keys were seen, in at most 6 bytes a key, far less where they are very many: a Bloom filter, each key in
 * one block of it. `seenBefore` never misses a repetition. It suspects one wrongly in about one file of a thousand with a
 * million keys, and of ten million keys some ten thousand, so suspects still need an exact look in the database.
 */
export class KeyFilter {
  readonly #words: Uint32Array
  readonly #blocks: number

  /** `expected` is how many keys will come; more than that are suspected more often. */
  constructor(expected: number) {
    const bytes = Math.min(expected * BYTES_PER_KEY, Math.max(MANY_BYTES, expected * LEAST_BYTES_PER_KEY))
    this.#blocks = Math.max(1, Math.ceil(bytes / (WORDS * 4)))
    this.#words = new Uint32Array(this.#blocks * WORDS)
  }

  /** Adds the key; true when it may have come before. */
  seenBefore(key: string): boolean {
    let a = FIRST_A
    let b = FIRST_B
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 15
    }
    return this.#seenBefore(a, b)
  }

  /** The same for a key in ASCII, from its bytes. */
  seenBeforeBytes(bytes: Uint8Array, from: number, to: number): boolean {
    let a = FIRST_A
    let b = FIRST_B
    for (let i = from; i < to; i++) {
      const unit = bytes[i]!
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 15
    }
    return this.#seenBefore(a, b)
  }

  #seenBefore(a: number, b: number): boolean {
    const words = this.#words
    const block = Math.floor((mix(a ^ (b << 7)) / 2 ** 32) * this.#blocks) * WORDS
    let isNew = 0
    for (let s = 0; s < SEEDS.length; s++) {
      let hash = mix(b ^ SEEDS[s]!)
      for (let p = 0; p < PROBES_PER_HASH; p++) {
        const at = block + ((hash >>> 5) & (WORDS - 1))
        const bit = 1 << (hash & 31)
        isNew |= bit & ~words[at]!
        words[at]! |= bit
        hash >>>= 9
      }
    }
    return isNew === 0
  }
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
