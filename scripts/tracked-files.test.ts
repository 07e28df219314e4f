import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { addressWithPassword, foldersOfPeople, secrets } from './secrets.ts'

const root = path.join(import.meta.dirname, '..')
const { stdout, status } = spawnSync('git', ['ls-files', '-z', '--cached'], { cwd: root, encoding: 'utf8' })
const IMAGES = /\.(?:png|jpe?g|gif|ico|woff2?)$/
// These two name what is looked for.
const files = stdout.split('\0').filter((file) => file !== '' && !IMAGES.test(file) && !['scripts/tracked-files.test.ts', 'scripts/secrets.ts'].includes(file))
const texts = files.flatMap((file) => {
  try {
    return [[file, readFileSync(path.join(root, file), 'utf8')] as const]
  } catch (error) {
    // Deleted, and not committed yet.
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
})

/** Where a pattern is found: file, line and the text itself. */
const found = (pattern: RegExp, allowed: (text: string, file: string) => boolean = () => false) => texts.flatMap(([file, text]) =>
  [...text.matchAll(pattern)].filter(([match]) => !allowed(match, file)).map((match) => `${file}:${text.slice(0, match.index).split('\n').length}: ${match[0]}`))

test('the files of the repository are known', () => {
  expect(status).toBe(0)
  expect(texts.length).toBeGreaterThan(300)
})

test('no file names a package registry', () => {
  expect(found(/\bregistry\.[a-z0-9-]+\.[a-z]+|\b[a-z0-9.-]*(?:artifactory|jfrog|verdaccio|nexus)\.[a-z0-9.-]+|^\s*"resolved": "http.*|^(?:@[\w-]+:)?registry\s*=.*/gim)).toEqual([])
})

test('no file names a folder of somebody’s machine', () => {
  for (const folder of foldersOfPeople) expect(found(folder)).toEqual([])
})

test('no file holds a secret', () => {
  for (const secret of secrets) expect(found(secret)).toEqual([])
  // A word where the password stands explains the form of an address, or opens nothing but a database of tests.
  const explained = /:(?:\$\{[^}]+\}|[a-z]{1,12}|\*+)@$/
  expect(found(addressWithPassword, (text) => explained.test(text))).toEqual([])
})

test('nothing that belongs to an installation is kept with the sources', () => {
  expect(files.filter((file) => /(^|\/)(?:\.env(?:\..+)?|onramp\.yaml|session-secret|id_[a-z0-9]+|.*\.(?:pem|key|p12|sqlite|sql\.gz))$/.test(file))).toEqual([])
})
