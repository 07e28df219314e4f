import { pino, type Logger } from 'pino'
import { config } from './config.ts'

let made: Logger | undefined

/** The log of this process: one JSON line per event on stderr. Only ids, counts and names of things; never values of rows. */
export function log(): Logger {
  return (made ??= pino(
    { level: config().ONRAMP_LOG_LEVEL, base: undefined, timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['password', '*.password', 'cookie', '*.cookie', 'authorization', '*.authorization'] },
    pino.destination({ dest: 2, sync: true }),
  ))
}
