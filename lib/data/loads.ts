import 'server-only'
import { cache } from 'react'
import type { Failure } from '#lib/contract/codes.ts'
import { entityNames, moneyMeasures, type EntityName } from '#lib/contract/index.ts'
import { authorize, can } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { notFound } from '#lib/errors.ts'
import type { AttemptStatus, EntityCounts, MoneySums } from '#lib/ingest/report.ts'
import { isTriedDraft, isUnderWay, loadStatuses, type LoadStatus } from '#lib/load-status.ts'
import { deliveryNames } from '#lib/upload/delivery-names.ts'
import { cancelOffer, isRefused, rerunOffer, type Offer } from './load-offers.ts'
import { ledgerCounts, ledgerIds, ledgerPage, ledgerRows, sendersTo, type LedgerConditions, type LedgerFilter, type LedgerPage, type LedgerSort } from './load-ledger-sql.ts'
import { prisma } from './prisma.ts'
import { partnersOf, seenLoad, seenPartner, seenShop, shopIdsOf, shopIdsOfPartner, shopsOf } from './scope.ts'

export type Named = { id: string; slug: string; name: string }
export type LedgerRow = {
  id: string
  loadId: string
  status: LoadStatus
  /** What waits or runs, or the attempt that the numbers are of, is a dry run. */
  dryRun: boolean
  partner: Named
  shop: Named
  /** Who sent the files; null when nobody signed in did (command line, storage event). */
  startedBy: string | null
  startedVia: string | null
  startedAt: string
  /** The number of the latest attempt, 0 before the first. The numbers below are of that attempt. */
  attempt: number
  /** Whole run in seconds, or how long it runs so far. */
  seconds: number | null
  records: number | null
  errors: number | null
  warnings: number | null
}
export type Ledger = { rows: LedgerRow[]; total: number; counts: Record<LoadStatus, number> }

/** One page of the ledger, with the number of loads that match and, per status, that would. */
export async function listLoads(user: CurrentUser, filter: LedgerFilter, sort: LedgerSort, page: LedgerPage): Promise<Ledger> {
  authorize(user, 'load:read')
  const conditions = await conditionsFor(user, filter)
  const [rows, counted] = await Promise.all([
    prisma().$queryRaw<RawLedgerRow[]>(ledgerPage(conditions, sort, page)),
    prisma().$queryRaw<{ status: LoadStatus; loads: bigint }[]>(ledgerCounts(conditions)),
  ])
  const counts = Object.fromEntries(loadStatuses.map((status) => [status, 0])) as Record<LoadStatus, number>
  for (const { status, loads } of counted) counts[status] = Number(loads)
  const wanted = filter.status.length > 0 ? filter.status : loadStatuses
  return { rows: rows.map(ledgerRow), total: wanted.reduce((sum, status) => sum + counts[status], 0), counts }
}

async function conditionsFor(user: CurrentUser, { partner, ...rest }: LedgerFilter): Promise<LedgerConditions> {
  if (rest.shop !== null) await seenShop(user, rest.shop)
  return { ...rest, shops: partner === null ? await shopIdsOf(user) : await shopIdsOfPartner(await seenPartner(user, partner)) }
}

// Loads looked up at a time.
const PIECE = 500

/** Every load that matches, in order. Which ones is settled at once, so that none comes twice or is passed over while others arrive; their rows are read as they are taken. */
export async function allLoads(user: CurrentUser, filter: LedgerFilter, sort: LedgerSort): Promise<AsyncIterable<LedgerRow>> {
  authorize(user, 'load:read')
  const found = await prisma().$queryRaw<{ id: bigint }[]>(ledgerIds(await conditionsFor(user, filter), sort))
  return rowsInOrder(found.map(({ id }) => id))
}

async function* rowsInOrder(ids: readonly bigint[]): AsyncGenerator<LedgerRow> {
  for (let at = 0; at < ids.length; at += PIECE) {
    const wanted = ids.slice(at, at + PIECE)
    const rows = new Map((await prisma().$queryRaw<RawLedgerRow[]>(ledgerRows(wanted))).map((row) => [row.id, ledgerRow(row)]))
    yield* wanted.flatMap((id) => rows.get(id) ?? [])
  }
}

/** The ledger's row of one load. */
export async function getLedgerRow(user: CurrentUser, id: string): Promise<LedgerRow> {
  authorize(user, 'load:read')
  const [row] = await prisma().$queryRaw<RawLedgerRow[]>(ledgerRows([await seenLoad(user, id)]))
  if (!row) throw notFound('This load')
  return ledgerRow(row)
}

