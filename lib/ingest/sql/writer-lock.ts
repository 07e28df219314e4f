import { sql, type Sql } from './sql.ts'

/** The name of the lock that the connection holds which writes for a load. For the database too, since these locks are the server's. */
export const writerLock = (loadId: number | Sql): Sql => sql`concat('onramp ', left(database(), 32), ' load ', ${loadId})`
