import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DiskStore } from './disk.ts'
import { DamagedObject, rawFileKey } from './object-store.ts'

let root: string
let store: DiskStore

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'onramp-store-'))
  store = new DiskStore(root)
})
afterEach(() => rm(root, { recursive: true }))

const from = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((c) => Buffer.from(c)))
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const unfinished = () => readdir(path.join(root, '.unfinished'))

test('what is put comes back byte for byte, with its count and sha256', async () => {
  const bytes = Buffer.from([0, 255, 13, 10, 0xef, 0xbb, 0xbf])
  const written = await store.put('loads/1/1/customers.csv', from(bytes.subarray(0, 3), bytes.subarray(3)))
  expect(written).toEqual({ bytes: 7, sha256: sha256(bytes) })
  expect(await buffer(store.open('loads/1/1/customers.csv'))).toEqual(bytes)
  expect(await buffer(store.open('loads/1/1/customers.csv', { start: 5 }))).toEqual(bytes.subarray(5))
  expect(await store.stat('loads/1/1/customers.csv')).toMatchObject({ bytes: 7 })
})

test('a file of no bytes is an object too', async () => {
  expect(await store.put('loads/1/1/vehicles.csv', from())).toEqual({ bytes: 0, sha256: sha256('') })
  expect(await store.stat('loads/1/1/vehicles.csv')).toMatchObject({ bytes: 0 })
})

test('a stream that breaks off leaves neither the key nor a half file', async () => {
  const broken = Readable.from((async function* () {
    yield Buffer.from('half')
    throw new Error('connection lost')
  })())
  await expect(store.put('loads/1/1/customers.csv', broken)).rejects.toThrow('connection lost')
  expect(await store.stat('loads/1/1/customers.csv')).toBeNull()
  expect(await unfinished()).toEqual([])
})

test('bytes other than expected are refused and the object that was there stays', async () => {
  const good = await store.put('loads/1/1/customers.csv', from('good'))
  await expect(store.put('loads/1/1/customers.csv', from('bad!'), good)).rejects.toThrow(DamagedObject)
  await expect(store.put('loads/1/1/customers.csv', from('goo'), good)).rejects.toThrow(DamagedObject)
  expect((await buffer(store.open('loads/1/1/customers.csv'))).toString()).toBe('good')
  expect(await unfinished()).toEqual([])
})

test('a reader keeps the bytes it began with while the key is written again', async () => {
  const first = Buffer.alloc(1_000_000, 'a')
  await store.put('loads/1/1/customers.csv', from(first))
  const reader = store.open('loads/1/1/customers.csv')
  await new Promise((opened) => reader.once('open', opened))
  await store.put('loads/1/1/customers.csv', from('b'))
  expect(await buffer(reader)).toEqual(first)
})

test('twenty writers of one key leave one whole object', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(50_000))
  await Promise.all(texts.map((text) => store.put('loads/1/1/customers.csv', from(text))))
  const kept = (await buffer(store.open('loads/1/1/customers.csv'))).toString()
  expect(texts).toContain(kept)
  expect(await unfinished()).toEqual([])
})

describe('a file that arrived', () => {
  const key = 'loads/1/1/customers.csv'
  const arrived = async (text: string, folder = root) => {
    const file = path.join(await mkdtemp(path.join(folder, 'arrived-')), 'file')
    await writeFile(file, text)
    return file
  }
  const facts = (text: string) => ({ bytes: text.length, sha256: sha256(text) })
  const content = async () => (await buffer(store.open(key))).toString()

  test('is taken as it lies, without a copy, and stays where it was', async () => {
    const file = await arrived('good')
    expect(await store.take(key, { path: file, written: facts('good') }, facts('good'))).toEqual(facts('good'))
    expect((await stat(path.join(root, key))).ino).toBe((await stat(file)).ino)
    await rm(file)
    expect(await content()).toBe('good')
  })

  test('is read through where nobody noted its bytes', async () => {
    expect(await store.take(key, { path: await arrived('good'), written: null }, facts('good'))).toEqual(facts('good'))
    await expect(store.take(key, { path: await arrived('bad!'), written: null }, facts('good'))).rejects.toThrow(DamagedObject)
    expect(await content()).toBe('good')
  })

  test('of other bytes than expected is refused, and the object that was there stays', async () => {
    await store.take(key, { path: await arrived('good'), written: facts('good') }, facts('good'))
    await expect(store.take(key, { path: await arrived('bad!'), written: facts('bad!') }, facts('good'))).rejects.toThrow(DamagedObject)
    expect(await content()).toBe('good')
    expect(await unfinished()).toEqual([])
  })

  test('may be taken twice, or after another', async () => {
    const file = { path: await arrived('good'), written: facts('good') }
    await store.take(key, file, facts('good'))
    await store.take(key, file, facts('good'))
    expect(await unfinished()).toEqual([])
    await store.take(key, { path: await arrived('better'), written: facts('better') }, facts('better'))
    expect(await content()).toBe('better')
    expect(await unfinished()).toEqual([])
  })

  test('on another file system is copied', async () => {
    const elsewhere = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'onramp-'))
    await store.take(key, { path: await arrived('good', elsewhere), written: null }, facts('good'))
    await rm(elsewhere, { recursive: true })
    expect(await content()).toBe('good')
    expect(await unfinished()).toEqual([])
  })
})

