import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { config, dataDir } from '#lib/config.ts'

/** Where the key of the audit trail lies unless ONRAMP_AUDIT_KEY gives it: outside of the database, readable by its owner only. */
export const auditKeyFile = (): string => path.join(dataDir(), 'audit-key')

/** The key that comes from the settings, if any. */
export const givenAuditKey = (): string | undefined => process.env.ONRAMP_AUDIT_KEY || config().ONRAMP_AUDIT_KEY

let known: string | undefined

/** The key of the audit trail, or undefined when this machine has none. */
export function auditKey(): string | undefined {
  return (known ??= givenAuditKey() ?? readKey())
}

function readKey(): string | undefined {
  try {
    return readFileSync(auditKeyFile(), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The key, made now where there is none. Of several processes that make one, all get the first. */
export function makeAuditKey(): string {
  const key = auditKey()
  if (key !== undefined) return key
  keepAuditKey(randomBytes(32).toString('base64url'))
  return auditKey()!
}

/** Puts a key where this machine looks for it, unless there is one. */
export function keepAuditKey(key: string): void {
  known = undefined
  mkdirSync(dataDir(), { recursive: true, mode: 0o700 })
  // Whole or not at all: a key cut short by a power failure would be taken for another key.
  const unfinished = `${auditKeyFile()}.${process.pid}`
  writeFileSync(unfinished, `${key}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, auditKeyFile())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished)
  }
}
