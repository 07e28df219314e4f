import { readFileSync } from 'node:fs'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { Connection } from 'mysql2/promise'
import Papa from 'papaparse'
import { Fault, checkOf } from '#lib/contract/column-types.ts'
import { entityOf, type Column, type Entity } from '#lib/contract/index.ts'
import { PrismaClient } from '#lib/generated/prisma/client.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { addressOf } from '#lib/ingest/sql/database-address.ts'
import { ident, join, row, run, sql } from '#lib/ingest/sql/sql.ts'
import { linkColumn } from '#lib/ingest/sql/staging.ts'
import { dataset, type Dataset } from './data.ts'
import type { BenchServer } from './server.ts'
import { median } from './statistics.ts'

/**
 * The ways in which such data is usually loaded. They do less than a load: they put rows with their parents into the same
 * production tables, and keep no crosswalk, no before-images, no exceptions and no sums.
 */
export const ways = {
  rowByRow: { title: 'row by row: select, then insert, each row on disk', load: rowByRow(true) },
  rowByRowAtOnce: { title: 'row by row: select, then insert, in one transaction', load: rowByRow(false) },
  prisma: { title: 'Prisma createMany, 1,000 rows each', load: prismaCreateMany },
  multiRow: { title: 'INSERT of 1,000 papaparse rows each, in one transaction', load: multiRowInsert },
} satisfies Record<string, { title: string; load: Way }>
export type WayName = keyof typeof ways

export type AlternativeResult = { name: WayName; title: string; rows: number; lineItems: number; seconds: number; rowsPerSecond: number }

type Target = { url: string; connection: Connection; shopId: number }
type Way = (target: Target, data: Dataset) => Promise<void>
type Options = { dataDir: string; invoices: number; runs: number; signal: AbortSignal; tell(line: string): void }

const AT_ONCE = 1_000

/** Loads a small shop in each of these ways, each time into an empty database. */
export async function measureAlternatives(server: BenchServer, { dataDir, invoices, runs, signal, tell }: Options): Promise<AlternativeResult[]> {
  const data = await dataset(dataDir, { invoices, parts: 200 })
  const seconds = new Map<WayName, number[]>()
  for (let i = 1; i <= runs; i++) {
    for (const name of Object.keys(ways) as WayName[]) {
      signal.throwIfAborted()
      const one = await measure(server, data, ways[name].load)
      seconds.set(name, [...(seconds.get(name) ?? []), one])
      tell(`run ${i} of ${runs}, ${ways[name].title}: ${one.toFixed(2)} s for ${data.rows} rows`)
    }
  }
  return [...seconds].map(([name, of]) => ({
    name, title: ways[name].title, rows: data.rows, lineItems: data.lineItems, seconds: median(of), rowsPerSecond: data.rows / median(of),
  }))
}

async function measure(server: BenchServer, data: Dataset, load: Way): Promise<number> {
  await server.reset()
  await server.settle()
  const connection = await connect(server.url)
  try {
    const partner = await run(connection, sql`insert into partner (slug, name) values ('bench', 'bench')`)
    const shop = await run(connection, sql`insert into shop (partnerId, slug, name, timeZone) values (${partner.insertId}, 'bench', 'bench', 'America/New_York')`)
    const startedMs = performance.now()
    await load({ url: server.url, connection, shopId: shop.insertId }, data)
    const seconds = (performance.now() - startedMs) / 1000
    for (const { entity, rows } of data.files) {
      const { n } = (await row<{ n: number }>(connection, sql`select count(*) as n from ${ident(entity)}`))!
      if (Number(n) !== rows) throw new Error(`${entity} has ${n} rows instead of ${rows}`)
    }
    return seconds
  } finally {
    await connection.end()
  }
}

type Cells = Record<string, string>
/** The value of each contract column as the database takes it. */
type Values = Record<string, string | null>

/** The rows of a file, as papaparse gives them, with their values. */
function parsed(data: Dataset, e: Entity): { cells: Cells; values: Values }[] {
  const file = data.files.find((f) => f.entity === e.name)!
  const { data: records } = Papa.parse<Cells>(readFileSync(file.path, 'utf8'), { header: true, skipEmptyLines: true })
  const context = { timeZone: 'America/New_York', currentYear: new Date().getUTCFullYear() }
  const checks = Object.entries(e.columns).map(([name, column]) => [name, checkOf(column, context)] as const)
  return records.map((cells) => ({ cells, values: Object.fromEntries(checks.map(([name, check]) => [name, valueOf(check(cells[name]!))])) }))
}

