import { entities, moneyMeasures, type EntityName } from '#lib/contract/index.ts'
import { ident, join, row, rows, sql, type Db } from '#lib/ingest/sql/sql.ts'

/** What production and the records of loads hold: counts and sums of whole tables. */
export type Books = {
  /** Rows of each table that is written only by what is also in the audit trail. */
  rows: Record<string, number>
  /** Sums over production, by measure. */
  money: Record<string, string>
}

const COUNTED = [
  ...entities.map((e) => e.name), ...entities.map((e) => `crosswalk_${e.name}`),
  'ledger_line', 'money_line', 'load_exception', 'row_change', 'audit_event',
]

/** Counts and sums as `db` sees them. */
export async function readBooks(db: Db): Promise<Books> {
  const counts = (await row<Record<string, number>>(db, sql`select ${join(COUNTED.map((table) => sql`(select count(*) from ${ident(table)}) as ${ident(table)}`))}`))!
  const money = (await row<Record<string, string>>(db, sql`select ${join(moneyMeasures.map(({ entity, column }) =>
    sql`(select coalesce(sum(${ident(column)}), 0) from ${ident(entity)}) as ${ident(`${entity}.${column}`)}`))}`))!
  return {
    rows: Object.fromEntries(Object.entries(counts).map(([table, n]) => [table, Number(n)])),
    money: Object.fromEntries(Object.entries(money).map(([measure, sum]) => [measure, String(sum)])),
  }
}

/** Every count and sum in which two readings differ, in words. */
export function differences(was: Books, is: Books): string[] {
  const compare = (a: Record<string, unknown>, b: Record<string, unknown>, what: string) =>
    Object.keys(a).filter((name) => a[name] !== b[name]).map((name) => `${what} ${name}: ${String(a[name])} in the backup, ${String(b[name])} here`)
  return [...compare(was.rows, is.rows, 'rows of'), ...compare(was.money, is.money, 'sum of')]
}

type Shop = { shopId: number; name: string }
type Reconciled = { shops: number; complaints: string[] }

const COMPLETED = sql`attempt.status in ('completed', 'completed_with_exceptions') and not attempt.dryRun`
const shopName = sql`(select concat(partner.slug, '/', shop.slug) from shop join partner on partner.id = shop.partnerId where shop.id = found.shopId)`

/**
 * Whether production is what the ledger says of it: for each shop and entity the imported rows are those that its loads
 * inserted, every key of the crosswalk leads to a row, and where the last load held every imported row, their money is what it
 * noted, unless the shop has edited rows since.
 */
export async function reconcileBooks(db: Db): Promise<Reconciled> {
  const complaints: string[] = []
  for (const e of entities) complaints.push(...await compareCounts(db, e.name), ...await findLostKeys(db, e.name))
  for (const { entity, column } of moneyMeasures) complaints.push(...await compareMoney(db, entity, column))
  const shops = (await row<{ n: number }>(db, sql`select count(distinct \`load\`.shopId) as n from attempt join \`load\` on \`load\`.id = attempt.loadId where ${COMPLETED}`))!
  return { shops: Number(shops.n), complaints }
}

async function compareCounts(db: Db, entity: EntityName): Promise<string[]> {
  const found = await rows<Shop & { imported: string; inserted: string }>(db, sql`
    select found.shopId, ${shopName} as name, sum(found.imported) as imported, sum(found.inserted) as inserted from (
      select shopId, count(*) as imported, 0 as inserted from ${ident(entity)} where importedLoadId is not null group by shopId
      union all
      select \`load\`.shopId, 0, sum(ledger_line.inserted) from ledger_line
        join attempt on attempt.id = ledger_line.attemptId join \`load\` on \`load\`.id = attempt.loadId
        where ledger_line.entity = ${entity} and ${COMPLETED} group by \`load\`.shopId) found
    group by found.shopId having sum(found.imported) <> sum(found.inserted) order by found.shopId`)
  return found.map(({ name, imported, inserted }) => `${entity} of shop ${name}: loads inserted ${inserted} rows, ${imported} are there`)
}

async function findLostKeys(db: Db, entity: EntityName): Promise<string[]> {
  const found = await rows<Shop & { lost: number }>(db, sql`
    select found.shopId, ${shopName} as name, count(*) as lost from ${ident(`crosswalk_${entity}`)} found
    left join ${ident(entity)} produced on produced.id = found.internalId where produced.id is null group by found.shopId order by found.shopId`)
  return found.map(({ name, lost }) => `${entity} of shop ${name}: ${lost} keys lead to no row`)
}

async function compareMoney(db: Db, entity: EntityName, column: string): Promise<string[]> {
  const measure = `${entity}.${column}`
  const found = await rows<Shop & { noted: string; sum: string }>(db, sql`
    select found.shopId, ${shopName} as name, money_line.production as noted, produced.sum
    from (select \`load\`.shopId, max(attempt.id) as attemptId from attempt join \`load\` on \`load\`.id = attempt.loadId where ${COMPLETED} group by \`load\`.shopId) found
    join attempt on attempt.id = found.attemptId
    join money_line on money_line.attemptId = found.attemptId and money_line.measure = ${measure}
    join ledger_line on ledger_line.attemptId = found.attemptId and ledger_line.entity = ${entity}
    join (select shopId, count(*) as n, coalesce(sum(${ident(column)}), 0) as sum, max(updatedAt) as editedAt from ${ident(entity)} where importedLoadId is not null group by shopId) produced
      on produced.shopId = found.shopId and produced.n = ledger_line.accepted and produced.editedAt <= attempt.finishedAt
    where money_line.production <> produced.sum order by found.shopId`)
  return found.map(({ name, noted, sum }) => `${measure} of shop ${name}: the last load noted ${noted}, ${sum} is there`)
}