test('list gives the objects below a prefix, whole segments only; delete takes one away', async () => {
  for (const key of ['loads/1/1/b.csv', 'loads/1/1/a.csv', 'loads/1/2/a.csv', 'loads/10/1/a.csv']) await store.put(key, from(key))
  expect((await store.list('loads/1')).map((o) => o.key)).toEqual(['loads/1/1/a.csv', 'loads/1/1/b.csv', 'loads/1/2/a.csv'])
  expect((await store.list('loads/1/1/')).map((o) => o.key)).toHaveLength(2)
  await store.delete('loads/1/1/a.csv')
  await store.delete('loads/1/1/a.csv')
  expect((await store.list('loads/1/1')).map((o) => o.key)).toEqual(['loads/1/1/b.csv'])
  expect(await store.list('loads/99')).toEqual([])
})

test('no key leads out of the store', async () => {
  const keys = ['', '/', '../x', 'a/../../x', 'a//b', '/etc/passwd', 'a\\b', 'a/./b', '.unfinished/x', 'a/\u0000', 'C:x', 'a/b.', 'a/%2e%2e', 'x'.repeat(200)]
  for (const key of keys) {
    await expect(store.put(key, from('x')), key).rejects.toThrow('is not a key')
    await expect(store.stat(key), key).rejects.toThrow('is not a key')
    await expect(store.delete(key), key).rejects.toThrow('is not a key')
    expect(() => store.open(key), key).toThrow('is not a key')
  }
})

test('the key of a raw file is made of the load, its delivery and the name', () => {
  expect(rawFileKey(12n, 3, 'line_items.csv')).toBe('loads/12/3/line_items.csv')
  expect(() => rawFileKey('../1', 1, 'customers.csv')).toThrow()
  expect(() => rawFileKey(1n, 1, '../../manifest.json')).toThrow()
})

describe('a disk', () => {
  test('that takes no more in the middle of a file leaves neither the key nor a half file, and what was there stays', async () => {
    await store.put('loads/1/1/customers.csv', from('good'))
    const script = `
      import { DiskStore } from ${JSON.stringify(path.join(import.meta.dirname, 'disk.ts'))}
      async function* bytes() { for (let i = 0; i < 64; i++) yield Buffer.alloc(16384) }
      await new DiskStore(${JSON.stringify(root)}).put('loads/1/1/customers.csv', bytes()).then(() => console.log('kept'), (error) => console.log(error.code))`
    // Files of this process may have some kilobytes only.
    const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, script], { encoding: 'utf8', cwd: path.join(import.meta.dirname, '../..') })
    expect(stdout.trim(), stderr).toBe('EFBIG')
    expect((await buffer(store.open('loads/1/1/customers.csv'))).toString()).toBe('good')
    expect(await unfinished()).toEqual([])
  })

  test('on which the key cannot appear says so and leaves nothing', async () => {
    await store.put('loads/1/1/customers.csv', from('good'))
    await expect(store.put('loads/1/1/customers.csv/x', from('bad!'))).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) as string })
    expect((await buffer(store.open('loads/1/1/customers.csv'))).toString()).toBe('good')
    expect(await unfinished()).toEqual([])
  })

  test('that gives a file slowly, or not at all, gives all of it or an error', async () => {
    const slow = async function* () {
      for (const piece of ['sl', 'ow', 'ly']) {
        await sleep(5)
        yield Buffer.from(piece)
      }
    }
    expect(await store.put('loads/1/1/vehicles.csv', slow())).toEqual({ bytes: 6, sha256: sha256('slowly') })
    await rm(path.join(root, 'loads/1/1/vehicles.csv'))
    await expect(buffer(store.open('loads/1/1/vehicles.csv'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
