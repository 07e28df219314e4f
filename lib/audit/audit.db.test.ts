import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordAudit } from '#lib/data/audit.ts'
import { prisma } from '#lib/data/prisma.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { seedOfRun } from '#lib/fuzz/seed.ts'
import { times } from '#lib/fuzz/times.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { row, run, sql } from '#lib/ingest/sql/sql.ts'
import { inTransaction } from '#lib/jobs/transaction.ts'
import { random, type Random } from '#lib/sample/random.ts'
import { anchoredNumbers, writeAnchor } from './anchors.ts'
import { appendAudit } from './append.ts'
import type { AuditEntry } from './event.ts'
import { verifyAudit, verifyTrail, type Verified } from './verify.ts'

const { connection, url } = await testDatabase('audit')
const anchors = mkdtempSync(path.join(tmpdir(), 'onramp-anchors-'))
afterAll(() => rmSync(anchors, { recursive: true, force: true }))

const entry = (objectId: string): AuditEntry => ({ user: null, actor: 'cli', action: 'load_sent', objectType: 'load', objectId, detail: { delivery: 1, name: 'Ünï ‘x’ \\ "' } })
const end = async () => (await row<{ number: number }>(connection, sql`select number from audit_chain where id = 1`))!.number

// The trail that everything below begins with: 40 events, an anchor at 10 and one at 30.
beforeAll(async () => {
  for (let i = 1; i <= 40; i++) {
    await appendAudit(connection, entry(String(i)))
    if (i === 10 || i === 30) expect(await writeAnchor(connection, anchors)).toBe(true)
  }
})

test('a trail that nobody touched is intact, with all its anchors; anchors are written once, readable by their owner only', async () => {
  expect(await verifyAudit(url, anchors)).toMatchObject({ ok: true, events: 40, anchors: 2, lastAnchor: { number: '30' }, problem: null })
  expect(readdirSync(anchors).sort()).toEqual(['000000000000010.json', '000000000000030.json'])
  for (const name of readdirSync(anchors)) expect(statSync(path.join(anchors, name)).mode & 0o777).toBe(0o400)
})

/** Does it in a transaction, looks at the trail, and takes it back. */
async function afterTampering(tamper: (tx: Connection) => Promise<unknown>): Promise<Verified> {
  await connection.beginTransaction()
  try {
    await tamper(connection)
    return await verifyTrail(connection, anchoredNumbers(anchors), anchors)
  } finally {
    await connection.rollback()
  }
}

test('an edit, a deletion and an insertion are named by the first event that does not fit', async () => {
  const edited = await afterTampering((tx) => run(tx, sql`update audit_event set actor = 'somebody else' where id = 17`))
  expect(edited.problem).toMatchObject({ kind: 'changed', number: '17', message: expect.stringContaining('load_sent') })
  const deleted = await afterTampering((tx) => run(tx, sql`delete from audit_event where id in (20, 21)`))
  expect(deleted.problem).toEqual({ kind: 'missing', number: '20', message: 'Events 20 to 21 are missing.' })
  const added = await afterTampering((tx) => run(tx, sql`insert into audit_event (actor, action, objectType, objectId) values ('cli', 'login', 'user', '1')`))
  expect(added.problem).toMatchObject({ kind: 'changed', number: '41' })
  const cut = await afterTampering(async (tx) => {
    await run(tx, sql`delete from audit_event where id > 25`)
    await run(tx, sql`update audit_chain join audit_event on audit_event.id = 25 set audit_chain.number = 25, audit_chain.hash = audit_event.hash`)
  })
  expect(cut.problem).toMatchObject({ kind: 'missing', number: '26', message: expect.stringMatching(/ends at event 25, but an anchor of .* knows event 30/) })
  const noted = await afterTampering((tx) => run(tx, sql`update audit_chain set number = 39`))
  expect(noted.problem).toMatchObject({ kind: 'end', number: '39' })
})

const COLUMNS = ['at', 'userId', 'actor', 'action', 'objectType', 'objectId', 'detail', 'hash'] as const

async function edit(tx: Connection, r: Random): Promise<string> {
  const [column, id] = [r.of(COLUMNS), r.int(1, 40)]
  const values = { at: '2020-01-01 00:00:00.000', userId: 1, actor: `x${r.next()}`, action: 'login', objectType: 'user', objectId: `${r.next()}`, detail: `{"n":${r.int(2, 9)}}`, hash: Buffer.alloc(32, r.int(0, 255)) }
  if (column === 'userId') await run(tx, sql`insert into \`user\` (id, email, name, role) values (1, 'a@example.com', 'A', 'viewer')`)
  await tx.query('update audit_event set ?? = ? where id = ?', [column, values[column], id])
  return `${column} of ${id}`
}

async function remove(tx: Connection, r: Random): Promise<string> {
  const [from, count] = [r.int(1, 39), r.int(1, 5)]
  await run(tx, sql`delete from audit_event where id between ${from} and ${Math.min(from + count - 1, 39)}`)
  // Now and then the gap is closed, so that only the hashes tell.
  const close = r.chance(0.5)
  if (close) await run(tx, sql`update audit_event set id = id - ${Math.min(count, 40 - from)} where id > ${from} order by id`)
  return `${from} and ${count - 1} more, ${close ? 'closed' : 'open'}`
}

async function swap(tx: Connection, r: Random): Promise<string> {
  const a = r.int(1, 39)
  const b = r.int(a + 1, 40)
  for (const [from, to] of [[a, -1], [b, a], [-1, b]]) await run(tx, sql`update audit_event set id = ${to} where id = ${from}`)
  return `${a} and ${b}`
}

