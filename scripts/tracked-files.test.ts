import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const { stdout, status } = spawnSync('git', ['ls-files', '-z', '--cached'], { cwd: root, encoding: 'utf8' })
const IMAGES = /\.(?:png|jpe?g|gif|ico|woff2?)$/
// This file names what it looks for.
const files = stdout.split('\0').filter((file) => file !== '' && !IMAGES.test(file) && file !== 'scripts/tracked-files.test.ts')
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
  expect(found(/(?<![\w.:/-])\/(?:work|root|home|Users)\/[\w.-]+/g)).toEqual([])
  expect(found(/[A-Z]:\\(?:Users|work)\\[\w.-]+/g)).toEqual([])
})

test('no file holds a secret', () => {
  const secrets = [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/g, /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, /\bgh[pousr]_[A-Za-z0-9]{30,}/g, /\bgithub_pat_\w{40,}/g, /\bglpat-[\w-]{20,}/g,
    /\bxox[abprs]-[\w-]{10,}/g, /\bAIza[\w-]{35}/g, /\bsk_(?:live|test)_\w{16,}/g, /\bnpm_[A-Za-z0-9]{36}/g, /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
    /\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]{16,}/g,
  ]
  for (const secret of secrets) expect(found(secret)).toEqual([])
  // A word where the password stands explains the form of an address, or opens nothing but a database of tests.
  const explained = /:(?:\$\{[^}]+\}|[a-z]{1,12}|\*+)@$/
  expect(found(/\b(?:mysql|mariadb|postgres(?:ql)?|mongodb|redis|amqp|https?|ftp):\/\/[^\s/'"`:@]+:[^\s'"`@]+@/g, (text) => explained.test(text))).toEqual([])
})

test('nothing that belongs to an installation is kept with the sources', () => {
  expect(files.filter((file) => /(^|\/)(?:\.env(?:\..+)?|onramp\.yaml|session-secret|id_[a-z0-9]+|.*\.(?:pem|key|p12|sqlite|sql\.gz))$/.test(file))).toEqual([])
})
