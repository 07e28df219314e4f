import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>
const { packages } = read('package-lock.json') as { packages: Record<string, { version?: string; integrity?: string; link?: boolean; optional?: boolean }> }
const { dependencies, devDependencies } = read('package.json') as { dependencies: Record<string, string>; devDependencies: Record<string, string> }

/** The oldest version of each package without a hole that is known and matters here. */
const floors: Record<string, { atLeast: string; because: string; mayBeAbsent?: true }> = {
  next: { atLeast: '16.4.5', because: 'CVE-2026-119347, GHSA-673q-mjm6-r5xr, GHSA-2464-fhr4-w9xw and the proxy bypasses before them' },
  react: { atLeast: '19.3.1', because: 'CVE-2026-126187, GHSA-h3gv-c5rc-p453' },
  'react-dom': { atLeast: '19.3.1', because: 'CVE-2026-126187, GHSA-h3gv-c5rc-p453' },
  sharp: { atLeast: '0.35.5', because: 'GHSA-2464-fhr4-w9xw', mayBeAbsent: true },
  'next-auth': { atLeast: '4.24.15', because: 'CVE-2026-73418, CVE-2026-73419, CVE-2026-73420' },
  'csv-parse': { atLeast: '7.0.3', because: 'CVE-2026-85063' },
  mysql2: { atLeast: '3.9.8', because: 'CVE-2024-21508, CVE-2024-21511, CVE-2024-21512' },
  node: { atLeast: '24.21.0', because: 'the test tools refuse older ones' },
}

const numbers = (version: string) => version.split('-')[0]!.split('.').map(Number)

function isBelow(version: string, floor: string): boolean {
  const [have, need] = [numbers(version), numbers(floor)]
  const at = need.findIndex((number, i) => have[i] !== number)
  // A preview of the floor came before it.
  return at === -1 ? version.includes('-') : have[at]! < need[at]!
}

const copiesOf = (name: string) => Object.entries(packages).filter(([where]) => where === `node_modules/${name}` || where.endsWith(`/node_modules/${name}`))

test.each(Object.entries(floors))('every copy of %s is at least the version that is safe', (name, { atLeast, because, mayBeAbsent }) => {
  const copies = copiesOf(name)
  if (!mayBeAbsent) expect(copies.map(([where]) => where)).toContain(`node_modules/${name}`)
  for (const [where, { version }] of copies) expect(isBelow(version!, atLeast), `${where} is ${version}, needed is ${atLeast} (${because})`).toBe(false)
})

test('versions are compared by their numbers', () => {
  const below = [['16.4.4', '16.4.5'], ['16.3.99', '16.4.5'], ['3.9.7', '3.9.8'], ['3.8.10', '3.9.8'], ['16.4.5-canary.3', '16.4.5']]
  const enough = [['16.4.5', '16.4.5'], ['16.10.0', '16.4.5'], ['17.0.0', '16.4.5'], ['3.24.5', '3.9.8'], ['16.4.6-canary.1', '16.4.5']]
  for (const [version, floor] of below) expect(isBelow(version!, floor!), version).toBe(true)
  for (const [version, floor] of enough) expect(isBelow(version!, floor!), version).toBe(false)
})

test('every package is pinned exactly, and is the one whose checksum is written down', () => {
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version)
  }
  // Binaries for other systems are listed, and never installed where Onramp runs.
  const needed = Object.entries(packages).filter(([where, { link, optional }]) => where.includes('node_modules/') && !link && !optional)
  expect(needed.length).toBeGreaterThan(300)
  for (const [where, { integrity }] of needed) expect(integrity, where).toMatch(/^sha512-/)
})
