// 16 bits a key and 4 probes: about 1 key in 400 is taken for a repetition that it is not, and the database then says so.
const BITS_PER_KEY = 16
const PROBES = 4

/**
 * Remembers which keys were seen, in two bytes a key (a Bloom filter): `seenBefore` never misses a repetition and
 * sometimes suspects one, so that only suspects need an exact look in the database.
 */
export class KeyFilter {
  readonly #bits: Uint32Array
  readonly #mask: number

  /** `expected` is how many keys will come. */
  constructor(expected: number) {
    const words = Math.max(1, 2 ** Math.ceil(Math.log2((expected * BITS_PER_KEY) / 32)))
    this.#bits = new Uint32Array(words)
    this.#mask = words * 32 - 1
  }

  /** Adds the key; true when it may have come before. */
  seenBefore(key: string): boolean {
    let a = 0x811c9dc5
    let b = 0x9747b28c
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      b ^= b >>> 13
    }
    a ^= a >>> 15
    b = (Math.imul(b, 0x5bd1e995) ^ a) | 1
    let seen = true
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (a & this.#mask) >>> 0
      const flag = 1 << (bit & 31)
      if ((this.#bits[bit >>> 5]! & flag) === 0) {
        seen = false
        this.#bits[bit >>> 5]! |= flag
      }
      a = (a + b) | 0
    }
    return seen
  }
}