async function insert(tx: Connection, r: Random): Promise<string> {
  const [at, like] = [r.int(1, 40), r.int(1, 40)]
  await run(tx, sql`update audit_event set id = id + 1 where id > ${at} order by id desc`)
  // A copy of a true event, with its own hash.
  await run(tx, sql`insert into audit_event (id, at, userId, actor, action, objectType, objectId, detail, hash)
    select ${at + 1}, at, userId, actor, action, objectType, objectId, detail, hash from audit_event where id = ${like > at ? like + 1 : like}`)
  if (r.chance(0.5)) await run(tx, sql`update audit_chain set number = 41, hash = (select hash from audit_event where id = 41)`)
  return `after ${at} like ${like}`
}

async function cut(tx: Connection, r: Random): Promise<string> {
  // What comes after the last anchor can be cut off unseen by whoever may also change the note of the end.
  const noted = r.chance(0.5)
  const last = r.int(0, noted ? 29 : 39)
  await run(tx, sql`delete from audit_event where id > ${last}`)
  if (noted) await run(tx, sql`update audit_chain set number = ${last}, hash = coalesce((select hash from audit_event where id = ${last}), repeat(char(0), 32))`)
  return `to ${last}${noted ? ', noted' : ''}`
}

const TAMPERS = times(200)

test(`${TAMPERS} random edits, deletions, swaps, insertions and cuts are all found`, async () => {
  const seed = seedOfRun()
  const ways = { edit, remove, swap, insert, cut }
  for (let i = 0; i < TAMPERS; i++) {
    const r = random(seed, i)
    const way = r.of(Object.keys(ways) as (keyof typeof ways)[])
    let what = ''
    const { ok } = await afterTampering(async (tx) => { what = await ways[way](tx, r) })
    expect(ok, `SEED=${seed}, tamper ${i}: ${way} ${what}`).toBe(false)
  }
  expect(await verifyAudit(url, anchors)).toMatchObject({ ok: true, events: 40 })
})

test('an anchor that somebody changed is found; one that a power failure left empty says nothing', async () => {
  const file = path.join(anchors, '000000000000020.json')
  writeFileSync(file, JSON.stringify({ number: '20', hash: 'ab'.repeat(32), at: '2026-01-01T00:00:00.000Z' }))
  expect((await verifyAudit(url, anchors)).problem).toMatchObject({ kind: 'anchor', number: '20' })
  writeFileSync(file, 'x')
  expect((await verifyAudit(url, anchors)).problem).toMatchObject({ kind: 'anchor', number: '20', message: expect.stringContaining('cannot be read') })
  writeFileSync(file, '')
  expect(await verifyAudit(url, anchors)).toMatchObject({ ok: true, anchors: 2 })
  rmSync(file)
})

test('fifty writers at once make one chain without a fork, and what is rolled back leaves no gap', async () => {
  const [writers, each] = [50, times(25)]
  const before = await end()
  const db = pool(url, writers)
  const wanted = await Promise.all(Array.from({ length: writers }, async (_, writer) => {
    let committed = 0
    for (let i = 0; i < each; i++) {
      const gone = (writer + i) % 5 === 0
      await inTransaction(db, async (tx) => {
        await appendAudit(tx, entry(`${writer}-${i}`))
        if (gone) throw new Error('given up')
        committed++
      }).catch((error: Error) => expect(error.message).toBe('given up'))
    }
    return committed
  }))
  await db.end()
  const written = wanted.reduce((sum, n) => sum + n, 0)
  expect(await end()).toBe(before + written)
  expect(await verifyAudit(url, anchors)).toMatchObject({ ok: true, events: before + written })
})

test('the portal’s own transactions write the same trail: with the change, or not at all', async () => {
  const before = await end()
  await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 === 0
    ? recordAudit(prisma(), entry(`p${i}`))
    : prisma().$transaction(async (tx) => {
      await tx.partner.create({ data: { slug: `p${i}`, name: 'P' } })
      await recordAudit(tx, entry(`p${i}`))
    }))))
  await expect(prisma().$transaction(async (tx) => {
    await recordAudit(tx, entry('gone'))
    throw new Error('given up')
  })).rejects.toThrow('given up')
  expect(await end()).toBe(before + 12)
  expect(await verifyAudit(url, anchors)).toMatchObject({ ok: true, events: before + 12 })
})

test('whoever has not the key that the trail was begun with is told so, and nothing is written', async () => {
  const other = await connect(url)
  await other.beginTransaction()
  await run(other, sql`update audit_chain set keyId = 'another key here'`)
  await expect(appendAudit(other, entry('1'))).rejects.toThrow('is not the one that the audit trail was begun with')
  await run(other, sql`update audit_chain set keyId = null`)
  await expect(appendAudit(other, entry('1'))).rejects.toThrow('onramp db migrate')
  await other.rollback()
  await other.end()
})

test('changes of an account and events of the same account, at once, do not block each other for good', async () => {
  await run(connection, sql`insert into \`user\` (id, email, name, role) values (5, 'five@example.com', 'Five', 'viewer')`)
  const db = pool(url, 8)
  const five = { ...entry('five'), user: { id: 5, email: 'five@example.com' } }
  // What a deadlock would end: no transaction is run again here.
  const once = async (work: (tx: Connection) => Promise<unknown>) => {
    const tx = await db.getConnection()
    try {
      await tx.beginTransaction()
      await work(tx)
      await tx.commit()
    } catch (error) {
      await tx.rollback()
      throw error
    } finally {
      tx.release()
    }
  }
  const before = await end()
  await Promise.all(Array.from({ length: 60 }, (_, i) => once(async (tx) => {
    if (i % 2) await run(tx, sql`update \`user\` set lastLoginAt = now(3) where id = 5`)
    await appendAudit(tx, five)
  })))
  await db.end()
  expect(await end()).toBe(before + 60)
})