const valueOf = (checked: string | null | Fault) => (checked instanceof Fault ? checked.stored : checked === '' ? null : checked)

function rowByRow(eachOnDisk: boolean): Way {
  return async ({ connection, shopId }, data) => {
    if (!eachOnDisk) await connection.beginTransaction()
    for (const { entity } of data.files) {
      const e = entityOf(entity)
      for (const { cells, values } of parsed(data, e)) {
        if (await idOf(connection, shopId, e, cells[e.key]!) !== null) continue
        const links: Record<string, number | null> = {}
        for (const parent of e.parents) links[linkColumn(parent.entity, e.name)] = await idOf(connection, shopId, entityOf(parent.entity), cells[parent.column]!)
        const made = { shopId, ...links, ...values }
        await run(connection, sql`insert into ${ident(e.name)} (${join(Object.keys(made).map((name) => ident(name)))}) values (${Object.values(made)})`)
      }
    }
    if (!eachOnDisk) await connection.commit()
  }
}

/** Looked up by the index on shop and external key that the product has. */
async function idOf(connection: Connection, shopId: number, e: Entity, key: string): Promise<number | null> {
  if (key === '') return null
  return (await row<{ id: number }>(connection, sql`select id from ${ident(e.name)} where shopId = ${shopId} and ${ident(e.key)} = ${key}`))?.id ?? null
}

type Made = { id: number; links: Record<string, number | null>; values: Values }

/** Rows with ids of our own and parents looked up in memory, a thousand at a time. */
function* batches(data: Dataset): Generator<{ e: Entity; batch: Made[] }> {
  const ids = new Map<string, number>()
  const idOfKey = (entity: string, key: string) => ids.get(`${entity} ${key}`) ?? null
  for (const { entity } of data.files) {
    const e = entityOf(entity)
    const records = parsed(data, e)
    for (const [i, { cells }] of records.entries()) ids.set(`${entity} ${cells[e.key]!}`, i + 1)
    const made = records.map(({ cells, values }, i): Made => ({
      id: i + 1, values,
      // A line whose parent comes later would need a second pass: it goes without.
      links: Object.fromEntries(e.parents.map((parent) => {
        const id = idOfKey(parent.entity, cells[parent.column]!)
        return [linkColumn(parent.entity, e.name), parent.entity === entity && id !== null && id > i ? null : id]
      })),
    }))
    for (let i = 0; i < made.length; i += AT_ONCE) yield { e, batch: made.slice(i, i + AT_ONCE) }
  }
}

async function multiRowInsert({ connection, shopId }: Target, data: Dataset): Promise<void> {
  await connection.beginTransaction()
  for (const { e, batch } of batches(data)) {
    const rows = batch.map(({ id, links, values }) => ({ id, shopId, ...links, ...values }))
    const columns = join(Object.keys(rows[0]!).map((name) => ident(name)))
    await run(connection, sql`insert into ${ident(e.name)} (${columns}) values ${rows.map((one) => Object.values(one))}`)
  }
  await connection.commit()
}

async function prismaCreateMany({ url, shopId }: Target, data: Dataset): Promise<void> {
  const client = new PrismaClient({ adapter: new PrismaMariaDb({ ...addressOf(url), connectionLimit: 1, allowPublicKeyRetrieval: true }) })
  const tables = client as unknown as Record<string, { createMany(query: { data: object[] }): Promise<unknown> }>
  try {
    for (const { e, batch } of batches(data)) {
      const table = tables[e.name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]!
      await table.createMany({ data: batch.map(({ id, links, values }) => ({
        id, shopId, ...links, ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, prismaValue(e.columns[name]!, value)])),
      })) })
    }
  } finally {
    await client.$disconnect()
  }
}

/** Prisma wants numbers, dates and booleans as such. */
function prismaValue({ type }: Column, value: string | null): string | number | boolean | Date | null {
  if (value === null) return null
  if (type === 'integer') return Number(value)
  if (type === 'boolean') return value === '1'
  if (type === 'datetime') return new Date(`${value.replace(' ', 'T')}Z`)
  return value
}
