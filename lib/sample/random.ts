/** Numbers that look random and are the same for the same seed, on every machine. */
export type Random = {
  /** At least 0, below 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  of<T>(list: readonly T[]): T
  chance(share: number): boolean
}

/** FNV-1a, over the text of everything given. */
function hash(parts: readonly (string | number)[]): number {
  let h = 0x811c9dc5
  for (const sign of parts.join('/')) h = Math.imul(h ^ sign.codePointAt(0)!, 0x01000193)
  return h >>> 0
}

/**
 * The stream of numbers that belongs to `seed` (mulberry32). Every row of a sample has its own (`random(7, 'customer', 12)`),
 * so any row can be made again without the ones before it.
 */
export function random(...seed: readonly (string | number)[]): Random {
  let state = hash(seed)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return { next, int, of: (list) => list[int(0, list.length - 1)]!, chance: (share) => next() < share }
}
