import 'server-only'
import { appendAudit, appendWith } from '#lib/audit/append.ts'
import type { AuditEntry } from '#lib/audit/event.ts'
import { inTransaction } from './database.ts'
import { prisma, type Db } from './prisma.ts'
import { retryingDeadlocks } from './retrying.ts'

export type { AuditAction, AuditDetail, AuditEntry } from '#lib/audit/event.ts'

/**
 * Notes who did what. Give the transaction that makes the change, as the last thing in it, so that there is never one without
 * the other; given the client, the event is a transaction of its own.
 */
export async function recordAudit(db: Db, entry: AuditEntry): Promise<void> {
  if (db === prisma()) return retryingDeadlocks(() => inTransaction((tx) => appendAudit(tx, entry)))
  await appendWith({
    select: async <T>({ text, values }: { text: string; values: readonly unknown[] }) => await db.$queryRawUnsafe(text, ...values) as T[],
    execute: ({ text, values }) => db.$executeRawUnsafe(text, ...values),
  }, entry)
}
