import { randomUUID } from 'node:crypto'
import type { ResultSetHeader } from 'mysql2/promise'
import { NextRequest } from 'next/server'
import { expect, test } from 'vitest'
import { GET as follow } from '../../app/api/v1/loads/[id]/events/route.ts'
import { sessionCookie } from '#lib/auth/cookie.ts'
import { signedIn } from '#lib/auth/testing.ts'
import type { LoadProgress } from '#lib/data/load-progress.ts'
import { testDatabase } from '#lib/db/testing.ts'
import { STREAMS_PER_PERSON } from './open-streams.ts'

const { connection } = await testDatabase()
const insert = async (statement: string, values: unknown[]) => (await connection.query<ResultSetHeader>(statement, values))[0].insertId

/** A load that nobody runs: whoever follows it does so until it is said to have ended. */
async function newLoad(): Promise<string> {
  const partner = await insert('insert into partner (slug, name) values (?, ?)', [randomUUID(), 'Garage Nine'])
  const shop = await insert("insert into shop (partnerId, slug, name, timeZone) values (?, '0112', 'Elm Street Auto', 'UTC')", [partner])
  return String(await insert("insert into `load` (shopId, slug, status) values (?, '2026-01-01_nine', 'queued')", [shop]))
}

type Stream = { answer: Response; leave: () => void }
async function open(token: string, load: string): Promise<Stream> {
  const leaving = new AbortController()
  const request = new NextRequest('http://onramp.test/api/v1/loads/1/events', { headers: { cookie: `${sessionCookie()}=${token}` }, signal: leaving.signal })
  return { answer: await follow(request, { params: Promise.resolve({ id: load }) }), leave: () => leaving.abort() }
}

test('one person may follow so many loads at once, and is told what to do about more; a stream that is over in any way makes room', async () => {
  const [load, ending] = [await newLoad(), await newLoad()]
  const [person, other] = [await signedIn(connection, 'viewer'), await signedIn(connection, 'viewer')]
  const streams: Stream[] = []
  for (let n = 0; n < STREAMS_PER_PERSON; n++) streams.push(await open(person.token, n === 2 ? ending : load))
  const statusOfNext = async () => {
    const next = await open(person.token, load)
    next.leave()
    return next.answer.status
  }
  expect(streams.map(({ answer }) => answer.status)).toEqual(Array(STREAMS_PER_PERSON).fill(200))

  const { answer } = await open(person.token, load)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30'])
  expect(await answer.json()).toMatchObject({ error: { code: 'too_many_requests', message: expect.stringMatching(/^You follow 20 loads already.* Close a page that follows one;/) } })
  streams.push(await open(other.token, load))
  expect(streams.at(-1)!.answer.status).toBe(200)

  // Left without having been read, given up, and ended by the load itself. Saying so twice makes room once.
  streams[0]!.leave()
  streams[0]!.leave()
  streams.push(await open(person.token, load))
  expect([streams.at(-1)!.answer.status, await statusOfNext()]).toEqual([200, 429])
  await streams[1]!.answer.body!.cancel()
  streams[1]!.leave()
  streams.push(await open(person.token, load))
  expect([streams.at(-1)!.answer.status, await statusOfNext()]).toEqual([200, 429])
  await connection.query("update `load` set status = 'failed' where id = ?", [ending])
  expect(await streams[2]!.answer.text()).toContain('event: end')
  streams.push(await open(person.token, load))
  expect([streams.at(-1)!.answer.status, await statusOfNext()]).toEqual([200, 429])
  for (const { leave } of streams) leave()
  expect(await statusOfNext()).toBe(200)
})

test('between changes the clocks go on: of the queue, the steps and the worker', async () => {
  const load = await newLoad()
  await insert("insert into job (loadId, shopId, status, requestedVia) select id, shopId, 'queued', 'cli' from `load` where id = ?", [load])
  const { answer, leave } = await open((await signedIn(connection, 'viewer')).token, load)
  let text = ''
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.includes('event: ping')) break
  }
  leave()
  const told = (name: string) => JSON.parse(new RegExp(`event: ${name}\ndata: (.*)`).exec(text)![1]!) as LoadProgress
  expect(told('ping')).toMatchObject({ status: 'queued', queue: { ahead: told('progress').queue!.ahead } })
  expect(told('ping').queue!.waitingSeconds).toBeGreaterThan(told('progress').queue!.waitingSeconds)
})
