import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Connection } from 'mysql2/promise'
import { entities, entityOf, type Entity, type EntityName } from '#lib/contract/index.ts'
import { connect } from '#lib/ingest/sql/connect.ts'
import { linkColumn } from '#lib/ingest/sql/staging.ts'
import { ident, join, raw, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { crosswalkOf } from '#lib/ingest/sql/tables.ts'

/**
 * What loads have made of a shop, or of the whole installation, in one comparable text: a line for each table with its number
 * of rows and the SHA-256 over them, sorted. Ids, times and numbers of attempts are left out, and so are attempts that ended
 * with their worker; parents are named by their key. With a shop's id nothing names the shop, so two shops that were sent the
 * same files are equal. Rows made in the product keep their id, which is all they have. Given an address, it is of one moment,
 * whatever is committed meanwhile.
 */
export async function canonicalDump(of: Connection | string, shopId?: number, leaveOut?: LeftOut): Promise<string> {
  const connection = typeof of === 'string' ? await connect(of) : of
  try {
    if (typeof of === 'string') {
      await connection.query('set session transaction isolation level repeatable read')
      await connection.query('start transaction with consistent snapshot')
    }
    const lines: string[] = []
    for (const [name, query] of sections(shopId, leaveOut)) {
      const rows = (await canonicalRows(connection, query)).map((row) => createHash('sha256').update(row).digest('hex')).sort()
      lines.push(`${name} ${rows.length} ${createHash('sha256').update(rows.join('\n')).digest('hex')}`)
    }
    return lines.join('\n')
  } finally {
    if (typeof of === 'string') await connection.end()
  }
}

/** The rows behind one line of `canonicalDump`, as sorted JSON: to see what differs. */
export async function canonicalSection(connection: Connection, name: string, shopId?: number, leaveOut?: LeftOut): Promise<string[]> {
  const known = sections(shopId, leaveOut)
  const query = known.get(name)
  if (!query) throw new Error(`there is no section ${name}; there are ${[...known.keys()].join(', ')}`)
  return (await canonicalRows(connection, query)).sort()
}

/** Every table that counts, and what counts in it. */
function sections(shopId: number | undefined, leaveOut: LeftOut | undefined): Map<string, Sql> {
  const scope: Scope = {
    counts: leaveOut === 'failed' ? sql`${COUNTS} and attempt.status <> 'failed'` : COUNTS,
    where: (shop) => (shopId === undefined ? raw('true') : sql`${shop} = ${shopId}`),
    shop: (shop) => (shopId === undefined
      ? sql`(select concat(partner.slug, '/', shop.slug) from shop join partner on partner.id = shop.partnerId where shop.id = ${shop})`
      : raw("''")),
  }
  return new Map([
    ...entities.map((e) => [e.name, production(e, scope)] as const),
    ...entities.map((e) => [`crosswalk_${e.name}`, crosswalk(e, scope)] as const),
    ['load', loads(scope)], ['attempt', attempts(scope)],
    ['ledger_line', ofAttempts(scope, 'ledger_line',
      ['entity', 'manifest', 'records', 'staged', 'accepted', 'rejected', 'superseded', 'identical', 'inserted', 'updated', 'unchanged', 'warnings', 'stopped'])],
    ['money_line', ofAttempts(scope, 'money_line', ['measure', 'file', 'accepted', 'production'])],
    ['load_exception', ofAttempts(scope, 'load_exception',
      ['entity', 'file', 'line', 'record', 'key', 'column', 'code', 'severity', 'value', 'detail', 'causeEntity', 'causeRecord'])],
    ['row_change', ofAttempts(scope, 'row_change', ['entity', 'sourceKey', 'crosswalkHash'])],
  ])
}

/** Attempts that the machine let fail: they wrote nothing, and how many there were is chance. */
export type LeftOut = 'failed'
/** Which shops: `where` keeps to them, `shop` names the one of a row. Of their attempts, those that `counts` holds for. */
type Scope = { where(shop: Sql): Sql; shop(shop: Sql): Sql; counts: Sql }

const slugOf = (loadId: Sql) => sql`(select slug from \`load\` where \`load\`.id = ${loadId})`

/** How a row is named: by its key, or by its id when it was made in the product. */
const nameOf = (entity: EntityName, id: Sql) => sql`(select if(named.importedLoadId is null, concat('#', named.id), named.${ident(entityOf(entity).key)})
  from ${ident(entity)} named where named.id = ${id})`

function production(e: Entity, scope: Scope): Sql {
  const columns = [
    scope.shop(raw('own.shopId')), slugOf(raw('own.importedLoadId')), raw('if(own.importedLoadId is null, own.id, null)'),
    ...e.parents.map((p) => nameOf(p.entity, ident('own', linkColumn(p.entity, e.name)))),
    ...Object.keys(e.columns).map((name) => ident('own', name)),
  ]
  return sql`select ${join(columns)} from ${ident(e.name)} own where ${scope.where(raw('own.shopId'))}`
}

function crosswalk(e: Entity, scope: Scope): Sql {
  return sql`select ${scope.shop(raw('shopId'))}, sourceKey, ${nameOf(e.name, raw('internalId'))}, rowHash, unlinked, ${slugOf(raw('firstLoadId'))}, ${slugOf(raw('lastLoadId'))}
    from ${crosswalkOf(e.name)} where ${scope.where(raw('shopId'))}`
}

function loads(scope: Scope): Sql {
  return sql`select ${scope.shop(raw('shopId'))}, slug, status, completedAttempt is not null from \`load\` where ${scope.where(raw('shopId'))}`
}

// An attempt that ended with its worker did nothing; how many there are is what differs between a disturbed run and another.
const COUNTS = raw("attempt.status <> 'running' and coalesce(json_unquote(json_extract(attempt.failure, '$.code')), '') <> 'worker_lost'")

const ofLoad = (scope: Scope) => sql`${scope.shop(raw('`load`.shopId'))} as shop, \`load\`.slug, attempt.dryRun, attempt.status`

function attempts(scope: Scope): Sql {
  return sql`select ${ofLoad(scope)}, attempt.records, attempt.errors, attempt.warnings,
      json_unquote(json_extract(attempt.failure, '$.code')) as code, json_extract(attempt.failure, '$.problems') as problems
    from attempt join \`load\` on \`load\`.id = attempt.loadId where ${scope.counts} and ${scope.where(raw('`load`.shopId'))}`
}

function ofAttempts(scope: Scope, table: string, columns: string[]): Sql {
  return sql`select ${ofLoad(scope)}, ${join(columns.map((name) => ident('own', name)))} from ${ident(table)} own
    join attempt on attempt.id = own.attemptId join \`load\` on \`load\`.id = attempt.loadId where ${scope.counts} and ${scope.where(raw('`load`.shopId'))}`
}

type Streaming = { connection: { query(options: object): { stream(): Readable } } }

/** Each row as JSON, byte strings in hex. Streamed: of a large shop only the texts are held. */
async function canonicalRows(connection: Connection, { text, values }: Sql): Promise<string[]> {
  const found: string[] = []
  // The promise API has no streams; the connection below it has.
  const below = (connection as unknown as Streaming).connection
  for await (const row of below.query({ sql: text, values, rowsAsArray: true, dateStrings: true }).stream()) {
    found.push(JSON.stringify((row as unknown[]).map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value))))
  }
  return found
}
