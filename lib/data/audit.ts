import 'server-only'
import type { CurrentUser } from '#lib/auth/session.ts'
import type { Db } from './prisma.ts'

export type AuditAction =
  | 'login' | 'login_refused' | 'logout' | 'session_ended' | 'sessions_ended' | 'password_changed'
  | 'user_created' | 'user_invited' | 'user_joined' | 'user_removed' | 'user_disabled' | 'user_enabled' | 'role_changed'
  | 'password_link_made' | 'password_link_revoked' | 'partner_created' | 'shop_created'
  | 'load_created' | 'load_sent' | 'load_rerun' | 'load_cancelled' | 'file_downloaded' | 'exceptions_downloaded'

export type AuditEntry = {
  user: Pick<CurrentUser, 'id' | 'email'> | null
  action: AuditAction
  objectType: 'user' | 'partner' | 'shop' | 'load' | 'file'
  objectId: string
  /** Facts about the event: ids, counts, names of files. Never values of rows. */
  detail?: { [fact: string]: string | number | boolean | null }
}

/** Notes who did what. Give the transaction that makes the change, so that there is never one without the other. */
export async function recordAudit(db: Db, { user, action, objectType, objectId, detail }: AuditEntry): Promise<void> {
  await db.auditEvent.create({
    data: { userId: user ? BigInt(user.id) : null, actor: user?.email ?? 'nobody', action, objectType, objectId, detail },
  })
}
