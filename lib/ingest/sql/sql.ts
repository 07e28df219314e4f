import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { Connection, Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'

/** A statement, or a part of one, with the values it binds. */
export class Sql {
  readonly text: string
  readonly values: readonly unknown[]
  constructor(text: string, values: readonly unknown[] = []) {
    this.text = text
    this.values = values
  }
}

/** Builds a statement: other `Sql` is spliced in, everything else is bound. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  let text = strings[0]!
  const values: unknown[] = []
  for (const [i, part] of parts.entries()) {
    if (part instanceof Sql) {
      text += part.text
      values.push(...part.values)
    } else {
      text += '?'
      values.push(part)
    }
    text += strings[i + 1]!
  }
  return new Sql(text, values)
}

/** A quoted name: `ident('a', 'b')` is `a`.`b`. */
export function ident(...names: string[]): Sql {
  return new Sql(names.map((name) => `\`${name.replaceAll('`', '``')}\``).join('.'))
}

/** Text that is SQL already: types and collations of our own, never anything from a file. */
export function raw(text: string): Sql {
  return new Sql(text)
}

export function join(parts: readonly Sql[], separator = ', '): Sql {
  return new Sql(parts.map((p) => p.text).join(separator), parts.flatMap((p) => p.values))
}

export type Db = Connection | Pool | PoolConnection

/** The driver puts the statement, with the values that are bound to it, into its errors, and whoever prints one would print rows. */
function withoutStatement(error: unknown): never {
  if (error instanceof Error) delete (error as { sql?: string }).sql
  throw error
}

/** Runs a statement; gives what the server says about it. The counts of a report come from tables, never from here. */
export async function run(db: Db, statement: Sql): Promise<ResultSetHeader> {
  const [result] = await db.query<ResultSetHeader>(statement.text, statement.values as unknown[]).catch(withoutStatement)
  return result
}

export async function rows<T extends object>(db: Db, statement: Sql): Promise<T[]> {
  const [found] = await db.query<RowDataPacket[]>(statement.text, statement.values as unknown[]).catch(withoutStatement)
  return found as unknown as T[]
}

type Streaming = EventEmitter & { query(text: string, values: readonly unknown[]): { stream(): Readable } }

/** The rows of a query one by one, however many there are. */
export async function* streamed<T extends object>(db: Connection, statement: Sql): AsyncGenerator<T> {
  // The promise API cannot stream; the connection below it can, but does not tell a stream that it is lost.
  const { connection } = db as unknown as { connection: Streaming }
  let stream: Readable | undefined
  let error: Error | undefined
  const lost = (why: Error) => void (error = why, stream?.destroy(why))
  connection.once('error', lost)
  try {
    stream = connection.query(statement.text, statement.values).stream()
    if (error) throw error
    yield* stream as AsyncIterable<T>
  } finally {
    connection.off('error', lost)
  }
}

/** The only row of a query that always has one, or the first if there may be none. */
export async function row<T extends object>(db: Db, statement: Sql): Promise<T | undefined> {
  return (await rows<T>(db, statement))[0]
}

/** The names of all tables in a schema, in order. */
export async function tablesIn(db: Db, schema: string): Promise<string[]> {
  const found = await rows<{ name: string }>(db, sql`select table_name as name from information_schema.tables where table_schema = ${schema} order by table_name`)
  return found.map(({ name }) => name)
}

/** The value of a JSON column, which MariaDB gives as text and MySQL as what it stands for. */
export const parsed = <T>(value: T | string): T => (typeof value === 'string' ? JSON.parse(value) as T : value)
