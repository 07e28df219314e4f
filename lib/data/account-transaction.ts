import 'server-only'
import { prisma, type Db } from './prisma.ts'
import { retryingDeadlocks } from './retrying.ts'

/**
 * Runs a change of accounts or sessions as one transaction. It locks a person's row and then the end of the audit trail,
 * while others who write to the trail come the other way round: the database gives one of the two up, which runs again.
 */
export function accountTransaction<T>(work: (tx: Db) => Promise<T>): Promise<T> {
  return retryingDeadlocks(() => prisma().$transaction(work))
}
