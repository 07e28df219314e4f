import { createReadStream } from 'node:fs'
import type { Connection } from 'mysql2/promise'
import { connect } from '#lib/ingest/sql/connect.ts'
import { ident, join, raw, row, run, sql } from '#lib/ingest/sql/sql.ts'
import type { Dataset, DataFile } from './data.ts'
import { RAW_SCHEMA, type BenchServer } from './server.ts'

// Larger pieces were no faster.
const CHUNK_BYTES = 1 << 20

/**
 * The floor that every load is compared with: LOAD DATA LOCAL INFILE of the same bytes into bare text tables, without a key,
 * a check or a conversion. Gives the seconds; throws when the tables do not hold every row.
 */
export async function loadRaw(server: BenchServer, data: Dataset): Promise<number> {
  const { connection } = server
  await run(connection, sql`drop database if exists ${ident(RAW_SCHEMA)}`)
  await run(connection, sql`create database ${ident(RAW_SCHEMA)} default character set utf8mb4`)
  for (const file of data.files) {
    await run(connection, sql`create table ${ident(RAW_SCHEMA, file.entity)} (${join(file.columns.map((c) => sql`${ident(c)} mediumtext`))}) engine=InnoDB`)
  }
  await server.settle()
  const loading = await connect(server.url, { localInfile: true })
  try {
    const startedMs = performance.now()
    for (const file of data.files) await loadFile(loading, file)
    const seconds = (performance.now() - startedMs) / 1000
    for (const file of data.files) await mustHold(connection, file)
    return seconds
  } finally {
    await loading.end()
    await run(connection, sql`drop database ${ident(RAW_SCHEMA)}`)
  }
}

async function loadFile(connection: Connection, file: DataFile): Promise<void> {
  const format = raw(`character set utf8mb4 fields terminated by ',' optionally enclosed by '"' escaped by '' lines terminated by '\\n' ignore 1 lines`)
  const statement = sql`load data local infile 'stream' into table ${ident(RAW_SCHEMA, file.entity)} ${format}`
  await connection.query({ sql: statement.text, infileStreamFactory: () => createReadStream(file.path, { highWaterMark: CHUNK_BYTES }) })
}

async function mustHold(connection: Connection, { entity, rows }: DataFile): Promise<void> {
  const { n } = (await row<{ n: number }>(connection, sql`select count(*) as n from ${ident(RAW_SCHEMA, entity)}`))!
  if (Number(n) !== rows) throw new Error(`the bare table of ${entity} has ${n} rows instead of ${rows}`)
}
