import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keepSecret, keptSecret, readSecret } from './secret-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'onramp-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a secret is made once, kept for its owner alone, and never replaced', () => {
  const file = path.join(folder, 'deep', 'secret')
  expect(readSecret(file)).toBeUndefined()
  expect(keptSecret(file, () => 'first')).toBe('first')
  keepSecret(file, 'second')
  expect(keptSecret(file, () => 'third')).toBe('first')
  expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700])
  expect(readdirSync(path.dirname(file))).toEqual(['secret'])
})

test('a file that was left empty, as by a power failure, holds none', () => {
  const file = path.join(folder, 'empty')
  writeFileSync(file, '')
  expect(readSecret(file)).toBeUndefined()
  expect(keptSecret(file, () => 'made')).toBe('made')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
