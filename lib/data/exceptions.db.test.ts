import type { Connection, RowDataPacket } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CurrentUser } from '#lib/auth/session.ts'
import type { ExceptionCode, Severity } from '#lib/contract/codes.ts'
import type { EntityName } from '#lib/contract/index.ts'
import { testDatabase } from '#lib/db/testing.ts'
import type { Sql } from '#lib/ingest/sql/sql.ts'
import { countsBelow, groupCounts, groupRows, rowsBelow, type GroupKey } from './exceptions-sql.ts'
import { allExceptions, exceptionGroups, exceptionPage, exceptionsBelow, loadWithAttempts, PAGE_SIZE, type Cursor, type ExceptionFilter, type ExceptionRow } from './exceptions.ts'

const support: CurrentUser = { id: '1', email: 'sue@example.com', name: 'Sue', role: 'support', partnerId: null }
const viewer: CurrentUser = { ...support, role: 'viewer', partnerId: null }
const anything: ExceptionFilter = { entity: null, code: null, column: null, severity: null, record: null }

let connection: Connection
let serial = 0

beforeAll(async () => {
  ({ connection } = await testDatabase())
})

type Attempt = { loadId: string; attemptId: string }
type Given = {
  entity: EntityName | null; record: number | null; column: string | null; code: ExceptionCode; severity: Severity
  value?: string | null; key?: string; cause?: [EntityName, number]
}

async function insert(text: string, values: unknown[]): Promise<string> {
  const [{ insertId }] = await connection.query<import('mysql2').ResultSetHeader>(text, values)
  return String(insertId)
}

async function newLoad(): Promise<string> {
  const name = `exceptions-${process.pid}-${serial++}`
  const partnerId = await insert('insert into partner (slug, name) values (?, ?)', [name, name])
  const shopId = await insert('insert into shop (partnerId, slug, name, timeZone) values (?, ?, ?, ?)', [partnerId, name, name, 'America/New_York'])
  return insert("insert into `load` (shopId, slug, status) values (?, ?, 'completed_with_exceptions')", [shopId, name])
}

async function newAttempt(loadId: string, number: number, dryRun = false): Promise<string> {
  return insert("insert into attempt (loadId, number, delivery, status, dryRun, startedVia) values (?, ?, 1, 'completed_with_exceptions', ?, 'cli')", [loadId, number, dryRun])
}

async function attemptWith(given: Given[]): Promise<Attempt> {
  const loadId = await newLoad()
  const attemptId = await newAttempt(loadId, 1)
  if (given.length > 0) {
    await connection.query(
      'insert into load_exception (attemptId, entity, file, line, record, `key`, `column`, code, severity, value, causeEntity, causeRecord) values ?',
      [given.map((x) => [attemptId, x.entity, `${x.entity}.csv`, x.record && x.record + 1, x.record, x.key ?? `K-${x.record}`, x.column, x.code, x.severity, x.value ?? null, x.cause?.[0] ?? null, x.cause?.[1] ?? null])])
  }
  return { loadId, attemptId }
}

async function plan({ text, values }: Sql): Promise<{ key: string; Extra: string }> {
  const [[first]] = await connection.query<RowDataPacket[]>(`explain format=traditional ${text}`, [...values])
  return first as { key: string; Extra: string }
}

const badRate = (record: number): Given => ({ entity: 'customer', record, column: 'defaultLaborRate', code: 'invalid_decimal', severity: 'error', value: `1${record},2` })
const oddEmail = (record: number): Given => ({ entity: 'customer', record, column: 'contactEmail', code: 'invalid_email', severity: 'warning', value: `jane${record}@` })
const below = (entity: EntityName, record: number, cause: number): Given =>
  ({ entity, record, column: 'externalCustomerId', code: 'parent_rejected', severity: 'error', value: `C-${cause}`, cause: ['customer', cause] })

