import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import type { Connection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { FaultyLine } from '#lib/db/faulty-line.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { abandon, connect, pool } from './connect.ts'
import { isAtWork } from './silence.ts'
import { row, rows, run, sql, streamed } from './sql.ts'

const { url, connection: control } = await testDatabase()
const line = await FaultyLine.to(url)
afterAll(() => line.close())

test('DDL in an open transaction is refused and commits nothing; temporary tables, and DDL afterwards, are taken', async () => {
  const db = await connect(url)
  await run(db, sql`create table if not exists guarded (a int)`)
  await db.beginTransaction()
  await run(db, sql`insert into guarded values (1)`)
  await run(db, sql`create temporary table passing (a int)`)
  for (const ddl of [sql`create table more (a int)`, sql`drop table guarded`, sql`  ALTER TABLE guarded add b int`, sql`truncate table guarded`]) {
    await expect(run(db, ddl)).rejects.toThrow('would commit the open transaction')
  }
  await db.rollback()
  expect(await row(db, sql`select count(*) as n from guarded`)).toEqual({ n: 0 })
  await run(db, sql`drop table guarded`)
  await db.end()

  const short = pool(url, 1)
  const tx = await short.getConnection()
  await tx.beginTransaction()
  await expect(run(tx, sql`create table more (a int)`)).rejects.toThrow('would commit the open transaction')
  await tx.rollback()
  tx.release()
  await short.end()
})

describe('a lost connection', () => {
  test('is an error for whoever reads rows one by one, before the first and between two', async () => {
    const read = async (db: Connection) => {
      for await (const _ of streamed(db, sql`select a.seq from (select 1 as seq union select 2) a`)) line.cut()
    }
    const between = await connect(line.url)
    line.fault = ({ text }) => (text.includes('union') ? 'unanswered' : undefined)
    await expect(read(between)).rejects.toMatchObject({ fatal: true })
    line.fault = () => undefined
    const before = await connect(line.url)
    line.cut()
    await expect(read(before)).rejects.toThrow()
  })

  test('that nobody waits for ends nothing else', async () => {
    const idle = [await connect(line.url), ...await Promise.all([1, 2].map(() => pool(line.url, 1)).map(async (p) => (await p.getConnection())))]
    line.cut()
    for (const db of idle) for (let i = 0; i < 3; i++) await expect(db.query('select 1')).rejects.toThrow()
  })

  test('is an error for whoever waits on it also when we close it ourselves, and leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const db = await connect(url, { silentMs: 60_000, atWork: (threadId) => isAtWork(control, threadId) })
    const before = timers()
    const asked = [row(db, sql`select sleep(30) as slept`), row(db, sql`select 1 as one`)].map((answer) => expect(answer).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' }))
    abandon(db)
    await Promise.all(asked)
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('while its settings are made gives an error to whoever wanted it, and the next one is whole', async () => {
    const one = pool(line.url, 1)
    line.fault = ({ text }) => (text.includes('innodb_lock_wait_timeout') ? 'lost' : undefined)
    await expect(one.query('select 1')).rejects.toThrow()
    await expect(connect(line.url)).rejects.toThrow()
    line.fault = () => undefined
    const [[found]] = await one.query('select @@session.time_zone as zone') as unknown as [[{ zone: string }]]
    expect(found.zone).toBe('+00:00')
    await one.end()
  })
})

test('each server reads what is for it alone', async () => {
  line.rewrite = (text) => text.replace(/(max_statement_time|max_execution_time) = 0/g, '$1 = 7')
  const db = await connect(line.url)
  line.rewrite = (text) => text
  const told = await rows<{ Variable_name: string; Value: string }>(db, sql`show session variables where variable_name in ('max_statement_time', 'max_execution_time')`)
  expect(told.map(({ Value }) => Number(Value))).toEqual([7])
  await db.end()
})

describe('a connection that falls silent', () => {
  test('is broken when the server is not at work for it, and left alone while it is', async () => {
    const db = await connect(line.url, { silentMs: 150, atWork: (threadId) => isAtWork(control, threadId) })
    expect(await row(db, sql`select sleep(1.2) as slept`)).toEqual({ slept: 0 })
    line.fault = ({ text }) => (text.includes('silence') ? 'silent' : undefined)
    const asked = performance.now()
    await expect(row(db, sql`select 1 as silence`)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    // The server was idle for some seconds before that could be told from an answer on its way.
    expect(performance.now() - asked).toBeGreaterThan(3_000)
    line.fault = () => undefined
  })

  test('in a pool is broken too, and the next statement gets another', async () => {
    const one = pool(line.url, 1, { silentMs: 150 })
    line.fault = ({ text }) => (text.includes('silence') ? 'silent' : undefined)
    await expect(row(one, sql`select 1 as silence`)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    line.fault = () => undefined
    expect(await row(one, sql`select 1 as answer`)).toEqual({ answer: 1 })
    await one.end()
  })

  test('because its server is gone is noticed within half a minute: the kernel asks for signs of life', async () => {
    const db = await connect(url)
    const { stream } = (db as unknown as { connection: { stream: Socket } }).connection
    const port = (stream.address() as AddressInfo).port.toString(16).toUpperCase().padStart(4, '0')
    const entry = [...readFileSync('/proc/net/tcp', 'utf8').split('\n'), ...readFileSync('/proc/net/tcp6', 'utf8').split('\n')].map((l) => l.trim().split(/\s+/)).find((f) => f[1]?.endsWith(`:${port}`))!
    const [timer, jiffies] = entry[5]!.split(':')
    // Timer 2 is keepalive; a jiffy of /proc is a hundredth of a second.
    expect(timer).toBe('02')
    expect(Number.parseInt(jiffies!, 16)).toBeLessThanOrEqual(1_000)
    await db.end()
  })
})
