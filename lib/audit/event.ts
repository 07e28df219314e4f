import { createHmac } from 'node:crypto'

/** What can be in the audit trail, and how the page calls it. */
export const auditActions = {
  login: 'Signed in', login_refused: 'Sign-in refused', logout: 'Signed out', session_ended: 'Session ended', sessions_ended: 'All sessions ended',
  password_changed: 'Password changed', password_link_made: 'Password link made', password_link_revoked: 'Password link revoked',
  user_created: 'Account created', user_invited: 'Account invited', user_joined: 'Invitation accepted', user_removed: 'Account removed',
  user_disabled: 'Account disabled', user_enabled: 'Account enabled', role_changed: 'Role changed', partner_limit_changed: 'Partner limit changed',
  partner_created: 'Partner added', shop_created: 'Shop added',
  load_created: 'Load opened', load_sent: 'Load sent', load_rerun: 'Rerun asked for', load_dry_run: 'Dry run asked for', load_cancelled: 'Load cancelled', attempt_ended: 'Attempt ended',
  load_purged: 'Load purged', look_refused: 'Look refused', file_downloaded: 'File downloaded', exceptions_downloaded: 'Exceptions downloaded', ledger_downloaded: 'Ledger downloaded', audit_downloaded: 'Audit trail downloaded',
  backup_made: 'Backup made', backup_restored: 'Backup restored',
} as const
export type AuditAction = keyof typeof auditActions

export const auditObjects = ['user', 'partner', 'shop', 'load', 'invoice', 'file', 'installation'] as const
export type AuditObject = (typeof auditObjects)[number]

/** Facts about an event: ids, counts, names of files. Never values of rows. */
export type AuditDetail = { [fact: string]: string | number | boolean | null }

export type AuditEntry = {
  user: { id: string | number; email: string } | null
  /** Who it was when it was no account: `cli`, `worker`. */
  actor?: string
  action: AuditAction
  objectType: AuditObject
  objectId: string
  detail?: AuditDetail
}

/** An event as the table holds it, everything as text. `at` is in UTC, to the millisecond. */
export type StoredEvent = {
  number: string; at: string; userId: string | null; actor: string; action: string; objectType: string; objectId: string; detail: string | null
}

/** The hash before the first event, in hex. */
export const NO_HASH = '0'.repeat(64)

/** Servers write JSON back with other blanks and in another order; this is one text for all of them. */
function canonical(json: string | null): unknown {
  if (json === null) return null
  const facts = JSON.parse(json) as AuditDetail
  return Object.keys(facts).sort().map((fact) => [fact, facts[fact]])
}

/** The hash of an event that follows one with the hash `previous`: keyed, so that nobody without the key can make it. Hex. */
export function hashOf(event: StoredEvent, previous: string, key: string): string {
  const { number, at, userId, actor, action, objectType, objectId, detail } = event
  const text = JSON.stringify([previous, number, at, userId, actor, action, objectType, objectId, canonical(detail)])
  return createHmac('sha256', key).update(text).digest('hex')
}

/** Tells one key from another, and nothing about it. */
export function keyIdOf(key: string): string {
  return createHmac('sha256', key).update('onramp audit key').digest('hex').slice(0, 16)
}
