import 'server-only'
import { auditActions, type AuditAction, type AuditDetail, type AuditObject } from '#lib/audit/event.ts'
import { authorize } from '#lib/auth/permissions.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { downloadName, type CsvCell } from '#lib/csv-export.ts'
import { join, raw, rows, sql, type Sql } from '#lib/ingest/sql/sql.ts'
import { recordAudit } from './audit.ts'
import type { AuditCursor, AuditFilter } from './audit-query.ts'
import { database } from './database.ts'
import type { Download } from './exception-downloads.ts'
import { prisma } from './prisma.ts'

export type AuditRow = {
  number: string; at: string; action: AuditAction; said: string
  /** `name` is null for what no account did. */
  who: { actor: string; name: string | null; accountId: string | null }
  /** `label` is what people call it; null when it has no name, or is gone. */
  object: { type: AuditObject; id: string; label: string | null }
  detail: AuditDetail
}
export type AuditPage = { rows: AuditRow[]; next: string | null; previous: string | null }

const PAGE_SIZE = 50
// Rows read at a time for a download.
const PIECE = 1_000

type Stored = {
  number: string; at: Date; userId: string | null; name: string | null; actor: string; action: AuditAction
  objectType: AuditObject; objectId: string; detail: string | null; hash: string
}

function read(conditions: readonly Sql[], order: 'asc' | 'desc', limit: number): Promise<Stored[]> {
  return rows<Stored>(database(), sql`
    select cast(event.id as char) as number, event.at, cast(event.userId as char) as userId, account.name, event.actor, event.action, event.objectType, event.objectId,
      cast(event.detail as char) as detail, lower(hex(event.hash)) as hash
    from audit_event event left join \`user\` account on account.id = event.userId
    where ${conditions.length > 0 ? join(conditions, ' and ') : raw('true')} order by event.id ${raw(order)} limit ${limit}`)
}

function conditionsOf({ who, action, object, id, from, to }: AuditFilter): Sql[] {
  return [
    who === 'machine' ? sql`event.userId is null` : who !== null && sql`event.userId = ${who}`,
    action !== null && sql`event.action = ${action}`,
    object !== null && sql`event.objectType = ${object}`,
    object !== null && id !== null && sql`event.objectId = ${id}`,
    from !== null && sql`event.at >= ${from}`,
    to !== null && sql`event.at < ${to}`,
  ].filter((condition) => condition !== false)
}

/** A page of the audit trail, newest first. */
export async function auditPage(user: CurrentUser, filter: AuditFilter, cursor: AuditCursor = null): Promise<AuditPage> {
  authorize(user, 'audit:read')
  const backwards = cursor !== null && 'before' in cursor
  const beyond = cursor === null ? [] : [backwards ? sql`event.id > ${cursor.before}` : sql`event.id < ${(cursor as { after: string }).after}`]
  const found = await read([...conditionsOf(filter), ...beyond], backwards ? 'asc' : 'desc', PAGE_SIZE + 1)
  const hasMore = found.length > PAGE_SIZE
  const page = found.slice(0, PAGE_SIZE)
  if (backwards) page.reverse()
  const [first, last] = [page[0]?.number ?? null, page.at(-1)?.number ?? null]
  const labels = await labelsOf(page)
  return {
    rows: page.map((stored): AuditRow => ({
      number: stored.number, at: stored.at.toISOString(), action: stored.action, said: auditActions[stored.action] ?? stored.action,
      who: { actor: stored.actor, name: stored.name, accountId: stored.userId },
      object: { type: stored.objectType, id: stored.objectId, label: labels.get(`${stored.objectType} ${stored.objectId}`) ?? null },
      detail: stored.detail === null ? {} : JSON.parse(stored.detail) as AuditDetail,
    })),
    next: backwards || hasMore ? last : null,
    previous: backwards ? (hasMore ? first : null) : cursor === null ? null : first,
  }
}

const NAMES: Partial<Record<AuditObject, (ids: readonly string[]) => Sql>> = {
  user: (ids) => sql`select cast(id as char) as id, name from \`user\` where id in (${ids})`,
  partner: (ids) => sql`select cast(id as char) as id, name from partner where id in (${ids})`,
  shop: (ids) => sql`select cast(id as char) as id, name from shop where id in (${ids})`,
  load: (ids) => sql`select cast(id as char) as id, slug as name from \`load\` where id in (${ids})`,
  invoice: (ids) => sql`select cast(id as char) as id, coalesce(externalDocumentId, id) as name from invoice where id in (${ids})`,
}

/** What people call the objects of these events, by type and id. */
async function labelsOf(events: readonly Stored[]): Promise<Map<string, string>> {
  const labels = new Map<string, string>()
  for (const [type, of] of Map.groupBy(events, ({ objectType }) => objectType)) {
    const ids = [...new Set(of.map(({ objectId }) => objectId))].filter((id) => /^\d{1,18}$/.test(id))
    const statement = ids.length > 0 ? NAMES[type]?.(ids) : undefined
    if (!statement) continue
    for (const { id, name } of await rows<{ id: string; name: string }>(database(), statement)) labels.set(`${type} ${id}`, name)
  }
  return labels
}

export type AuditPerson = { id: string; name: string; email: string }
const MOST_PEOPLE = 500

/** Whose events can be asked for. */
export async function auditPeople(user: CurrentUser): Promise<AuditPerson[]> {
  authorize(user, 'audit:read')
  const people = await prisma().user.findMany({ select: { id: true, name: true, email: true }, orderBy: [{ name: 'asc' }, { id: 'asc' }], take: MOST_PEOPLE })
  return people.map(({ id, name, email }) => ({ id: String(id), name, email }))
}

const HEADER = ['number', 'at', 'who', 'name', 'account', 'action', 'object', 'object_id', 'detail', 'hash']

/** Every event that the filter takes, oldest first. That somebody took them is an event too. */
export async function auditDownload(user: CurrentUser, filter: AuditFilter): Promise<Download> {
  authorize(user, 'audit:read')
  const { who, action, object, id, from, to } = filter
  await recordAudit(prisma(), {
    user, action: 'audit_downloaded', objectType: 'installation', objectId: '1',
    detail: { who, action, object, id, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null },
  })
  return { name: downloadName('audit', new Date().toISOString().slice(0, 10)), header: HEADER, rows: cells(filter) }
}

async function* cells(filter: AuditFilter): AsyncGenerator<CsvCell[]> {
  for (let after = '0'; ;) {
    const page = await read([...conditionsOf(filter), sql`event.id > ${after}`], 'asc', PIECE)
    for (const e of page) yield [e.number, e.at.toISOString(), e.actor, e.name, e.userId, e.action, e.objectType, e.objectId, e.detail, e.hash]
    if (page.length < PIECE) return
    after = page.at(-1)!.number
  }
}
