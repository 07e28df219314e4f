import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Spool } from './spool.ts'

const before = process.env.TMPDIR
const folder = mkdtempSync(path.join(tmpdir(), 'onramp-spool-test-'))
beforeAll(() => {
  process.env.TMPDIR = folder
})
afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  rmSync(folder, { recursive: true })
})

async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const copies: Buffer[] = []
  for await (const piece of pieces) copies.push(Buffer.from(piece))
  return Buffer.concat(copies).toString()
}

const ways: [string, (spool: Spool) => Promise<AsyncIterable<Buffer>>][] = [['as a stream', (spool) => spool.read()], ['in pieces', (spool) => Promise.resolve(spool.pieces())]]

test.each(ways)('what is written comes back in order, little from memory, %s', async (_, read) => {
  const spool = new Spool()
  expect(spool.isEmpty).toBe(true)
  await spool.write('')
  expect(spool.isEmpty).toBe(true)
  await spool.write('a\n')
  await spool.write('é😀\n')
  expect(spool.isEmpty).toBe(false)
  expect(await textOf(await read(spool))).toBe('a\né😀\n')
  expect(spool.isEmpty).toBe(false)
  expect(readdirSync(folder)).toEqual([])
  await spool.close()
})

test.each(ways)('much goes through a temporary file, which is gone afterwards, %s', async (_, read) => {
  const spool = new Spool()
  const lines = Array.from({ length: 200 }, (_, i) => `${i}\t${'é'.repeat(50_000)}\n`)
  for (const line of lines) await spool.write(line)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(await textOf(await read(spool))).toBe(lines.join(''))
  await spool.close()
  expect(readdirSync(folder)).toEqual([])
})

test('a spool that is closed unread leaves nothing behind', async () => {
  const spool = new Spool()
  await spool.write('x'.repeat(5_000_000))
  await spool.close()
  expect(readdirSync(folder)).toEqual([])
})
