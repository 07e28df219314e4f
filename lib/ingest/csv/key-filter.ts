// Of a block, which a processor reads as one line of its cache.
const WORDS = 16
const PROBES_PER_HASH = 3
const SEEDS = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f]
// Up to two million keys get as many bits as make a wrong suspicion rare; beyond, memory counts more than a look in vain.
const BYTES_PER_KEY = 6
const MANY_BYTES = 12_000_000
const LEAST_BYTES_PER_KEY = 1.5

/**
 * Remembers which hashes were added, in at most 6 bytes each, far less where they are very many: a Bloom filter, each hash in
 * one block of it. It never misses one. It suspects one wrongly in about one file of a thousand with a million keys, and of
 * ten million keys some ten thousand. A hash is 64 bits in two halves.
 */
export class KeyFilter {
  readonly #words: Uint32Array
  readonly #blocks: number

  /** `expected` is how many hashes will come; more than that are suspected more often. */
  constructor(expected: number) {
    const bytes = Math.min(expected * BYTES_PER_KEY, Math.max(MANY_BYTES, expected * LEAST_BYTES_PER_KEY))
    this.#blocks = Math.max(1, Math.ceil(bytes / (WORDS * 4)))
    this.#words = new Uint32Array(this.#blocks * WORDS)
  }

  /** Adds the hash; true when it may have been there before. */
  add(a: number, b: number): boolean {
    const words = this.#words
    const block = this.#blockOf(a, b)
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

  /** Whether the hash may have been added. */
  mayHave(a: number, b: number): boolean {
    const block = this.#blockOf(a, b)
    for (let s = 0; s < SEEDS.length; s++) {
      let hash = mix(b ^ SEEDS[s]!)
      for (let p = 0; p < PROBES_PER_HASH; p++) {
        if ((this.#words[block + ((hash >>> 5) & (WORDS - 1))]! & (1 << (hash & 31))) === 0) return false
        hash >>>= 9
      }
    }
    return true
  }

  #blockOf(a: number, b: number): number {
    return Math.floor((mix(a ^ (b << 7)) / 2 ** 32) * this.#blocks) * WORDS
  }
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
