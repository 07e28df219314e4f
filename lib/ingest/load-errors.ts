import type { FailureCode, Problem } from '#lib/contract/codes.ts'

/** A load that ends without its rows in production. Its message may be shown. */
export class LoadFailed extends Error {
  readonly code: FailureCode
  readonly problems: Problem[]
  constructor(code: FailureCode, message: string, problems: Problem[] = [], options?: ErrorOptions) {
    super(message, options)
    this.name = 'LoadFailed'
    this.code = code
    this.problems = problems
  }
}

/** Another worker has taken the load over: this one must write nothing and say nothing. */
export class Fenced extends Error {
  constructor() {
    super('another worker has taken this load over')
    this.name = 'Fenced'
  }
}

// Deadlock, lock wait, snapshot conflict, server gone, connection lost, server shutting down, query killed (RELIABILITY F8),
// a connection that stood still for too long (MySQL), too many connections, and a parent that was there when the rows were
// matched: users of the shop may delete it meanwhile.
const TRANSIENT_NUMBERS = new Set([1213, 1205, 1020, 2006, 2013, 1053, 1317, 1927, 4031, 1040, 1203, 1452])
const TRANSIENT_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT'])

// Table full, disk full, error while writing a file, and what the engine says of a full disk.
const NO_SPACE_NUMBERS = new Set([1114, 1021, 1026])
// The disk is full, the user's share of it, or the largest file that this process may write.
const NO_SPACE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const ENGINE_ERROR = 1030

/** Whether a disk is full, the database's or our own: the load has to wait for somebody to make room. */
export function isOutOfSpace(error: unknown): boolean {
  const { errno, message } = error as { errno?: number; message?: string }
  return isOwnDisk(error) || NO_SPACE_NUMBERS.has(errno ?? 0) || (errno === ENGINE_ERROR && /error 28\b/.test(message ?? ''))
}

export const isOwnDisk = (error: unknown): boolean => NO_SPACE_CODES.has((error as { code?: string }).code ?? '')

const LOCK_WAIT_TIMEOUT = 1205

/** Whether a lock, of rows or of a table, was waited for in vain. */
export const isLockWaitTimeout = (error: unknown): boolean => (error as { errno?: number }).errno === LOCK_WAIT_TIMEOUT

/** Whether running the whole transaction again may help. */
export function isTransient(error: unknown): boolean {
  const { errno, code, message } = error as { errno?: number; code?: string; message?: string }
  return TRANSIENT_NUMBERS.has(errno ?? 0) || TRANSIENT_CODES.has(code ?? '') || (message ?? '').includes('closed state')
}
