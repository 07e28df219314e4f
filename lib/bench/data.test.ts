import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataset, deliveredAgain } from './data.ts'

const root = mkdtempSync(path.join(tmpdir(), 'onramp-data-'))
afterAll(() => rmSync(root, { recursive: true }))

test('data is counted as it is on the disk', async () => {
  const { files, rows, bytes, lineItems, loadName } = await dataset(root, { invoices: 50, parts: 10 })
  const records = files.map(({ path: file }) => readFileSync(file, 'utf8').replace(/"[^"]*"/g, '').trim().split('\n').length - 1)
  expect(files.map((file) => file.rows)).toEqual(records)
  expect(rows).toBe(records.reduce((a, b) => a + b))
  expect(bytes).toBe(files.reduce((sum, file) => sum + statSync(file.path).size, 0))
  expect(lineItems).toBe(files.find((file) => file.entity === 'line_item')!.rows)
  expect(loadName).toBe('torqueline/0417/2025-08-30_torqueline')
})

test('data that is whole is used again; data that was cut short is made again, and other options make other data', async () => {
  const first = await dataset(root, { invoices: 20 })
  const mark = path.join(first.folder, 'mark')
  writeFileSync(mark, '')
  expect((await dataset(root, { invoices: 20 })).folder).toBe(first.folder)
  expect(existsSync(mark)).toBe(true)
  expect((await dataset(root, { invoices: 20, keys: 'uuid' })).folder).not.toBe(first.folder)
  rmSync(path.resolve(first.folder, '../../../../whole.json'))
  await dataset(root, { invoices: 20 })
  expect(existsSync(mark)).toBe(false)
})

test('the same bytes delivered again have a load id of their own', async () => {
  const first = await dataset(root, { invoices: 20 })
  const again = deliveredAgain(first, 'again')
  expect(again.loadName).toBe('torqueline/0417/again')
  expect((JSON.parse(readFileSync(path.join(again.folder, 'manifest.json'), 'utf8')) as { load_id: string }).load_id).toBe('again')
  expect(again.files.map((file) => readFileSync(file.path, 'utf8'))).toEqual(first.files.map((file) => readFileSync(file.path, 'utf8')))
})
