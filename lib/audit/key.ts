import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { config, dataDir } from '#lib/config.ts'
import { keepSecret, readSecret } from '#lib/secret-file.ts'

/** Where the key of the audit trail lies unless ONRAMP_AUDIT_KEY gives it: outside of the database, readable by its owner only. */
export const auditKeyFile = (): string => path.join(dataDir(), 'audit-key')

/** The key that comes from the settings, if any. */
export const givenAuditKey = (): string | undefined => process.env.ONRAMP_AUDIT_KEY || config().ONRAMP_AUDIT_KEY

let known: string | undefined

/** The key of the audit trail, or undefined when this machine has none. */
export function auditKey(): string | undefined {
  return (known ??= givenAuditKey() ?? readSecret(auditKeyFile()))
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
  keepSecret(auditKeyFile(), key)
}
