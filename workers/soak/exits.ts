import type { FailpointAction, FailpointHit } from '#lib/ingest/failpoint.ts'

/** What the soak told a process. */
export type Told = 'SIGKILL' | 'SIGTERM' | 'SIGTERM twice'
/** How a life of a process ended, and what is known of it. */
export type Exit = {
  code: number | null
  signal: NodeJS.Signals | null
  told: Told | undefined
  /** It had said that it is ready. */
  isReady: boolean
  /** The fail point that it says it came to. */
  hit: FailpointHit | undefined
}
/** `counted`: an end that we brought about. */
export type Judged = { counted: string } | { problem: string }

const is = (exit: Exit, code: number | null, signal: NodeJS.Signals | null) => exit.code === code && exit.signal === signal

/** Whether a process that came to a fail point ends like that. */
const endsOf: Record<FailpointAction, (exit: Exit) => boolean> = {
  kill: (exit) => is(exit, null, 'SIGKILL'),
  // It goes on when it is woken.
  stop: () => false,
  throw: () => false,
  uncaught: (exit) => is(exit, 1, null),
  reject: (exit) => is(exit, 1, null),
  oom: (exit) => is(exit, null, 'SIGABRT'),
}

/** Whether the end of a process is one that we brought about: the fail point that it came to, or what it was told, and in no other way. */
export function judgeExit(exit: Exit): Judged {
  const { code, signal, told, isReady, hit } = exit
  const how = signal ?? `exit code ${code}`
  if (hit && endsOf[hit.action](exit)) return { counted: 'ended at a fail point' }
  if (told === undefined) return { problem: `ended by itself with ${how}${hit ? ` after the fail point ${hit.place}: ${hit.action}` : ''}` }
  if (told === 'SIGKILL') return is(exit, null, 'SIGKILL') ? { counted: 'ended by SIGKILL' } : { problem: `ended with ${how} before it could be killed` }
  if (is(exit, 0, null)) return { counted: 'ended in order' }
  // Until it is ready, a signal ends it as any other process.
  if (!isReady && is(exit, null, 'SIGTERM')) return { counted: 'ended while it started' }
  if (told === 'SIGTERM twice' && is(exit, 1, null)) return { counted: 'ended at once, told to stop twice' }
  return { problem: `was told ${told} and ended with ${how}` }
}
