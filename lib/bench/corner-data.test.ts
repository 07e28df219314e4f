import { parse } from 'csv-parse/sync'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { entityOf, type EntityName } from '#lib/contract/index.ts'
import { chainOfLines, exceptions, largeCells, linesOfOneKey, rejectedLines, wideLines, type CornerData } from './corner-data.ts'
import { dataset } from './data.ts'

const root = mkdtempSync(path.join(tmpdir(), 'onramp-corners-'))
afterAll(() => rmSync(root, { recursive: true }))

async function rowsOf(name: string, { options, variation }: CornerData, entity: EntityName = 'line_item') {
  const { folder } = await dataset(root, options, { name, variation })
  return parse(readFileSync(path.join(folder, entityOf(entity).file)), { columns: true }) as Record<string, string>[]
}

test('as many line items as wanted have a total that is no number', async () => {
  const rows = await rowsOf('rejected', rejectedLines(500))
  expect(rows.filter((row) => row.total === 'n/a').length).toBe(500)
})

test('all line items have one key', async () => {
  const rows = await rowsOf('oneKey', linesOfOneKey(500))
  expect(rows.length).toBeGreaterThanOrEqual(500)
  expect(new Set(rows.map((row) => row.externalDatalineId)).size).toBe(1)
})

test('each line item of the chain hangs on the next one of the same invoice', async () => {
  const rows = await rowsOf('chain', chainOfLines(500))
  const chain = rows.slice(0, 500)
  for (const [i, row] of chain.entries()) expect(row.externalParentDatalineId).toBe(chain[i + 1]?.externalDatalineId ?? '')
  expect(new Set(chain.map((row) => row.externalDocumentId)).size).toBe(1)
})

test('as many exceptions as wanted: half are errors, half warnings', async () => {
  const rows = await rowsOf('exceptions', exceptions(200))
  expect(rows.filter((row) => row.lineNumber === 'first').length).toBe(100)
  expect(rows.filter((row) => row.markupTypeRefCd === 'guess').length).toBe(100)
})

test('a wide file has so many columns, and few cells of those that the contract does not know are filled', async () => {
  const [row] = await rowsOf('wide', wideLines(400, 10))
  expect(Object.keys(row!).length).toBe(400)
  expect(Object.entries(row!).filter(([name, cell]) => name.startsWith('custom_') && cell !== '').length).toBe(24)
})

test('a large cell has 200 KB, and each is another one', async () => {
  const rows = await rowsOf('cells', largeCells(3), 'invoice')
  for (const row of rows) expect(Math.round(row.termsAndConditions!.length / 1000)).toBe(200)
  expect(new Set(rows.map((row) => row.termsAndConditions)).size).toBe(3)
})
