import { UserError } from '#lib/errors.ts'

/** How many streams of events one person may have open, each of which asks the database again and again. */
export const STREAMS_PER_PERSON = 20
// Pages ask by themselves meanwhile, every five seconds.
const AGAIN_AFTER_SECONDS = 30

// One count per process; `next dev` evaluates modules again after each change.
const kept = globalThis as { onrampOpenStreams?: Map<string, number> }
const open = (kept.onrampOpenStreams ??= new Map())

/** Counts a stream of that person until it is gone. Gives what says so, as often as wanted. Throws `too_many_requests`. */
export function countStream(userId: string): () => void {
  const others = open.get(userId) ?? 0
  if (others >= STREAMS_PER_PERSON) {
    throw new UserError('too_many_requests', `You follow ${others} loads already, which is as many as one person can. Close a page that follows one; until then this one is looked at every few seconds.`,
      { retryAfterSeconds: AGAIN_AFTER_SECONDS })
  }
  open.set(userId, others + 1)
  let counted = true
  return () => {
    if (!counted) return
    counted = false
    const left = open.get(userId)! - 1
    if (left > 0) open.set(userId, left)
    else open.delete(userId)
  }
}