describe('groups', () => {
  test('are counted by severity, entity, code and column: errors first, in load order, the largest first', async () => {
    const { attemptId } = await attemptWith([
      oddEmail(1), oddEmail(2), badRate(3), below('vehicle', 1, 3), below('vehicle', 2, 3),
      { entity: 'vehicle', record: 7, column: 'make', code: 'too_long', severity: 'error', value: 'x' },
      { entity: null, record: null, column: null, code: 'unlisted_file', severity: 'warning' },
    ])
    const groups = await exceptionGroups(support, attemptId)
    expect(groups.map((g) => [g.severity, g.entity, g.code, g.column, g.count])).toEqual([
      ['error', 'customer', 'invalid_decimal', 'defaultLaborRate', 1],
      ['error', 'vehicle', 'parent_rejected', 'externalCustomerId', 2],
      ['error', 'vehicle', 'too_long', 'make', 1],
      ['warning', 'customer', 'invalid_email', 'contactEmail', 2],
      ['warning', null, 'unlisted_file', null, 1],
    ])
    expect(groups[0]).toMatchObject({ title: 'Not a number', samples: ['13,2'] })
  })

  test('show a few different values, masked for viewers where the column is personal', async () => {
    const { attemptId } = await attemptWith([oddEmail(1), oddEmail(1), oddEmail(2), { ...oddEmail(3), value: '' }, oddEmail(4), oddEmail(5), badRate(9)])
    expect((await exceptionGroups(support, attemptId)).map((g) => g.samples)).toEqual([['19,2'], ['jane1@', 'jane2@', 'jane4@']])
    expect((await exceptionGroups(viewer, attemptId)).map((g) => g.samples)).toEqual([['19,2'], ['j•••']])
  })
})

