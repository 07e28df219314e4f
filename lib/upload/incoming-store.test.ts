import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Upload } from '@tus/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { IncomingStore } from './incoming-store.ts'

let directory: string
let store: IncomingStore

beforeEach(async () => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'onramp-incoming-')), 'uploads')
  store = new IncomingStore({ directory, expirationPeriodInMilliseconds: 1_000 })
  await store.create(new Upload({ id: 'a', size: 6, offset: 0 }))
})
afterEach(() => rmSync(path.dirname(directory), { recursive: true }))

const from = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)), { objectMode: false })
const written = (text: string) => ({ bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') })
const kept = () => readFileSync(path.join(directory, 'a'), 'utf8')

test('pieces that come one after the other are hashed as they are written', async () => {
  expect(await store.write(from('ab', 'c'), 'a', 0)).toBe(3)
  expect(await store.write(from('def'), 'a', 3)).toBe(6)
  expect(kept()).toBe('abcdef')
  expect(store.arrived('a')).toEqual({ path: path.join(directory, 'a'), written: written('abcdef') })
  expect(store.arrived('a').written).toEqual(written('abcdef'))
})

test('what came before a connection broke is kept, and what it is must be read again', async () => {
  const broken = Readable.from((async function* () {
    yield Buffer.from('ab')
    while (kept() !== 'ab') await sleep(5)
    throw new Error('connection lost')
  })(), { objectMode: false })
  await expect(store.write(broken, 'a', 0)).rejects.toMatchObject({ status_code: 500 })
  const { offset } = await store.getUpload('a')
  expect(offset).toBe(2)
  expect(await store.write(from('cdef'), 'a', offset)).toBe(6)
  expect(kept()).toBe('abcdef')
  expect(store.arrived('a').written).toBeNull()
})

test('of what another process took in nothing is known', async () => {
  await store.write(from('abc'), 'a', 0)
  const other = new IncomingStore({ directory, expirationPeriodInMilliseconds: 1_000 })
  await other.write(from('def'), 'a', 3)
  expect(other.arrived('a').written).toBeNull()
  // The first process would have known half of it.
  await store.write(from(), 'a', 6)
  expect(store.arrived('a').written).toBeNull()
})

test('an upload that is begun again under the same name is hashed from its beginning', async () => {
  await store.write(from('abc'), 'a', 0)
  await store.write(from('xyzxyz'), 'a', 0)
  expect(store.arrived('a').written).toEqual(written('xyzxyz'))
  await store.remove('a')
  expect(store.arrived('a').written).toBeNull()
})
