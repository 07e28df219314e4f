import { UserError } from '#lib/errors.ts'

const LONGEST_WAIT_MS = 20_000
// A database that has vanished, or a lock that nobody lets go of, must not take all turns.
const LONGEST_TURN_MS = 5_000

/**
 * Lets so many pieces of work run at a time; the others wait, in the order in which they came. For what comes in floods and
 * need not be answered at once, so that the pages which people look at meanwhile are not behind all of it. Work that takes long
 * goes on, and counts no more.
 */
export class Turns {
  readonly #longestWaitMs: number
  readonly #longestTurnMs: number
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(atOnce: number, { longestWaitMs = LONGEST_WAIT_MS, longestTurnMs = LONGEST_TURN_MS } = {}) {
    this.#free = atOnce
    this.#longestWaitMs = longestWaitMs
    this.#longestTurnMs = longestTurnMs
  }

  /** Runs `work` when it is its turn and gives what it gives. Throws `unavailable` when that has not come in time. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await this.#turn()
    let isOver = false
    const over = () => {
      if (isOver) return
      isOver = true
      clearTimeout(long)
      const [next] = this.#waiting
      if (next) next()
      else this.#free++
    }
    const long = setTimeout(over, this.#longestTurnMs)
    try {
      return await work()
    } finally {
      over()
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(late)
        this.#waiting.delete(begin)
        resolve()
      }
      const late = setTimeout(() => {
        this.#waiting.delete(begin)
        reject(new UserError('unavailable', 'Very much is being sent at this moment. Try again in a few seconds.', { retryAfterSeconds: 5 }))
      }, this.#longestWaitMs)
      this.#waiting.add(begin)
    })
  }
}

// A large part of the database connections that handlers share stays free for pages.
const SENDING_AT_ONCE = 3

// One per process; `next dev` evaluates modules again after each change.
const kept = globalThis as { onrampSending?: Turns }

/** The turns of those who send files. What waits for the sender's bytes takes none. */
export const sending = (): Turns => (kept.onrampSending ??= new Turns(SENDING_AT_ONCE))
