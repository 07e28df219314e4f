/** What the pages are told an error is (`digest`, all that Next hands to the browser) when the database does not answer. */
export const DATABASE_AWAY = 'database_away'

// What the drivers say when the server cannot be reached, is going down, or takes no more connections.
const NO_CONNECTION = new Set([1040, 1053, 1152, 1153, 1158, 1159, 1160, 1161, 1203, 1927, 2006, 2013, 45009, 45028, 45029])
const BROKEN_PIPE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'PROTOCOL_CONNECTION_LOST'])
// The last: a transaction that could not begin, or not end, in its time, and was rolled back.
const PRISMA_CODES = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028'])

type DriverError = { code?: unknown; errno?: unknown; fatal?: unknown; meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }

/** Whether an error only says that the database does not answer: nobody's fault, and over when it is back. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code, errno, fatal, meta } = (error ?? {}) as DriverError
  // All that mysql2 says of a command for a connection that broke before.
  if (fatal === true && code === undefined && errno === undefined) return true
  if (typeof code === 'string' && (BROKEN_PIPE.has(code) || PRISMA_CODES.has(code))) return true
  return NO_CONNECTION.has(Number(errno)) || NO_CONNECTION.has(Number(meta?.driverAdapterError?.cause?.originalCode))
}
