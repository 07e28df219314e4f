import { Prisma } from '#lib/generated/prisma/client.ts'
import type { LoadStatus } from '#lib/load-status.ts'

export type LedgerFilter = {
  status: readonly LoadStatus[]
  partner: string | null
  shop: string | null
  person: string | null
  /** Started at this moment or later. */
  from: Date | null
  /** Started before this moment. */
  to: Date | null
  exceptions: 'rejected' | 'warnings' | 'none' | null
}
export const ledgerSorts = ['started', 'duration', 'rows', 'exceptions'] as const
export type LedgerSort = { by: (typeof ledgerSorts)[number]; descending: boolean }
export type LedgerPage = { page: number; size: number }

const loads = Prisma.raw('`load` l')
// What the ledger shows of a load are the numbers of the attempt that gave it its status: the one in production where it is
// completed (a later dry run or a refused delivery does not count), else the latest. A load that never ran has none.
const decidingAttempt = Prisma.sql`left join attempt a on a.loadId = l.id and a.number =
  if(l.status in ('completed', 'completed_with_exceptions'), coalesce(l.completedAttempt, l.currentAttempt), l.currentAttempt)`

const sortedBy: Record<LedgerSort['by'], string> = { started: 'l.createdAt', duration: 'a.seconds', rows: 'a.records', exceptions: 'a.errors' }

/** The loads of one page, in order. Columns of attempts are joined in only where the filter or the order asks for them. */
export function ledgerPage(filter: LedgerFilter, sort: LedgerSort, { page, size }: LedgerPage): Prisma.Sql {
  const picked = Prisma.sql`
    select l.id from ${loads} ${sort.by === 'started' ? attemptFor(filter) : decidingAttempt} ${where(conditions(filter))}
    ${order(sort)} limit ${size} offset ${(page - 1) * size}`
  return Prisma.sql`${rowsOf(picked)} ${order(sort)}`
}

/** The same columns for given loads. */
export function ledgerRows(ids: readonly bigint[]): Prisma.Sql {
  return rowsOf(Prisma.sql`select l.id from ${loads} where l.id in (${Prisma.join([...ids])})`)
}

/** How many loads there are of each status; the filter's own choice of statuses is left out, so that tabs can show all counts. */
export function ledgerCounts(filter: LedgerFilter): Prisma.Sql {
  return Prisma.sql`
    select l.status, count(*) as loads from ${loads} ${attemptFor(filter)} ${where(conditions({ ...filter, status: [] }))} group by l.status`
}

function rowsOf(picked: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select l.id, l.slug, l.status, l.createdAt, l.currentAttempt,
      s.id as shopId, s.slug as shopSlug, s.name as shopName, p.id as partnerId, p.slug as partnerSlug, p.name as partnerName,
      u.name as startedBy, a.startedVia, a.status as attemptStatus, a.records, a.errors, a.warnings, a.seconds,
      timestampdiff(microsecond, a.startedAt, now(3)) / 1000000 as elapsed
    from (${picked}) picked
    join ${loads} on l.id = picked.id
    join shop s on s.id = l.shopId
    join partner p on p.id = s.partnerId
    left join user u on u.id = l.createdByUserId
    ${decidingAttempt}`
}

function attemptFor(filter: LedgerFilter): Prisma.Sql {
  return filter.exceptions ? decidingAttempt : Prisma.empty
}

function conditions(filter: LedgerFilter): Prisma.Sql[] {
  return [
    filter.status.length > 0 && Prisma.sql`l.status in (${Prisma.join([...filter.status])})`,
    filter.shop && Prisma.sql`l.shopId = ${BigInt(filter.shop)}`,
    filter.partner && Prisma.sql`l.shopId in (select ofPartner.id from shop ofPartner where ofPartner.partnerId = ${BigInt(filter.partner)})`,
    filter.person && Prisma.sql`l.createdByUserId = ${BigInt(filter.person)}`,
    filter.from && Prisma.sql`l.createdAt >= ${filter.from}`,
    filter.to && Prisma.sql`l.createdAt < ${filter.to}`,
    filter.exceptions === 'rejected' && Prisma.sql`a.errors > 0`,
    filter.exceptions === 'warnings' && Prisma.sql`a.warnings > 0`,
    filter.exceptions === 'none' && Prisma.sql`a.errors = 0 and a.warnings = 0`,
  ].filter((condition) => condition instanceof Prisma.Sql)
}

function where(all: Prisma.Sql[]): Prisma.Sql {
  return all.length > 0 ? Prisma.sql`where ${Prisma.join(all, ' and ')}` : Prisma.empty
}

function order({ by, descending }: LedgerSort): Prisma.Sql {
  const direction = descending ? 'desc' : 'asc'
  return Prisma.raw(`order by ${sortedBy[by]} ${direction}, l.id ${direction}`)
}