type RawLedgerRow = {
  id: bigint; slug: string; status: LoadStatus; createdAt: Date; currentAttempt: number
  shopId: bigint; shopSlug: string; shopName: string; partnerId: bigint; partnerSlug: string; partnerName: string
  dryRun: bigint | number; startedBy: string | null; startedVia: string | null; attemptStatus: AttemptStatus | null
  records: bigint | null; errors: bigint | null; warnings: bigint | null; seconds: number | null; elapsed: unknown
}

function ledgerRow(row: RawLedgerRow): LedgerRow {
  return {
    id: String(row.id),
    loadId: row.slug,
    status: row.status,
    dryRun: Boolean(Number(row.dryRun)),
    partner: { id: String(row.partnerId), slug: row.partnerSlug, name: row.partnerName },
    shop: { id: String(row.shopId), slug: row.shopSlug, name: row.shopName },
    startedBy: row.startedBy,
    startedVia: row.startedVia,
    startedAt: row.createdAt.toISOString(),
    attempt: row.currentAttempt,
    seconds: row.attemptStatus === 'running' ? Number(row.elapsed) : row.seconds,
    records: numberOrNull(row.records),
    errors: numberOrNull(row.errors),
    warnings: numberOrNull(row.warnings),
  }
}

export type LedgerChoices = { partners: Named[]; shops: (Named & { partnerId: string })[]; people: { id: string; name: string }[] }

/** What the ledger can be filtered by. */
export async function ledgerChoices(user: CurrentUser): Promise<LedgerChoices> {
  authorize(user, 'load:read')
  const seen = await shopIdsOf(user)
  const [partners, shops, people] = await Promise.all([
    prisma().partner.findMany({ where: partnersOf(user), orderBy: { name: 'asc' } }),
    prisma().shop.findMany({ where: shopsOf(user), orderBy: { name: 'asc' } }),
    seen === null
      ? prisma().user.findMany({ select: { id: true, name: true }, orderBy: { name: 'asc' } })
      : prisma().$queryRaw<{ id: bigint; name: string }[]>(sendersTo(seen)),
  ])
  return {
    partners: partners.map(({ id, slug, name }) => ({ id: String(id), slug, name })),
    shops: shops.map(({ id, slug, name, partnerId }) => ({ id: String(id), slug, name, partnerId: String(partnerId) })),
    people: people.map(({ id, name }) => ({ id: String(id), name })),
  }
}

export type AttemptSummary = {
  number: number
  delivery: number
  status: AttemptStatus
  dryRun: boolean
  startedBy: string | null
  startedVia: string
  startedAt: string
  seconds: number | null
  records: number | null
  errors: number | null
  warnings: number | null
}
export type LoadDetail = {
  id: string
  loadId: string
  status: LoadStatus
  /** What waits, runs or was last run is a dry run, and the load was never run for real. */
  dryRun: boolean
  partner: Named
  shop: Named & { timeZone: string }
  startedBy: string | null
  createdAt: string
  delivery: number
  currentAttempt: number
  /** The attempt whose rows are in production, if any. */
  completedAttempt: number | null
  attempts: AttemptSummary[]
  /** How many files the current delivery has. */
  files: number
  /** They are all in the store. */
  hasFiles: boolean
  /** The check refused its files, and nothing of it is in production: only other files help. */
  refused: boolean
  /** Null where this person's role does not run loads at all. */
  rerun: Offer | null
  cancel: Offer | null
  /** Whether this person sends files at all. */
  maySend: boolean
  mayDownload: boolean
  mayBrowseStaging: boolean
}

