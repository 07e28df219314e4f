const BEGINS = /^\s*(?:start\s+transaction|begin)\b/i
const ENDS = /^\s*(?:commit|rollback)\b/i
const COMMITS = /^\s*(?:create|drop|alter|truncate|rename)\s+(?!temporary\b)/i

/** A connection of the driver below its promises: all statements go by `query`. */
type Queries = { query(statement: string | { sql: string }, ...more: unknown[]): unknown }

/**
 * Makes the connection refuse DDL while a transaction is open. The server would not: it would commit what was written so far,
 * and a rollback afterwards would take nothing back (RELIABILITY F7). Temporary tables commit nothing.
 */
export function refuseDdlInTransaction(connection: unknown): void {
  const guarded = connection as Queries
  const query = guarded.query.bind(guarded)
  let open = false
  guarded.query = (statement, ...more) => {
    const text = typeof statement === 'string' ? statement : statement.sql
    if (open && COMMITS.test(text)) throw new Error(`this would commit the open transaction: ${text.trim().split(/\s+/, 3).join(' ')}`)
    if (BEGINS.test(text)) open = true
    else if (ENDS.test(text)) open = false
    return query(statement, ...more)
  }
}
