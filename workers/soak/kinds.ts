import { failpoints, type Failpoint, type FailpointAction, type FailpointHit } from '#lib/ingest/failpoint.ts'
import type { Fault } from '#lib/db/faulty-line.ts'
import type { Tally } from './tally.ts'

/** What a worker is told to do, and how its life ends at a fail point. What is named twice comes about twice as often. */
export const WORKER_SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGTERM twice', 'SIGSTOP'] as const
export const WORKER_ACTIONS = ['kill', 'kill', 'stop', 'uncaught', 'reject', 'oom'] as const satisfies FailpointAction[]
export const PACKET_FAULTS = ['lost', 'torn', 'unanswered', 'lost', 'torn', 'unanswered', 'silent'] as const satisfies Fault[]
export type Whose = 'workers' | 'the portal'

const placesOf = (letter: string) => (Object.keys(failpoints) as Failpoint[]).filter((place) => place.startsWith(letter))
export const WORKER_PLACES = placesOf('W')
export const PORTAL_PLACES = placesOf('U')

/** From so many minutes on, every kind of disturbance must have come about. */
export const EVERY_KIND_FROM_MINUTES = 10

/** What the numbers call a disturbance. */
export const kindOf = {
  place: ({ place }: FailpointHit) => `fail point ${place.split(':')[0]}`,
  action: (name: string, { action }: FailpointHit) => `fail points of ${name === 'portal' ? 'the portal' : 'workers'}: ${action}`,
  told: (how: (typeof WORKER_SIGNALS)[number]) => `workers: ${how}`,
  packet: (whose: Whose, isCommit: boolean, fault: (typeof PACKET_FAULTS)[number]) => `${isCommit ? 'commits' : 'packets'} of ${whose}: ${fault}`,
  late: (whose: Whose) => `packets of ${whose} that came late`,
  cut: (whose: Whose) => `all connections of ${whose} cut`,
}

const both = ['workers', 'the portal'] as const

/** Every kind of disturbance and of check that a soak knows, as its numbers call them. */
export const kinds: readonly string[] = [
  ...[...WORKER_PLACES, ...PORTAL_PLACES].map((place) => kindOf.place({ place, action: 'kill' })),
  ...WORKER_ACTIONS.map((action) => kindOf.action('worker', { place: '', action })), kindOf.action('portal', { place: '', action: 'kill' }),
  ...WORKER_SIGNALS.map(kindOf.told), 'workers woken past their lease', 'portal: SIGKILL', 'database: SIGKILL',
  ...both.flatMap((whose) => [kindOf.late(whose), kindOf.cut(whose), ...[true, false].flatMap((isCommit) => PACKET_FAULTS.map((fault) => kindOf.packet(whose, isCommit, fault)))]),
  'times that nobody got through', 'locks held by strangers', 'locks held past the patience of a load', 'deadlocks that a stranger lost',
  'commands killed', 'loads by the command line', 'loads sent by the portal', 'loads tried out', 'loads opened twenty times at once', 'other bytes under a known load id refused',
  'loads sent again that were known', 'reruns', 'reruns pressed twenty times at once', 'mutated packages', 'packages refused by the portal',
  'uploads dropped', 'uploads resumed', 'wrong offsets refused', 'random requests answered 2xx', 'random requests answered 4xx',
  'event streams', 'event streams broken', 'event streams gone on with', 'loads watched to their end', 'pages of ended loads compared with the database',
  'rows accounted for', 'loads found in the ledger', 'shops compared with an undisturbed run', 'audit trails verified', 'backups', 'restores',
  'purges', 'purges killed', 'purges of everything', 'quiet moments',
].filter((kind, i, all) => all.indexOf(kind) === i)

/** What has not come about. */
export const missingKinds = (tally: Pick<Tally, 'of'>): string[] => kinds.filter((kind) => tally.of(kind) === 0)