/** A load with its attempts, newest first, and what this person may do with it. Read once per page. */
export const getLoad = cache(async (user: CurrentUser, id: string): Promise<LoadDetail> => {
  authorize(user, 'load:read')
  const load = await prisma().load.findUnique({
    where: { id: await seenLoad(user, id) },
    include: {
      shop: { include: { partner: true } },
      createdByUser: { select: { name: true } },
      jobs: { where: { status: { in: ['queued', 'running'] } }, select: { dryRun: true } },
      attempts: { orderBy: { number: 'desc' }, include: { startedByUser: { select: { name: true } } }, omit: { failure: true } },
    },
  })
  if (!load) throw notFound('This load')
  const { shop } = load
  const status = load.status as LoadStatus
  // Files that do not belong are noted by name and never kept.
  const [files, missing] = await Promise.all([null, { storeKey: null, name: { in: [...deliveryNames] } }].map((also) =>
    prisma().loadFile.count({ where: { loadId: load.id, delivery: load.delivery, ...also } })))
  const last = load.attempts.find(({ delivery }) => delivery === load.delivery)
  const facts = { status, files: files!, missing: missing!, last: (last?.status ?? null) as AttemptStatus | null, cameIn: load.completedAttempt !== null }
  return {
    id: String(load.id),
    loadId: load.slug,
    status,
    dryRun: isUnderWay(status) ? load.jobs.some(({ dryRun }) => dryRun) : isTriedDraft(load),
    partner: { id: String(shop.partner.id), slug: shop.partner.slug, name: shop.partner.name },
    shop: { id: String(shop.id), slug: shop.slug, name: shop.name, timeZone: shop.timeZone },
    startedBy: load.createdByUser?.name ?? null,
    createdAt: load.createdAt.toISOString(),
    delivery: load.delivery,
    currentAttempt: load.currentAttempt,
    completedAttempt: load.completedAttempt,
    attempts: load.attempts.map((attempt) => ({
      number: attempt.number,
      delivery: attempt.delivery,
      status: attempt.status as AttemptStatus,
      dryRun: attempt.dryRun,
      startedBy: attempt.startedByUser?.name ?? null,
      startedVia: attempt.startedVia,
      startedAt: attempt.startedAt.toISOString(),
      seconds: attempt.seconds,
      records: numberOrNull(attempt.records),
      errors: numberOrNull(attempt.errors),
      warnings: numberOrNull(attempt.warnings),
    })),
    files: files!,
    hasFiles: files! > 0 && missing === 0,
    refused: isRefused(facts),
    rerun: can(user, 'load:rerun') ? rerunOffer(facts) : null,
    cancel: can(user, 'load:rerun') ? cancelOffer(status) : null,
    maySend: can(user, 'load:create'),
    mayDownload: can(user, 'file:download'),
    mayBrowseStaging: can(user, 'staging:read'),
  }
})

export type LedgerLine = EntityCounts & { entity: EntityName; stopped: number }
export type MoneyLine = MoneySums & { measure: string }
export type AttemptDetail = {
  number: number
  failure: Failure | null
  /** One line per entity in load order; empty while the attempt has not counted yet. */
  lines: LedgerLine[]
  money: MoneyLine[]
}

/** What one attempt did: counts per entity, sums of money, and why it failed. */
export async function getAttempt(user: CurrentUser, id: string, number: number): Promise<AttemptDetail> {
  authorize(user, 'load:read')
  const attempt = await prisma().attempt.findUnique({
    where: { loadId_number: { loadId: await seenLoad(user, id), number } },
    include: { ledgerLines: true, moneyLines: true },
  })
  if (!attempt) throw notFound(`Attempt ${number} of this load`)
  return {
    number,
    failure: attempt.failure as Failure | null,
    lines: entityNames.flatMap((entity) => attempt.ledgerLines.filter((line) => line.entity === entity)).map((line) => ({
      entity: line.entity as EntityName,
      manifest: Number(line.manifest), records: Number(line.records), staged: Number(line.staged), accepted: Number(line.accepted),
      rejected: Number(line.rejected), superseded: Number(line.superseded), identical: Number(line.identical),
      inserted: Number(line.inserted), updated: Number(line.updated), unchanged: Number(line.unchanged),
      warnings: Number(line.warnings), stopped: Number(line.stopped),
    })),
    money: moneyMeasures.map(({ entity, column }) => `${entity}.${column}`)
      .flatMap((measure) => attempt.moneyLines.filter((line) => line.measure === measure))
      .map((line) => ({
        measure: line.measure, file: line.file.toFixed(2), accepted: line.accepted.toFixed(2), production: line.production.toFixed(2),
      })),
  }
}

export type LoadEvent = { id: string; at: string; actor: string; action: string; detail: Record<string, unknown> }

/** What people and the machine did with a load, newest first. */
export async function listLoadEvents(user: CurrentUser, id: string): Promise<LoadEvent[]> {
  authorize(user, 'load:read')
  const events = await prisma().auditEvent.findMany({
    // What somebody was not shown did not happen to the load.
    where: { objectType: 'load', objectId: String(await seenLoad(user, id)), action: { not: 'look_refused' } },
    include: { user: { select: { name: true } } },
    orderBy: { id: 'desc' },
    take: 200,
  })
  return events.map((event) => ({
    id: String(event.id),
    at: event.at.toISOString(),
    actor: event.user?.name ?? event.actor,
    action: event.action,
    detail: (event.detail ?? {}) as Record<string, unknown>,
  }))
}

function numberOrNull(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}
