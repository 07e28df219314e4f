import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { ident, join, raw, row, run, sql } from '#lib/ingest/sql/sql.ts'
import type { Dataset } from './data.ts'
import { RAW_SCHEMA, type BenchServer } from './server.ts'

const NUMBERS = 1_000

/** Fills the crosswalks with keys of other shops, each of which is as large as the usual shop. */
export async function fillCrosswalks({ connection, url }: BenchServer, { files, rows }: Dataset, keys: number): Promise<void> {
  const of = (table: string) => ident(addressOf(url).database, table)
  const numbers = ident(RAW_SCHEMA, 'number')
  await run(connection, sql`drop database if exists ${ident(RAW_SCHEMA)}`)
  await run(connection, sql`create database ${ident(RAW_SCHEMA)}`)
  await run(connection, sql`create table ${numbers} (n int not null primary key) engine=InnoDB`)
  await run(connection, sql`insert into ${numbers} values ${Array.from({ length: NUMBERS }, (_, n) => [n])}`)
  const partner = await run(connection, sql`insert into ${of('partner')} (slug, name) values ('others', 'others')`)
  const shops = Math.ceil(keys / rows)
  for (let shop = 1; shop <= shops; shop++) {
    const { insertId } = await run(connection, sql`insert into ${of('shop')} (partnerId, slug, name, timeZone)
      values (${partner.insertId}, ${`other-${shop}`}, 'other', 'America/New_York')`)
    for (const file of files) {
      const n = raw('a.n * 1000000 + b.n * 1000 + c.n')
      await run(connection, sql`insert into ${of(`crosswalk_${file.entity}`)} (shopId, sourceKey, internalId, rowHash, firstLoadId, lastLoadId)
        select ${insertId}, concat('KEY-', 10000000 + ${n}), ${shop * 10_000_000} + ${n}, left(sha1(concat(${insertId}, '-', ${n})), 22), 1, 1
        from ${numbers} a straight_join ${numbers} b straight_join ${numbers} c
        where a.n < ${Math.ceil(file.rows / NUMBERS ** 2)} and ${n} < ${file.rows}`)
    }
  }
  await run(connection, sql`drop database ${ident(RAW_SCHEMA)}`)
  const counts = join(files.map((file) => sql`(select count(*) from ${of(`crosswalk_${file.entity}`)})`), ' + ')
  const filled = (await row<{ n: number }>(connection, sql`select ${counts} as n`))!
  if (Number(filled.n) < keys) throw new Error(`the crosswalks hold ${filled.n} keys instead of ${keys}`)
}
