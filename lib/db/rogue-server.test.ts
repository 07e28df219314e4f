import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, expect, test } from 'vitest'
import { readHealth } from '#lib/data/health.ts'
import { connect, pool } from '#lib/ingest/sql/connect.ts'
import { sql } from '#lib/ingest/sql/sql.ts'
import { loadStream } from '#lib/ingest/steps/stage.ts'
import { startRogue, type Rogue } from './rogue-server.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-rogue-'))
const file = path.join(folder, 'passwd')
writeFileSync(file, 'root:x:0:0:the secrets of this machine\n')
afterAll(() => rmSync(folder, { recursive: true }))

let rogue: Rogue
afterEach(() => rogue.stop())

const version = { name: 'version', value: '8.4.0' }
const setUp = (query: string) => (/^set /i.test(query) ? 'ok' : /version\(\)/i.test(query) ? version : null)
/** It gets nothing to talk to either: a server that asks for files is not ours. */
const closed = () => expect.poll(() => rogue.open()).toBe(0)
const failure = (work: Promise<unknown>) => work.then(() => null, (error: unknown) => error)

test.each([false, true])('a connection (for loading: %s) sends no file to a server that asks for one at its first query', async (localInfile) => {
  rogue = await startRogue(file)
  expect(await failure(connect(rogue.url, { localInfile }))).toBeInstanceOf(Error)
  expect(rogue).toMatchObject({ asked: 1, received: [], offered: [localInfile] })
  await closed()
})

test('a connection for loading sends no file between two loads', async () => {
  rogue = await startRogue(file, setUp)
  const connection = await connect(rogue.url, { localInfile: true })
  expect(await failure(connection.query('select 1'))).toBeInstanceOf(Error)
  expect(rogue).toMatchObject({ asked: 1, received: [] })
  await closed()
})

test('a load sends the stream it was made for, whatever file the server names', async () => {
  rogue = await startRogue(file, (query) => (query.startsWith('load data') ? null : (setUp(query) ?? 'ok')))
  const connection = await connect(rogue.url, { localInfile: true })
  await failure(loadStream(connection, sql`load data local infile 'stream' into table t`, Readable.from([Buffer.from('1\tours\n')])))
  expect(rogue.asked).toBe(1)
  expect(Buffer.concat(rogue.received).toString()).toBe('1\tours\n')
  connection.destroy()
})

test('the pool sends no file', async () => {
  rogue = await startRogue(file, setUp)
  const connections = pool(rogue.url, 2)
  expect(await failure(connections.query('select 1'))).toBeInstanceOf(Error)
  expect(rogue.asked).toBeGreaterThan(0)
  expect(rogue.received).toEqual([])
  expect(rogue.offered).toEqual([false])
  await closed()
  await connections.end()
})

test.each(['a query', 'a transaction'] as const)('Prisma sends no file in answer to %s', async (what) => {
  rogue = await startRogue(file, setUp)
  process.env.DATABASE_URL = rogue.url
  const { newPrisma } = await import('#lib/data/prisma.ts')
  const client = newPrisma()
  const asked = what === 'a query' ? client.$queryRaw`select 1` : client.$transaction((tx) => tx.$queryRaw`select 1`)
  expect(await failure(asked)).toBeInstanceOf(Error)
  expect(rogue.asked).toBeGreaterThan(0)
  expect(rogue.received).toEqual([])
  expect(rogue.offered).not.toContain(true)
  await closed()
  await client.$disconnect()
})

test.each([0, 1, 2, 3])('what the health page asks by itself sends no file, also when the server asks after %i honest answers', async (honest) => {
  let queries = 0
  rogue = await startRogue(file, () => (queries++ < honest ? version : null))
  process.env.DATABASE_URL = rogue.url
  const { state, checks } = await readHealth({ id: '1', email: 'erin@example.com', name: 'Erin', role: 'engineer', partnerId: null })
  expect([state, checks[0]]).toMatchObject(['down', { name: 'database', state: 'down' }])
  expect(rogue).toMatchObject({ asked: 1, received: [], offered: [false] })
  await closed()
})
