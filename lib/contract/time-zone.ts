const DAY_MS = 86_400_000

/** Whether `name` is an IANA time zone that this runtime knows. A bare offset like `+05:00` is none: it knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

// Of a zone nothing changes while a process runs, and what was found out for one column, or load, serves the others.
const converters = new Map<string, (localMs: number) => number>()
// More than a century; a file that names every day there ever was must not fill the memory.
const MOST_DAYS = 40_000

/**
 * Gives the function that turns a shop's local time (as epoch milliseconds, read as if it were UTC) into UTC.
 * A time that the clocks skipped moves forward; one that occurs twice is the first (contract rule 15).
 */
export function localToUtc(timeZone: string): (localMs: number) => number {
  const known = converters.get(timeZone) ?? converterFor(timeZone)
  converters.set(timeZone, known)
  return known
}

function converterFor(timeZone: string): (localMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', era: 'short',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  })

  function offsetAt(utcMs: number): number {
    const parts = new Map(format.formatToParts(utcMs).map((p) => [p.type, p.value]))
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
    const year = parts.get('era')!.startsWith('B') ? 1 - number('year') : number('year')
    const local = new Date(0)
    local.setUTCFullYear(year, number('month') - 1, number('day'))
    local.setUTCHours(number('hour'), number('minute'), number('second'))
    return local.getTime() - Math.floor(utcMs / 1000) * 1000
  }

  // Asking Intl costs microseconds. On all but a few days of a year the offset of a whole local day is one number.
  const offsetOfDay = new Map<number, number>()

  return (localMs) => {
    const day = Math.floor(localMs / DAY_MS)
    let offset = offsetOfDay.get(day)
    if (offset === undefined) {
      const before = offsetAt((day - 1) * DAY_MS)
      offset = before === offsetAt((day + 2) * DAY_MS) ? before : NaN
      if (offsetOfDay.size === MOST_DAYS) offsetOfDay.clear()
      offsetOfDay.set(day, offset)
    }
    if (!Number.isNaN(offset)) return localMs - offset
    const before = offsetAt(localMs - DAY_MS)
    const after = offsetAt(localMs + DAY_MS)
    const first = localMs - before
    const second = localMs - after
    const isFirst = offsetAt(first) === before
    const isSecond = offsetAt(second) === after
    if (isFirst && isSecond) return Math.min(first, second)
    return isSecond ? second : first
  }
}
