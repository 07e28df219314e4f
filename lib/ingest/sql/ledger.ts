import type { ExceptionCode } from '#lib/contract/codes.ts'
import type { EntityName } from '#lib/contract/index.ts'
import type { EntityCounts, MoneySums } from '../report.ts'
import { ident, raw, sql, type Sql } from './sql.ts'

export type LedgerLine = EntityCounts & { stopped: number; firstId: number | null; endId: number | null }

const COUNTS = ['manifest', 'records', 'staged', 'accepted', 'rejected', 'superseded', 'identical', 'inserted', 'updated', 'unchanged', 'warnings', 'stopped'] as const

export function insertLedgerLines(attemptId: number, lines: ReadonlyMap<EntityName, LedgerLine>): Sql {
  const names = raw([...COUNTS, 'firstId', 'endId'].map((c) => `\`${c}\``).join(', '))
  const values = [...lines].map(([entity, line]) => [attemptId, entity, ...COUNTS.map((c) => line[c]), line.firstId, line.endId])
  return sql`insert into ledger_line (attemptId, entity, ${names}) values ${values}`
}

/** One line for each money measure (contract rule 21). */
export function insertMoneyLines(attemptId: number, sums: ReadonlyMap<string, MoneySums>): Sql {
  const values = [...sums].map(([measure, { file, accepted, production }]) => [attemptId, measure, file, accepted, production])
  return sql`insert into money_line (attemptId, measure, \`file\`, accepted, production) values ${values}`
}

/** What the exceptions of an attempt say of each entity that has some: rows left out, and warnings about rows. */
export function countExceptions(attemptId: number): Sql {
  return sql`select entity, count(distinct if(severity = 'error', record, null)) as rejected, coalesce(sum(severity = 'warning'), 0) as warnings
    from load_exception where attemptId = ${attemptId} and entity is not null and record is not null group by entity`
}

/** Takes a block of `size` ids of an entity. Outside of the load's transaction: blocks are never given back. */
export function reserveIds(entity: EntityName, size: number): Sql {
  return sql`update id_sequence set nextId = last_insert_id(nextId) + ${size} where entity = ${entity}`
}

/** A remark on a whole file. */
export type FileWarning = { entity: EntityName | null; file: string; column: string | null; code: ExceptionCode; detail: string | null }

export function insertFileWarnings(attemptId: number, warnings: readonly FileWarning[]): Sql {
  const values = warnings.map(({ entity, file, column, code, detail }) => [attemptId, 'warning', entity, file, column?.slice(0, 190).toWellFormed() ?? null, code, detail])
  return sql`insert into load_exception (attemptId, severity, entity, ${ident('file')}, ${ident('column')}, code, detail) values ${values}`
}
