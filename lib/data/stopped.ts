import 'server-only'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { entityNames, type EntityName } from '#lib/contract/index.ts'
import { notFound } from '#lib/errors.ts'
import { ident, row, rows, sql } from '#lib/ingest/sql/sql.ts'
import { database } from './database.ts'
import { seenLoad } from './scope.ts'
import { isStaged, stagedFileOf, whileStaged, type StagedFile } from './staged-tables.ts'

export const STOPPED_PAGE = 100

/** A row imported before whose key a load no longer holds: it is kept in production. */
export type StoppedRow = { key: string; id: string }
export type StoppedRows = { loadId: string; entity: EntityName; total: number; page: number; rows: StoppedRow[]; purgedAt: string | null }

/** The rows of an entity that stopped coming with the latest attempt of a load (contract rule 24), in order of their keys. */
export async function stoppedRows(user: CurrentUser, id: string, entity: string, page: number): Promise<StoppedRows> {
  authorize(user, 'load:read')
  const load = await row<{ slug: string }>(database(), sql`select slug from \`load\` where id = ${await seenLoad(user, id)}`)
  const name = entityNames.find((e) => e === entity)
  const file = load && name && await stagedFileOf(id, null, name)
  if (!load || !name || !file) throw notFound('This list')
  const facts = { loadId: load.slug, entity: name, page }
  const gone = (): StoppedRows => ({ ...facts, total: 0, rows: [], purgedAt: file.purgedAt ?? file.stagedAt })
  if (!(await isStaged(file))) return gone()
  if (file.stopped === 0) return { ...facts, total: 0, rows: [], purgedAt: null }
  return whileStaged<StoppedRows>(async () => ({ ...facts, ...await readStopped(file, page), purgedAt: null }), gone)
}

async function readStopped(file: StagedFile, page: number): Promise<Pick<StoppedRows, 'total' | 'rows'>> {
  const table = ident(file.table.schema, `${file.table.name}_stopped`)
  const counted = await row<{ n: number }>(database(), sql`select count(*) as n from ${table}`)
  const found = await rows<{ key: string; id: number }>(database(), sql`
    select convert(sourceKey using utf8mb4) as \`key\`, internalId as id from ${table} order by sourceKey limit ${STOPPED_PAGE} offset ${(page - 1) * STOPPED_PAGE}`)
  return { total: Number(counted!.n), rows: found.map((r) => ({ key: r.key, id: String(r.id) })) }
}
