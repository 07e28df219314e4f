/** What a process held at a moment. */
export type Held = { atMs: number; bytes: number }
/** Bytes an hour, `certain`: what it grew at least, however the numbers swing. */
export type Slope = { perHour: number; certain: number; hours: number }

// Single looks depend on each other: what the collector has not taken yet is still there a second later. Between pieces it shows far less.
const PIECES = 12
// Two-sided 98 % for that many pieces less two.
const ERRORS = 2.8
const HOUR_MS = 3_600_000

/**
 * How fast a process grows, by least squares over the least that it held in each of equally long pieces of time: what is over the
 * least is garbage. Null when there is too little to tell.
 */
export function slopeOf(samples: readonly Held[]): Slope | null {
  if (samples.length < 2 * PIECES) return null
  const size = Math.floor(samples.length / PIECES)
  const pieces = Array.from({ length: PIECES }, (_, i) => samples.slice(i * size, (i + 1) * size)).map((piece) => piece.reduce((least, one) => (one.bytes < least.bytes ? one : least)))
  const mean = (of: (piece: Held) => number) => pieces.reduce((sum, piece) => sum + of(piece), 0) / PIECES
  const [t, b] = [mean(({ atMs }) => atMs), mean(({ bytes }) => bytes)]
  const spread = pieces.reduce((sum, { atMs }) => sum + (atMs - t) ** 2, 0)
  if (spread === 0) return null
  const perMs = pieces.reduce((sum, { atMs, bytes }) => sum + (atMs - t) * (bytes - b), 0) / spread
  const left = pieces.reduce((sum, { atMs, bytes }) => sum + (bytes - b - perMs * (atMs - t)) ** 2, 0)
  const error = Math.sqrt(left / (PIECES - 2) / spread)
  const certain = Math.sign(perMs) * Math.max(0, Math.abs(perMs) - ERRORS * error)
  return { perHour: perMs * HOUR_MS, certain: certain * HOUR_MS, hours: (samples.at(-1)!.atMs - samples[0]!.atMs) / HOUR_MS }
}

/** What a process may grow by in any case: code that is compiled late, caches that fill. Then a steady growth of a megabyte an hour. */
const WARMING_BYTES = 10e6
const MOST_PER_HOUR = 1e6

/** The most that a process may certainly grow by in an hour, when it was looked at for so long. */
export const mostPerHour = (hours: number): number => MOST_PER_HOUR + WARMING_BYTES / hours

export const growsTooFast = ({ certain, hours }: Slope): boolean => certain > mostPerHour(hours)