describe('rows', () => {
  test('carry a plain sentence, what to do, and the value; a viewer sees neither value nor sentence unmasked', async () => {
    const { attemptId } = await attemptWith([oddEmail(41)])
    const [row] = (await exceptionPage(support, attemptId, anything)).rows
    expect(row).toMatchObject({ line: 42, record: 41, key: 'K-41', value: 'jane41@', sentence: expect.stringMatching(/^Line 42, contactEmail: “jane41@” is not/) })
    const [masked] = (await exceptionPage(viewer, attemptId, anything)).rows
    expect(masked!.value).toBe('j•••')
    expect(JSON.stringify(masked)).not.toContain('jane')
  })

  test('left out with their parent are folded under the row that caused it, counted by entity, and listed on demand', async () => {
    const { attemptId } = await attemptWith([
      badRate(3), badRate(4), below('vehicle', 1, 3), below('vehicle', 2, 3), below('invoice', 5, 3), ...Array.from({ length: 60 }, (_, i) => below('line_item', i + 1, 3)),
    ])
    const page = await exceptionPage(support, attemptId, anything)
    expect(page.total).toBe(2)
    expect(page.rows.map((row) => [row.record, row.below])).toEqual([
      [3, [{ entity: 'vehicle', count: 2 }, { entity: 'invoice', count: 1 }, { entity: 'line_item', count: 60 }]],
      [4, []],
    ])
    const cause = { entity: 'customer', record: 3 } as const
    const first = await exceptionsBelow(support, attemptId, cause, 'line_item', null)
    const second = await exceptionsBelow(support, attemptId, cause, 'line_item', first.next)
    expect([first.rows.length, second.rows.length, second.next]).toEqual([PAGE_SIZE, 10, null])
    expect(first.rows[0]).toMatchObject({ entity: 'line_item', cause })
  })

  test('left out with their parent are listed when their entity or their group is asked for', async () => {
    const { attemptId } = await attemptWith([badRate(3), below('vehicle', 1, 3)])
    for (const filter of [{ ...anything, entity: 'vehicle' as const }, { ...anything, code: 'parent_rejected' as const }]) {
      const page = await exceptionPage(support, attemptId, filter)
      expect(page.rows.map((row) => [row.entity, row.cause])).toEqual([['vehicle', { entity: 'customer', record: 3 }]])
    }
    expect((await exceptionPage(support, attemptId, { ...anything, severity: 'error' })).total).toBe(1)
  })

  test('below a record with several errors are told once', async () => {
    const { attemptId } = await attemptWith([badRate(3), { ...badRate(3), column: 'doNotChargeTax', code: 'invalid_boolean' }, below('vehicle', 1, 3)])
    expect((await exceptionPage(support, attemptId, anything)).rows.map((row) => row.below.length)).toEqual([1, 0])
  })

  test('of one record are all found by its number', async () => {
    const { attemptId } = await attemptWith([badRate(3), oddEmail(3), oddEmail(4)])
    const page = await exceptionPage(support, attemptId, { ...anything, entity: 'customer', record: 3 })
    expect(page.rows.map((row) => row.code)).toEqual(['invalid_decimal', 'invalid_email'])
    await expect(exceptionPage(support, attemptId, { ...anything, record: 3 })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('turn over page by page across groups, forwards and backwards, each once', async () => {
    const given = [...Array.from({ length: 70 }, (_, i) => badRate(i + 1)), ...Array.from({ length: 45 }, (_, i) => oddEmail(i + 101)), ...Array.from({ length: 20 }, (_, i) => ({ ...oddEmail(i + 201), column: 'contactCell', code: 'invalid_phone' as const }))]
    const { attemptId } = await attemptWith(given)
    const pages: number[][] = []
    let cursor: Cursor = null
    do {
      const page = await exceptionPage(support, attemptId, anything, cursor)
      pages.push(page.rows.map((row) => row.record!))
      cursor = page.next === null ? null : { after: page.next }
    } while (cursor)
    expect(pages.map((p) => p.length)).toEqual([50, 50, 35])
    expect(pages.flat()).toEqual(given.map((x) => x.record))

    const last = await exceptionPage(support, attemptId, anything, { after: (await idsOf(attemptId, pages[1]!.at(-1)!))! })
    const middle = await exceptionPage(support, attemptId, anything, { before: last.previous! })
    const first = await exceptionPage(support, attemptId, anything, { before: middle.previous! })
    expect([first, middle, last].map((p) => p.rows.map((row) => row.record))).toEqual(pages)
    expect([first.previous, first.next, last.next]).toEqual([null, first.rows.at(-1)!.id, null])
  })

  async function idsOf(attemptId: string, record: number): Promise<string | undefined> {
    const [[found]] = await connection.query<RowDataPacket[]>('select id from load_exception where attemptId = ? and record = ?', [attemptId, record])
    return found && String(found.id)
  }

  test('of another load are not reached with its cursor', async () => {
    const other = await attemptWith([badRate(1)])
    const { attemptId } = await attemptWith([badRate(1)])
    const [[foreign]] = await connection.query<RowDataPacket[]>('select id from load_exception where attemptId = ?', [other.attemptId])
    await expect(exceptionPage(support, attemptId, anything, { after: String(foreign!.id) })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('are all read for a download, cascades included, values whole', async () => {
    const long = 'x'.repeat(2_000)
    const { attemptId } = await attemptWith([...Array.from({ length: 2_100 }, (_, i) => badRate(i + 1)), below('vehicle', 1, 3), { ...badRate(9_999), value: long }])
    const all: ExceptionRow[] = []
    for await (const row of allExceptions(support, attemptId, anything)) all.push(row)
    expect(all.length).toBe(2_102)
    expect(all.some((row) => row.value === long)).toBe(true)
    const one = { ...anything, record: 9_999, entity: 'customer' as const }
    expect((await exceptionPage(support, attemptId, one)).rows[0]!.value).toHaveLength(301)
    const found: unknown[] = []
    for await (const { record, value } of allExceptions(support, attemptId, one)) found.push([record, value])
    expect(found).toEqual([[9_999, long]])
  })
})

describe('which attempt', () => {
  test('is the newest that was no dry run, unless one is named', async () => {
    const loadId = await newLoad()
    await newAttempt(loadId, 1)
    const second = await newAttempt(loadId, 2)
    const dry = await newAttempt(loadId, 3, true)
    expect((await loadWithAttempts(support, loadId, null)).attempt?.id).toBe(second)
    expect((await loadWithAttempts(support, loadId, 3)).attempt?.id).toBe(dry)
    await expect(loadWithAttempts(support, loadId, 4)).rejects.toMatchObject({ code: 'not_found' })
    await expect(loadWithAttempts(support, '999999999', null)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('is the one that the load’s page shows: the dry run of a draft, and what is in production where other files were refused since', async () => {
    const draft = await newLoad()
    await newAttempt(draft, 1)
    const dry = await newAttempt(draft, 2, true)
    await connection.query("update `load` set status = 'draft', currentAttempt = 2 where id = ?", [draft])
    expect((await loadWithAttempts(support, draft, null)).attempt?.id).toBe(dry)

    const completed = await newLoad()
    const first = await newAttempt(completed, 1)
    const refused = await newAttempt(completed, 2)
    await connection.query("update attempt set status = 'failed_validation' where id = ?", [refused])
    await connection.query('update `load` set currentAttempt = 2, completedAttempt = 1 where id = ?', [completed])
    expect((await loadWithAttempts(support, completed, null)).attempt?.id).toBe(first)
  })

  test('is none for a load that was never run', async () => {
    expect((await loadWithAttempts(support, await newLoad(), null)).attempt).toBeNull()
  })
})

describe('with many exceptions', () => {
  let attemptId: string
  const group: GroupKey = { severity: 'error', entity: 'customer', code: 'invalid_decimal', column: 'defaultLaborRate' }

  beforeAll(async () => {
    ({ attemptId } = await attemptWith([]))
    const rowsOf = async (severity: Severity, entity: EntityName, column: string, code: ExceptionCode, count: number, caused: boolean) => connection.query(
      `insert into load_exception (attemptId, entity, file, line, record, \`key\`, \`column\`, code, severity, value, causeEntity, causeRecord)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000)
        select ?, ?, 'x.csv', 1, (a.i - 1) * 1000 + b.i, concat('K-', a.i, '-', b.i), ?, ?, ?, '12,34', ?, ${caused ? '1 + b.i % 100' : 'null'}
        from n a join n b where a.i <= ?`, [attemptId, entity, column, code, severity, caused ? 'customer' : null, count / 1000])
    await rowsOf('error', 'customer', 'defaultLaborRate', 'invalid_decimal', 20_000, false)
    await rowsOf('warning', 'customer', 'contactEmail', 'invalid_email', 15_000, false)
    await rowsOf('error', 'vehicle', 'externalCustomerId', 'parent_rejected', 15_000, true)
    await connection.query('analyze table load_exception')
  })

  test('counts of groups come from the index alone', async () => {
    expect(await plan(groupCounts(attemptId))).toMatchObject({ key: 'load_exception_group', Extra: expect.stringContaining('Using index') })
    expect((await plan(groupCounts(attemptId))).Extra).not.toMatch(/temporary|filesort|condition/)
  })

  test('a page in the middle is read from the index in order, without sorting', async () => {
    const deep = await plan(groupRows(attemptId, group, { id: '10000', backwards: false }, 51))
    expect(deep.key).toBe('load_exception_group')
    expect(deep.Extra).not.toMatch(/temporary|filesort/)
  })

  test('what hangs on the rows of a page is counted from the index alone, and listed without sorting', async () => {
    const counted = await plan(countsBelow(attemptId, [{ entity: 'customer', record: 5 }, { entity: 'customer', record: 6 }]))
    expect(counted).toMatchObject({ key: 'load_exception_cause', Extra: expect.stringContaining('Using index') })
    const listed = await plan(rowsBelow(attemptId, { entity: 'customer', record: 5 }, 'vehicle', '0', 51))
    expect(listed.key).toBe('load_exception_cause')
    expect(listed.Extra).not.toMatch(/temporary|filesort/)
  })

  test('groups and the last page answer quickly', async () => {
    const started = performance.now()
    const groups = await exceptionGroups(support, attemptId)
    expect(groups.map((g) => g.count)).toEqual([20_000, 15_000, 15_000])
    const page = await exceptionPage(support, attemptId, anything)
    expect([page.total, page.rows.length]).toEqual([35_000, PAGE_SIZE])
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
