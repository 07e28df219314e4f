import { Prisma } from '#lib/generated/prisma/client.ts'
import { DECIDING_NUMBER } from '#lib/jobs/ledger-numbers.ts'
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
/** The filter with the partner turned into its shops. */
export type LedgerConditions = Omit<LedgerFilter, 'partner'> & { shops: readonly bigint[] | null }
export const ledgerSorts = ['started', 'duration', 'rows', 'exceptions'] as const
export type LedgerSort = { by: (typeof ledgerSorts)[number]; descending: boolean }
export type LedgerPage = { page: number; size: number }

const loads = Prisma.raw('`load` l')
// The attempt whose numbers the load carries (see lib/jobs/ledger-numbers.ts). A load that never ran has none.
const decidingAttempt = Prisma.sql`left join attempt a on a.loadId = l.id and a.number = ${Prisma.raw(DECIDING_NUMBER)}`

const sortedBy: Record<LedgerSort['by'], string> = { started: 'l.createdAt', duration: 'l.seconds', rows: 'l.records', exceptions: 'l.errors' }

/** The loads of one page, in order: found in one index (see `along`), then read by their ids. */
export function ledgerPage(filter: LedgerConditions, sort: LedgerSort, { page, size }: LedgerPage): Prisma.Sql {
  const picked = Prisma.sql`
    select l.id from ${along(indexOfPage(filter, sort))} ${where(conditions(filter))} ${order(sort)} limit ${size} offset ${(page - 1) * size}`
  return Prisma.sql`${rowsOf(picked)} ${order(sort)}`
}

/** The ids of all loads, in order: from one index alone. */
export function ledgerIds(filter: LedgerConditions, sort: LedgerSort): Prisma.Sql {
  return Prisma.sql`select l.id from ${along(indexOfPage(filter, sort))} ${where(conditions(filter))} ${order(sort)}`
}

/** The same columns for given loads. */
export function ledgerRows(ids: readonly bigint[]): Prisma.Sql {
  return rowsOf(Prisma.sql`select l.id from ${loads} where l.id in (${Prisma.join([...ids])})`)
}

/** How many loads there are of each status; the filter's own choice of statuses is left out, so that tabs can show all counts. */
export function ledgerCounts(filter: LedgerConditions): Prisma.Sql {
  const every = { ...filter, status: [] }
  return Prisma.sql`select l.status, count(*) as loads from ${along(indexOfCounts(every))} ${where(conditions(every))} group by l.status`
}

/** Who has sent loads for these shops, by name: from the index alone. */
export function sendersTo(shops: readonly bigint[]): Prisma.Sql {
  const ids = shops.length > 0 ? Prisma.sql`l.shopId in (${Prisma.join([...shops])})` : Prisma.sql`false`
  return Prisma.sql`
    select u.id, u.name from (select distinct l.createdByUserId as id from ${along('load_shop_created')} where ${ids}) sender
    join user u on u.id = sender.id order by u.name`
}

type LedgerIndex = 'load_created' | 'load_seconds' | 'load_records' | 'load_errors' | 'load_status' | 'load_user' | 'load_shop_created'

const inOrderOf: Record<LedgerSort['by'], LedgerIndex> = { started: 'load_created', duration: 'load_seconds', rows: 'load_records', exceptions: 'load_errors' }

// Every index of these holds all columns that are filtered by. Left to itself either server now and then reads the table
// instead, since it believes that few rows pass the filter.
const along = (index: LedgerIndex) => Prisma.raw(`\`load\` l force index (${index})`)

/** A shop has few loads, whatever their order. Otherwise the page's order comes from the index: only as much is read as it takes to fill a page. */
function indexOfPage({ shop, person, status }: LedgerConditions, { by }: LedgerSort): LedgerIndex {
  if (shop) return 'load_shop_created'
  if (by !== 'started') return inOrderOf[by]
  if (person) return 'load_user'
  return status.length === 1 ? 'load_status' : 'load_created'
}

/** All that match are counted, so what matters is where the fewest others lie between them; by status nothing needs sorting. */
function indexOfCounts({ shops, shop, person, from, to }: LedgerConditions): LedgerIndex {
  if (shop || shops) return 'load_shop_created'
  if (person) return 'load_user'
  return from || to ? 'load_created' : 'load_status'
}

function rowsOf(picked: Prisma.Sql): Prisma.Sql {
  // In this order: far back in the list a server takes `picked` for large, and would begin with every load of every shop.
  return Prisma.sql`
    select l.id, l.slug, l.status, l.createdAt, l.currentAttempt,
      s.id as shopId, s.slug as shopSlug, s.name as shopName, p.id as partnerId, p.slug as partnerSlug, p.name as partnerName,
      if(l.status in ('queued', 'running'), exists (select 1 from job j where j.loadId = l.id and j.status in ('queued', 'running') and j.dryRun), coalesce(a.dryRun, 0)) as dryRun,
      u.name as startedBy, a.startedVia, a.status as attemptStatus, l.records, l.errors, l.warnings, l.seconds,
      timestampdiff(microsecond, a.startedAt, now(3)) / 1000000 as elapsed
    from (${picked}) picked
    straight_join ${loads} on l.id = picked.id
    straight_join shop s on s.id = l.shopId
    straight_join partner p on p.id = s.partnerId
    left join user u on u.id = l.createdByUserId
    ${decidingAttempt}`
}

function conditions(filter: LedgerConditions): Prisma.Sql[] {
  return [
    filter.status.length > 0 && Prisma.sql`l.status in (${Prisma.join([...filter.status])})`,
    filter.shop && Prisma.sql`l.shopId = ${BigInt(filter.shop)}`,
    filter.shops && (filter.shops.length > 0 ? Prisma.sql`l.shopId in (${Prisma.join([...filter.shops])})` : Prisma.sql`false`),
    filter.person && Prisma.sql`l.createdByUserId = ${BigInt(filter.person)}`,
    filter.from && Prisma.sql`l.createdAt >= ${filter.from}`,
    filter.to && Prisma.sql`l.createdAt < ${filter.to}`,
    filter.exceptions === 'rejected' && Prisma.sql`l.errors > 0`,
    filter.exceptions === 'warnings' && Prisma.sql`l.warnings > 0`,
    filter.exceptions === 'none' && Prisma.sql`l.errors = 0 and l.warnings = 0`,
  ].filter((condition) => condition instanceof Prisma.Sql)
}

function where(all: Prisma.Sql[]): Prisma.Sql {
  return all.length > 0 ? Prisma.sql`where ${Prisma.join(all, ' and ')}` : Prisma.empty
}

function order({ by, descending }: LedgerSort): Prisma.Sql {
  const direction = descending ? 'desc' : 'asc'
  return Prisma.raw(`order by ${sortedBy[by]} ${direction}, l.id ${direction}`)
}
