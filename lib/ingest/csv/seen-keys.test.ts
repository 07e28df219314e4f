import fc from 'fast-check'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runs } from '#lib/fuzz/seed.ts'
import { timesMs } from '#lib/fuzz/times.ts'
import { SeenKeys } from './seen-keys.ts'

/** The records that are told, of notes that come in pieces of `size` bytes. */
async function repeating(keys: SeenKeys, notes: Buffer, size = 1 << 18): Promise<number[]> {
  const pieces = Array.from({ length: Math.ceil(notes.length / size) }, (_, i) => notes.subarray(i * size, (i + 1) * size))
  return (await text(Readable.from(keys.repeating(Readable.from(pieces)), { objectMode: false }))).split('\n').slice(0, -1).map(Number)
}

test('every record of a key that comes again is told, in file order, the first one too', { timeout: timesMs(30_000) }, async () => {
  const key = fc.oneof(fc.string({ maxLength: 2 }), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('a', 'A', 'RO-1', 'RO-2', 'RO-10'))
  await fc.assert(fc.asyncProperty(fc.array(key, { maxLength: 60 }), fc.integer({ min: 1, max: 100 }), fc.infiniteStream(fc.integer({ min: 1, max: 70_000 })), async (list, size, steps) => {
    const seen = new SeenKeys(list.length)
    let last = 0
    const records = list.map((one) => ({ one, record: (last += steps.next().value!) }))
    for (const { one, record } of records) {
      if (/^[\0-\x7f]*$/.test(one)) seen.addBytes(record, Buffer.from(`,${one},`), 1, 1 + one.length)
      else seen.add(record, one)
    }
    const wanted = records.filter(({ one }) => list.filter((other) => other === one).length > 1).map(({ record }) => record)
    const told = await repeating(seen, seen.takeNotes(), size)
    expect(told.filter((record) => wanted.includes(record))).toEqual(wanted)
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
    expect(seen.mayRepeat).toBe(told.length > 0)
  }), runs(1000))
})

test('notes of which some are missing are no notes', async () => {
  const seen = new SeenKeys(3)
  for (const record of [1, 2, 3]) seen.add(record, 'K')
  const notes = seen.takeNotes()
  for (const left of [12, 13, 35]) await expect(repeating(seen, notes.subarray(0, left))).rejects.toThrow(`3 keys were noted, and the notes of ${Math.floor(left / 12)} could be read`)
  expect(await repeating(seen, notes)).toEqual([1, 2, 3])
})

test('a key is the same as a text and as bytes', async () => {
  const seen = new SeenKeys(2)
  seen.add(1, 'RO-31960-3')
  seen.addBytes(2, Buffer.from('xRO-31960-3x'), 1, 11)
  expect(await repeating(seen, seen.takeNotes())).toEqual([1, 2])
})

test('of a hundred thousand different keys few are told', async () => {
  const seen = new SeenKeys(100_000)
  for (let i = 1; i <= 100_000; i++) seen.add(i, `SO-${i}/1`)
  expect((await repeating(seen, seen.takeNotes())).length).toBeLessThan(1000)
})

test('where every key comes again all records are told', async () => {
  const seen = new SeenKeys(200_000)
  for (let i = 1; i <= 200_000; i++) seen.add(i, `SO-${i % 100_000}`)
  expect(await repeating(seen, seen.takeNotes())).toHaveLength(200_000)
})

test('ten million keys take little memory, and few of them are told', { timeout: timesMs(60_000) }, async () => {
  const KEYS = 10_000_000
  const before = process.memoryUsage().arrayBuffers
  const seen = new SeenKeys(KEYS)
  const notes: Buffer[] = []
  for (let i = 1; i <= KEYS; i++) {
    seen.add(i, `SO-${i}/1`)
    if (i % 100_000 === 0) notes.push(Buffer.from(seen.takeNotes()))
  }
  const notesBytes = notes.reduce((n, { length }) => n + length, 0)
  expect(seen.mayRepeat).toBe(true)
  expect(process.memoryUsage().arrayBuffers - before - notesBytes).toBeLessThan(1.8 * KEYS + 5_000_000)
  expect((await repeating(seen, Buffer.concat(notes))).length).toBeLessThan(KEYS / 250)
})
