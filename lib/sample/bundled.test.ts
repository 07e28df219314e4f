import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { entityNames } from '#lib/contract/index.ts'
import { writeBundledSample } from './bundled.ts'

const committed = path.resolve(import.meta.dirname, '../../fixtures/sample')
const fresh = mkdtempSync(path.join(tmpdir(), 'onramp-bundled-'))
const { expected } = writeBundledSample(fresh)

afterAll(() => rmSync(fresh, { recursive: true }))

const files = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(root, name)).isFile()).sort()
const WRITE_AGAIN = 'run `npm run onramp -- sample fixtures/sample --bundled`'

test('the bundled sample is what the generator writes, byte for byte', () => {
  expect(files(committed)).toEqual(files(fresh))
  for (const name of files(fresh)) {
    const same = readFileSync(path.join(committed, name)).equals(readFileSync(path.join(fresh, name)))
    expect(same, `${name}: ${WRITE_AGAIN}`).toBe(true)
  }
})

test('every row of it is expected to be accepted, rejected, superseded or identical', () => {
  for (const name of entityNames) {
    const { rows, accepted, rejected, superseded, identical, rejectedRows } = expected.entities[name]
    expect(accepted + rejected + superseded + identical, name).toBe(rows)
    expect(rejectedRows.length, name).toBe(rejected)
  }
})

test('it shows more than twenty-five kinds of trouble', () => {
  const kinds = entityNames.flatMap((name) => {
    const { rejectedRows, warnings } = expected.entities[name]
    return [...rejectedRows, ...warnings].map(({ column, code }) => `${name} ${column} ${code}`)
  })
  expect(new Set(kinds).size).toBeGreaterThan(25)
})
