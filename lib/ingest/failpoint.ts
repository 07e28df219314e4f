import { writeSync } from 'node:fs'

/**
 * The places at which a test can end, stop or break this process (RELIABILITY C1). Those with `each` come once for every
 * entity, or file, of a load: `W12:line_item` names one of them, `W12` the first.
 */
export const failpoints = {
  U1: { where: 'a delivery is open, its sender has no answer yet' },
  U2: { where: 'in the middle of a file on its way into the store' },
  U3: { where: 'a file has arrived', each: true },
  U4: { where: 'all files have arrived but the manifest' },
  U5: { where: 'the manifest is stored, the load is not in the queue' },
  U6: { where: 'the load is in the queue, its sender has no answer yet' },
  W1: { where: 'a job is claimed' },
  W2: { where: 'the manifest is read' },
  W3: { where: 'in the middle of reading a file for the first time', each: true },
  W4: { where: 'the package is checked' },
  W5: { where: 'staging tables are made', each: true },
  W6: { where: 'in the middle of filling a staging table', each: true },
  W7: { where: 'a file is staged and noted', each: true },
  W8: { where: 'all files are staged' },
  W9: { where: 'rows are staged, what is wrong with them is not noted yet', each: true },
  W10: { where: 'a file is validated', each: true },
  W11: { where: 'keys are in the crosswalk', each: true },
  W12: { where: 'rows are in production', each: true },
  W13: { where: 'everything is written, COMMIT is next' },
  W14: { where: 'COMMIT is sent, its answer is not read' },
  W15: { where: 'COMMIT is answered' },
  W16: { where: 'between two entities', each: true },
  W17: { where: 'before counts and sums are compared' },
  W18: { where: 'while counts and sums are compared', each: true },
  W19: { where: 'counts and sums are compared' },
  W20: { where: 'the load has ended, its worker has not let go' },
  W21: { where: 'the end of the attempt is not in the audit trail yet' },
  W22: { where: 'the end of the attempt is in the audit trail' },
  R1: { where: 'some of what a purge takes away is gone, and nothing is noted' },
} as const satisfies Record<string, { where: string; each?: true }>
export type Failpoint = keyof typeof failpoints

const actions = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  throw: () => { throw new Error('a fail point threw') },
  uncaught: () => setImmediate(() => { throw new Error('a fail point threw where nobody catches') }),
  reject: () => void Promise.reject(new Error('a fail point rejected where nobody listens')),
  oom: () => { for (const hoard: unknown[][] = []; ;) hoard.push(Array.from({ length: 100_000 }, () => ({}))) },
}
export type FailpointAction = keyof typeof actions

const [place, action] = process.env.ONRAMP_FAILPOINT?.split('=') ?? []
let armed = place !== undefined

/** A fail point that was come to, and what was done there. */
export type FailpointHit = { place: string; action: FailpointAction }

const hitLine = ({ place, action }: FailpointHit) => `fail point ${place}: ${action}\n`

/** The fail point that a process says in its output it came to, if any. */
export function hitIn(output: string): FailpointHit | undefined {
  const [, place, action] = /^fail point (\S+): (\w+)$/m.exec(output) ?? []
  return place === undefined ? undefined : { place, action: action as FailpointAction }
}

/** Does what ONRAMP_FAILPOINT asks for when it names this place, once: `W12:line_item=kill`. Without it, nothing. */
export function failpoint(name: Failpoint, of?: string): void {
  if (!armed || (place !== name && place !== `${name}:${of}`)) return
  armed = false
  // Whoever sees this process end can tell this end from any other.
  writeSync(2, hitLine({ place: of === undefined ? name : `${name}:${of}`, action: action as FailpointAction }))
  actions[action as FailpointAction]()
}
