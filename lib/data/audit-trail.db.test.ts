import { beforeAll, describe, expect, test } from 'vitest'
import type { AuditEntry } from '#lib/audit/event.ts'
import { signedIn } from '#lib/auth/testing.ts'
import type { CurrentUser } from '#lib/auth/session.ts'
import { csvLines, type CsvCell } from '#lib/csv-export.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { appendAudit } from '#lib/audit/append.ts'
import { run, sql } from '#lib/ingest/sql/sql.ts'
import { auditDownloadQuery, auditQuery, type AuditFilter } from './audit-query.ts'
import { auditDownload, auditPage, auditPeople } from './audit-trail.ts'

const { connection } = await testDatabase('audit_trail')
const NO_FILTER: AuditFilter = { who: null, action: null, object: null, id: null, from: null, to: null }
let admin: CurrentUser
let others: CurrentUser[]

beforeAll(async () => {
  admin = (await signedIn(connection, 'admin')).user
  others = await Promise.all((['viewer', 'support', 'engineer'] as const).map(async (role) => (await signedIn(connection, role)).user))
  await run(connection, sql`insert into partner (id, slug, name) values (7, 'p', '=1+1')`)
  const entry = (user: CurrentUser | null, more: Pick<AuditEntry, 'action' | 'objectType' | 'objectId'> & Partial<AuditEntry>): AuditEntry => ({ user, actor: 'cli', ...more })
  for (let i = 1; i <= 120; i++) {
    await appendAudit(connection, i % 2
      ? entry(others[1]!, { action: 'load_sent', objectType: 'load', objectId: String(i % 5), detail: { delivery: i } })
      : entry(null, { action: 'attempt_ended', objectType: 'load', objectId: String(i % 5) }))
  }
  await appendAudit(connection, entry(admin, { action: 'partner_created', objectType: 'partner', objectId: '7', detail: { slug: '=HYPERLINK("x")' } }))
  await run(connection, sql`update audit_event set at = '2026-01-01 00:00:00' - interval 200 day where id <= 10`)
})

const numbers = (rows: readonly { number: string }[]) => rows.map(({ number }) => Number(number))

describe('the pages of the audit trail', () => {
  test('lead from the newest event to the oldest and back, without losing one', async () => {
    const first = await auditPage(admin, NO_FILTER)
    const second = await auditPage(admin, NO_FILTER, { after: first.next! })
    const third = await auditPage(admin, NO_FILTER, { after: second.next! })
    expect(first.previous).toBeNull()
    expect(third.next).toBeNull()
    const all = [...numbers(first.rows), ...numbers(second.rows), ...numbers(third.rows)]
    expect(all).toEqual(Array.from({ length: all.length }, (_, i) => all.length - i))
    expect(await auditPage(admin, NO_FILTER, { before: third.previous! })).toEqual(second)
    expect(numbers((await auditPage(admin, NO_FILTER, { before: second.previous! })).rows)).toEqual(numbers(first.rows))
  })

  test('tell who, what and on what, with the names of people and things', async () => {
    const { rows } = await auditPage(admin, { ...NO_FILTER, action: 'partner_created' })
    expect(rows).toEqual([expect.objectContaining({
      said: 'Partner added', who: { actor: admin.email, name: admin.name, accountId: admin.id }, object: { type: 'partner', id: '7', label: '=1+1' }, detail: { slug: '=HYPERLINK("x")' },
    })])
  })

  test('can be narrowed by who, what, on what and when', async () => {
    const count = async (filter: Partial<AuditFilter>) => {
      let found = 0
      for (let cursor: { after: string } | null = null; ;) {
        const page: Awaited<ReturnType<typeof auditPage>> = await auditPage(admin, { ...NO_FILTER, ...filter }, cursor)
        found += page.rows.length
        if (page.next === null) return found
        cursor = { after: page.next }
      }
    }
    expect(await count({ who: others[1]!.id })).toBe(60)
    expect(await count({ who: 'machine', action: 'attempt_ended' })).toBe(60)
    expect(await count({ object: 'load', id: '3' })).toBe(24)
    expect(await count({ who: 'machine', object: 'load', id: '3' })).toBe(12)
    expect(await count({ to: new Date('2026-01-01T00:00:00Z') })).toBe(10)
    expect(await count({ from: new Date('2026-01-01T00:00:00Z'), object: 'load' })).toBe(110)
  })

  test('are for admins only', async () => {
    for (const user of others) {
      await expect(auditPage(user, NO_FILTER)).rejects.toThrow('Your role does not allow you to read the audit trail.')
      await expect(auditPeople(user)).rejects.toThrow('does not allow')
      await expect(auditDownload(user, NO_FILTER)).rejects.toThrow('does not allow')
    }
    expect((await auditPeople(admin)).map(({ id }) => id)).toEqual(expect.arrayContaining([admin.id, ...others.map(({ id }) => id)]))
  })
})

test('a download has every event that the filter takes, is safe in a spreadsheet, and is an event itself', async () => {
  const { header, rows, name } = await auditDownload(admin, { ...NO_FILTER, object: 'load' })
  const cells: CsvCell[][] = []
  for await (const row of rows) cells.push(row)
  expect(name).toMatch(/^audit_\d{4}-\d\d-\d\d\.csv$/)
  expect(cells).toHaveLength(120)
  expect(cells[0]).toHaveLength(header.length)
  expect(cells.map(([number]) => Number(number))).toEqual(cells.map(([number]) => Number(number)).toSorted((a, b) => a - b))
  expect((await auditPage(admin, { ...NO_FILTER, action: 'audit_downloaded' })).rows[0]).toMatchObject({ who: { accountId: admin.id }, detail: { object: 'load', who: null } })
  const partner: CsvCell[][] = []
  for await (const row of (await auditDownload(admin, { ...NO_FILTER, object: 'partner' })).rows) partner.push(row)
  for (const line of csvLines(partner).split('\r\n').filter(Boolean)) expect(line).not.toMatch(/(^|,)"?[=+@]/)
})

test('the query takes ids, fixed words and moments, and nothing else', () => {
  expect(auditQuery.parse({ who: 'machine', action: 'login', object: 'user', id: '3', from: '2026-01-01T00:00:00Z', after: '9' }))
    .toEqual({ filter: { who: 'machine', action: 'login', object: 'user', id: '3', from: new Date('2026-01-01'), to: null }, cursor: { after: '9' } })
  for (const wrong of [{ who: 'ann@example.com' }, { action: 'dance' }, { object: '__proto__' }, { id: '1 or 1=1' }, { from: 'yesterday' }, { after: '-1' }]) {
    expect(auditQuery.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
  }
  expect(auditDownloadQuery.parse({})).toEqual(NO_FILTER)
})
