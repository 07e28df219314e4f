import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { cannotRead } from './deliver-folder.ts'
import { folderSource, readSmall } from '#lib/ingest/source.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a file that cannot be opened is the error of who reads it, however late that is', async () => {
  const stream = folderSource(folder).open('suppliers.csv')
  await sleep(50)
  await expect(stream.toArray()).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(readSmall(folderSource(folder), 'manifest.json', 10)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a file whose reader is late is read whole', async () => {
  writeFileSync(path.join(folder, 'customers.csv'), 'x'.repeat(3_000_000))
  const stream = folderSource(folder).open('customers.csv')
  await sleep(50)
  expect(Buffer.concat(await stream.toArray() as Buffer[]).length).toBe(3_000_000)
})

test('what cannot be read in a folder is told by its name, and nothing else is taken for it', () => {
  const error = (place: string, code = 'EACCES') => Object.assign(new Error(code), { code, syscall: 'open', path: place })
  expect(cannotRead(error('/in/P/S/L/suppliers.csv'), '/in/P/S/L')?.message).toBe('suppliers.csv cannot be read: this user may not read it. Nothing was loaded.')
  expect(cannotRead(error('/in/P/S/L', 'EIO'), '/in/P/S/L/')?.message).toBe('The folder "/in/P/S/L/" cannot be read: EIO. Nothing was loaded.')
  for (const other of [error('/store/suppliers.csv'), error('/in/P/S/L2/suppliers.csv'), new Error('x'), Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' })]) {
    expect(cannotRead(other, '/in/P/S/L')).toBeUndefined()
  }
})
