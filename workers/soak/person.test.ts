import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { packageOf, wrongAnswer } from './person.ts'

test.each([[200, null], [204, undefined], [404, null], [409, null], [423, null], [429, '3'], [503, '0']])('%d with Retry-After %j may be answered', (status, retryAfter) => {
  expect(wrongAnswer(status, retryAfter)).toBeUndefined()
})

test.each([[500, '1'], [502, '1'], [504, null], [429, null], [429, ''], [503, undefined], [503, 'soon']])('%d with Retry-After %j may not', (status, retryAfter) => {
  expect(wrongAnswer(status, retryAfter)).toContain(String(status))
})

test.each([['{"load_id":"x"}', { load_id: 'x' }], ['no JSON', null], ['['.repeat(30_000) + ']'.repeat(30_000), null]])('a manifest is announced as our page reads it', (text, manifest) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'onramp-manifest-'))
  try {
    writeFileSync(path.join(folder, 'manifest.json'), text)
    expect(packageOf(folder).manifest).toEqual(manifest)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
